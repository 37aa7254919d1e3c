"""From events to streams: who is told of what, decided once for each event, in the order they happened."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from api.streaming import notices, posts
from api.streaming.heartbeat import end_revoked, heart
from api.streaming.streams import open_streams
from node import events
from node.bus import Unsubscribe
from node.runtime import runtime
from node.services.access import TOKENS_CHANGED

MOST_PENDING: Final = 2000
"""Events that may wait to be told. Beyond that the streams, which promise nothing, miss some."""

log = structlog.get_logger()


class Teller:
    """Tells one event after the other; idle, it is nothing but an empty queue."""

    def __init__(self) -> None:
        self._pending: deque[Callable[[], Awaitable[None]]] = deque()
        self._telling: asyncio.Task[None] | None = None

    def soon(self, tell: Callable[[Any], Awaitable[None]], event: Any) -> None:
        """Have `tell(event)` done after what came before it, if anybody listens at all."""
        if not len(open_streams):
            return
        if len(self._pending) >= MOST_PENDING:
            log.warning("streams_overrun", event=type(event).__name__)
            return
        self._pending.append(lambda: tell(event))
        if self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._tell_all(), name="telling")

    async def _tell_all(self) -> None:
        try:
            while self._pending:
                try:
                    await self._pending.popleft()()
                except Exception:
                    log.exception("telling_failed")
        finally:
            self._telling = None

    async def finish(self) -> None:
        """Wait until everything that happened so far is told."""
        while self._telling is not None:
            await asyncio.wait({self._telling})

    def stop(self) -> None:
        """Forget what has not been told."""
        self._pending.clear()
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None


teller: Final = Teller()

_TOLD: Final[tuple[tuple[type[events.Event], Callable[[Any], Awaitable[None]]], ...]] = (
    (events.PostPublished, posts.tell_new),
    (events.PostReceived, posts.tell_new),
    (events.PostEdited, posts.tell_edit),
    (events.ReceivedPostEdited, posts.tell_edit),
    (events.QuoteAnswered, posts.tell_edit),
    (events.PostGone, posts.tell_gone),
    (events.NotificationCreated, notices.tell_notification),
    (events.NotificationsMerged, notices.tell_merged),
    (events.FiltersChanged, notices.tell_filters),
    (events.ConversationChanged, notices.tell_conversation),
    (events.AnnouncementPublished, notices.tell_announcement),
    (events.AnnouncementReactionChanged, notices.tell_reaction),
    (events.AnnouncementRemoved, notices.tell_announcement_removed),
)


def connect() -> Unsubscribe:
    """Tell the streams of this process what happens from now on; what is returned ends that, and them."""
    endings = [events.listen(kind, functools.partial(teller.soon, tell)) for kind, tell in _TOLD]
    endings.append(events.listen(events.AccountDeleted, lambda event: _end_account(event.account_id)))
    endings.append(runtime().bus.subscribe(TOKENS_CHANGED, _look_at_tokens))

    def end() -> None:
        for ending in endings:
            ending()
        teller.stop()
        heart.stop()
        end_all()

    return end


def end_all() -> None:
    """Close every stream of this process."""
    for stream in open_streams.all():
        stream.end()


def _end_account(account_id: int) -> None:
    for stream in open_streams.of_account(account_id):
        stream.end()


def _look_at_tokens(message: dict[str, Any]) -> None:
    """Tokens, password or standing of somebody changed: their streams go on only if their tokens still do."""
    if message["user_id"] is not None and (streams := open_streams.of_users({message["user_id"]})):
        teller.soon(end_revoked, streams)
