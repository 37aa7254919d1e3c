"""The host in front of the stored files, which may keep what it has once served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from media.storage import is_private
from node import jobs
from node.runtime import runtime

FORGET: Final = "purge_front"


async def forget_soon(keys: Sequence[str]) -> None:
    """Have it forget files that are gone from their addresses; `federation.front` asks it to."""
    settings = runtime().settings.media
    had_addresses = [key for key in keys if not is_private(key)]
    if had_addresses and settings.public_url and settings.purge_public_url:
        await jobs.enqueue(FORGET, {"keys": had_addresses})
