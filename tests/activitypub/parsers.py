"""Every parser of documents, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activitypub.nodeinfo import parse_nodeinfo, parse_nodeinfo_links
from activitypub.parse import (
    parse_activity,
    parse_actor,
    parse_collection,
    parse_note,
    parse_object,
    parse_public_key,
    parse_quote_authorization,
    parse_tombstone,
)
from activitypub.parse.featuring import parse_feature_authorization, parse_featured_collection
from activitypub.render import render_activity, render_actor, render_note
from activitypub.types import Activity, Actor, Note
from activitypub.webfinger import parse_webfinger

PARSERS: tuple[Callable[[dict[str, Any]], Any], ...] = (
    parse_activity,
    parse_actor,
    parse_collection,
    parse_nodeinfo,
    parse_nodeinfo_links,
    parse_note,
    parse_feature_authorization,
    parse_featured_collection,
    parse_object,
    parse_public_key,
    parse_quote_authorization,
    parse_tombstone,
    parse_webfinger,
)


def read_again(read: object) -> Any:
    """What was read, written and read once more; `None` for what is not written. Raises `ParseError`."""
    if isinstance(read, Actor):
        return parse_actor(render_actor(read))
    if isinstance(read, Note):
        return parse_note(render_note(read))
    if isinstance(read, Activity):
        return parse_activity(render_activity(read))
    return None
