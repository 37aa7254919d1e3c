"""What has to happen now and then to streams on which nothing happens: one coroutine for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

import structlog

from api import auth
from api.streaming.frames import THUMP
from api.streaming.streams import Stream, open_streams

BEAT_SECONDS: Final = 15
LOOK_AGAIN_SECONDS: Final = 300
"""How often every token is looked at again: the message that one was revoked may have been lost."""
BATCH: Final = 1000

log = structlog.get_logger()


class Heart:
    """Sends every event stream a line that means nothing, fifteen seconds after it was opened and ever again."""

    def __init__(self) -> None:
        self._slots: tuple[set[Stream], ...] = tuple(set() for _ in range(BEAT_SECONDS))
        self._second = 0
        self._beating: asyncio.Task[None] | None = None

    def keep(self, stream: Stream) -> None:
        """Look after a stream that was just opened."""
        if not stream.is_socket:
            self._slots[self._second % BEAT_SECONDS].add(stream)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.get_running_loop().create_task(self._beat(), name="streams")

    def let_go(self, stream: Stream) -> None:
        """It is closed."""
        for slot in self._slots:
            slot.discard(stream)

    def stop(self) -> None:
        """Stand still until the next stream is opened."""
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None

    async def _beat(self) -> None:
        while len(open_streams):
            await asyncio.sleep(1)
            self._second += 1
            self.thump(self._second)
            if self._second % LOOK_AGAIN_SECONDS == 0:
                await end_revoked(open_streams.all())

    def thump(self, second: int) -> None:
        """Those whose turn it is."""
        for stream in tuple(self._slots[second % BEAT_SECONDS]):
            if not stream.is_behind:
                stream.push(THUMP)


async def end_revoked(streams: Collection[Stream]) -> None:
    """Close those of these streams whose token is gone or whose person may no longer use the API."""
    token_ids = sorted({stream.caller.token_id for stream in streams})
    good: set[int] = set()
    try:
        for start in range(0, len(token_ids), BATCH):
            good |= await auth.still_good(token_ids[start : start + BATCH])
    except Exception:
        log.exception("tokens_of_streams_not_checked")
        return
    for stream in streams:
        if stream.caller.token_id not in good:
            stream.end()


heart: Final = Heart()
