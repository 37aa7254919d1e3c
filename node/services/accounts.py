"""Accounts: made, changed, received from elsewhere, deleted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from activitypub.signatures.keys import generate_rsa_key, public_pem
from node import clock, db, events, jobs, urls
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import LOCAL, Account, ActorKey
from node.models.fields import to_milliseconds
from node.runtime import runtime
from node.services import domains
from node.services.account_removal import PURGE
from node.services.remote_profiles import RemoteProfile, receive_profile
from node.text import clean, clean_line, render_caption, render_line

__all__ = [
    "LocalProfile",
    "ProfileChanges",
    "RemoteProfile",
    "by_handle",
    "by_ids",
    "by_uri",
    "create_local",
    "delete_local",
    "get",
    "new_key",
    "receive_deletion",
    "receive_profile",
    "update_profile",
]
