"""When each token was last used, for the people who look through what has access to their account.

To the hour is enough: a token whose note is older is noted here while its caller is looked up, and all of them are
written together a little later, so that no request waits for it. What a process that dies had not written yet is
noted again with the token's next call.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from node import clock
from node.bus import Unsubscribe
from node.models.fields import to_milliseconds
from node.services import access

log = structlog.get_logger()

HOUR: Final = 3_600_000
PAUSE_SECONDS: Final = 10.0

_used: set[int] = set()
_writing: set[asyncio.Task[None]] = set()


def note(token_id: int, last_used_at: int | None) -> None:
    """A call came with this token, whose note is of `last_used_at` (milliseconds)."""
    if last_used_at is not None and last_used_at > to_milliseconds(clock.now()) - HOUR:
        return
    _used.add(token_id)
    if not _writing:
        task = asyncio.create_task(_write_soon(), name="token_use")
        _writing.add(task)
        task.add_done_callback(_writing.discard)


async def write_down() -> None:
    """Write what was noted."""
    used = sorted(_used)
    _used.clear()
    await access.remember_use(used)


def end_at_close() -> Unsubscribe:
    """What ends the writing when the process closes."""

    def end() -> None:
        _used.clear()
        for task in _writing:
            task.cancel()
        _writing.clear()

    return end


async def _write_soon() -> None:
    await asyncio.sleep(PAUSE_SECONDS)
    try:
        await write_down()
    except Exception:
        log.exception("token_use_not_written")
