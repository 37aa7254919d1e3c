"""Publish and subscribe between processes: in memory for one process, Redis for several.

Messages are hints (wake up, this changed, tell the open streams): whatever must not be lost is a row in the database.
Callbacks run on the event loop and must not block.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec
import structlog

log = structlog.get_logger()

Callback = Callable[[dict[str, Any]], None]
Unsubscribe = Callable[[], None]


class Bus(Protocol):
    """What both buses can do."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect; subscriptions end."""

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        """Send `message` (plain JSON values) to every subscriber of `channel`, without waiting for them."""

    def subscribe(self, channel: str, callback: Callback) -> Unsubscribe:
        """Have `callback` called with every message of `channel`; returns what ends that."""


class _Subscribers:
    """The local half both buses share: who listens to what in this process."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callback]] = defaultdict(list)

    def subscribe(self, channel: str, callback: Callback) -> Unsubscribe:
        self._callbacks[channel].append(callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._callbacks[channel].remove(callback)
            if not self._callbacks[channel]:
                del self._callbacks[channel]

        return unsubscribe

    def hand_out(self, channel: str, message: dict[str, Any]) -> None:
        for callback in tuple(self._callbacks.get(channel, ())):
            try:
                callback(message)
            except Exception:
                log.exception("bus_callback_failed", channel=channel)


class MemoryBus(_Subscribers):
    """For a node that is one process."""

    def __init__(self) -> None:
        super().__init__()
        self._overhearing: list[Callable[[str, dict[str, Any]], None]] = []

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        self._callbacks.clear()

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        for listener in self._overhearing:
            listener(channel, message)
        self.hand_out(channel, message)

    @contextlib.contextmanager
    def overheard_by(self, listener: Callable[[str, dict[str, Any]], None]) -> Iterator[None]:
        """Have `listener` called with everything that is published meanwhile, whatever the channel."""
        self._overhearing.append(listener)
        try:
            yield
        finally:
            self._overhearing.remove(listener)


class RedisBus(_Subscribers):
    """For several processes. The publisher's own process hears a message at once, the others through Redis.

    When Redis is away the others miss it and the connection is tried again: the database still knows everything.
    """

    PREFIX = "heliograph:"
    QUEUE_LIMIT = 10_000
    RETRY_SECONDS = 1.0

    def __init__(self, url: str) -> None:
        super().__init__()
        from redis.asyncio import Redis

        self._redis: Redis = Redis.from_url(url)
        self._name = secrets.token_hex(8)
        self._outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(self.QUEUE_LIMIT)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        listening = asyncio.Event()
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._listen(listening))]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(listening.wait(), 2)

    async def close(self) -> None:
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            # Again and again: redis-py swallows a cancellation that comes just as it ends a command.
            _, pending = await asyncio.wait(pending, timeout=0.2)
        await self._redis.aclose()

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        try:
            self._outgoing.put_nowait((self.PREFIX + channel, msgspec.json.encode((self._name, message))))
        except asyncio.QueueFull:
            log.warning("bus_queue_full", channel=channel)
        self.hand_out(channel, message)

    async def _send(self) -> None:
        from redis.exceptions import RedisError

        while True:
            channel, body = await self._outgoing.get()
            try:
                await self._redis.publish(channel, body)
            except (RedisError, OSError) as error:
                log.warning("bus_unreachable", error=str(error))
                await asyncio.sleep(self.RETRY_SECONDS)

    async def _listen(self, listening: asyncio.Event) -> None:
        from redis.exceptions import RedisError

        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(self.PREFIX + "*")
                    listening.set()
                    async for item in pubsub.listen():
                        if item["type"] == "pmessage":
                            self._hear(item["channel"].decode().removeprefix(self.PREFIX), item["data"])
            except (RedisError, OSError) as error:
                log.warning("bus_unreachable", error=str(error))
                await asyncio.sleep(self.RETRY_SECONDS)

    def _hear(self, channel: str, body: bytes) -> None:
        sender, message = msgspec.json.decode(body)
        if sender != self._name:
            self.hand_out(channel, message)


def make_bus(redis_url: str | None) -> Bus:
    """The bus the settings ask for."""
    return RedisBus(redis_url) if redis_url else MemoryBus()
