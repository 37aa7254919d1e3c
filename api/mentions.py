"""Handles of other servers in a text, made known here before the text is published."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from federation import resolve
from node.services import mentions
from node.text import find_mentions

log = structlog.get_logger()

MAX_RESOLVED: Final = 10
DEADLINE_SECONDS: Final = 5.0


async def make_known(*texts: str) -> None:
    """Look up the accounts of other servers that the texts name and that are not known here.

    At most `MAX_RESOLVED`, side by side, for `DEADLINE_SECONDS`; whoever is not found in that stays plain text.
    """
    text = "\n".join(texts)
    handles = {f"{username}@{domain}" for username, domain in find_mentions(text) if domain}
    if not handles:
        return
    known = await mentions.known_accounts(text)
    unknown = sorted(handles - known.keys())[:MAX_RESOLVED]
    if not unknown:
        return
    tasks = [asyncio.create_task(_resolve(handle)) for handle in unknown]
    _, late = await asyncio.wait(tasks, timeout=DEADLINE_SECONDS)
    for task in late:
        task.cancel()


async def _resolve(handle: str) -> None:
    try:
        await resolve.resolve_handle(handle)
    except resolve.ResolveError as error:
        log.info("mention_not_resolved", handle=handle, reason=error.reason)
