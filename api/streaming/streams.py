"""The open streams of this process: who has which, and what still waits to be sent to them."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from api.auth import Caller
from api.streaming.channels import Address, Channel

MOST_WAITING: Final = 256
"""Messages a stream may fall behind before it is dropped; they are shared, so what waits costs next to nothing."""
STALL_SECONDS: Final = 30.0
"""How long one message may take to leave before its stream is dropped."""
FAREWELL_SECONDS: Final = 1.0
MOST_OF_A_TOKEN: Final = 40
MOST_OF_AN_ADDRESS: Final = 1000

Send = Callable[[Any], Awaitable[None]]
Message = Mapping[str, Any]
"""An ASGI message, the same object for every stream that gets it."""


class Stream:
    """One connection. Nothing of it runs while it is idle but the coroutine that waits for its end."""

    __slots__ = ("_leaving", "_sending", "_task", "_waiting", "address", "caller", "is_socket", "send", "subscriptions")

    def __init__(self, caller: Caller, address: str, send: Send, *, is_socket: bool) -> None:
        self.caller = caller
        self.address = address
        self.send = send
        self.is_socket = is_socket
        self.subscriptions: dict[tuple[Address, ...], Subscription] = {}
        self._waiting: deque[Message] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._task = asyncio.current_task()
        self._leaving = False

    @property
    def is_leaving(self) -> bool:
        """Whether it was told to end."""
        return self._leaving

    @property
    def is_behind(self) -> bool:
        """Whether something still waits to be sent."""
        return self._sending is not None

    def push(self, message: Message) -> None:
        """Send as soon as the connection takes it. A reader that lets too much pile up is dropped."""
        if self._leaving:
            return
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= MOST_WAITING:
            self.end()
            return
        self._waiting.append(message)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        try:
            while self._waiting:
                async with asyncio.timeout(STALL_SECONDS):
                    await self.send(self._waiting.popleft())
        except Exception:  # Too slow, or gone: either way it is over, and its own coroutine says goodbye.
            self._sending = None
            self.end()
        else:
            self._sending = self._waiting = None

    def end(self) -> None:
        """Close the connection: its coroutine is interrupted, and says goodbye."""
        if self._leaving:
            return
        self.leave()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def leave(self) -> None:
        """Send nothing more, and forget what waits."""
        self._leaving = True
        self._waiting = None
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    async def say_goodbye(self, message: Message) -> None:
        """The last message, if the other side takes it within a moment."""
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.send(message)
        except Exception:  # It was told; whether it listens is its own affair.
            return


class Subscription:
    """A stream's interest in one channel; of a connection that has several, each is its own."""

    __slots__ = ("channel", "stream")

    def __init__(self, stream: Stream, channel: Channel) -> None:
        self.stream = stream
        self.channel = channel


class OpenStreams:
    """Every stream of this process, found by what it listens to and by whose it is."""

    def __init__(self) -> None:
        self._by_address: dict[str, dict[int | str, set[Subscription]]] = defaultdict(dict)
        self._streams: set[Stream] = set()
        self._of_token: Counter[int] = Counter()
        self._of_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._streams)

    def has_room(self, token_id: int, address: str) -> bool:
        """Whether one more may be opened with this token from there."""
        return self._of_token[token_id] < MOST_OF_A_TOKEN and self._of_address[address] < MOST_OF_AN_ADDRESS

    def add(self, stream: Stream) -> None:
        """It is open from now on."""
        self._streams.add(stream)
        self._of_token[stream.caller.token_id] += 1
        self._of_address[stream.address] += 1

    def remove(self, stream: Stream) -> None:
        """It is open no more."""
        if stream not in self._streams:
            return
        self._streams.remove(stream)
        for subscription in tuple(stream.subscriptions.values()):
            self.unsubscribe(stream, subscription.channel)
        _count_down(self._of_token, stream.caller.token_id)
        _count_down(self._of_address, stream.address)

    def subscribe(self, stream: Stream, channel: Channel) -> None:
        """Send what is told on `channel`; once, however often it is asked for."""
        if channel.addresses in stream.subscriptions or stream not in self._streams:
            return
        subscription = Subscription(stream, channel)
        stream.subscriptions[channel.addresses] = subscription
        for kind, key in channel.addresses:
            self._by_address[kind].setdefault(key, set()).add(subscription)

    def unsubscribe(self, stream: Stream, channel: Channel) -> None:
        """Send nothing more of `channel`."""
        subscription = stream.subscriptions.pop(channel.addresses, None)
        if subscription is None:
            return
        for kind, key in channel.addresses:
            listening = self._by_address[kind][key]
            listening.discard(subscription)
            if not listening:
                del self._by_address[kind][key]

    def keys(self, kind: str) -> Collection[int | str]:
        """Whose, or which, streams of a kind are open."""
        return self._by_address[kind].keys()

    def at(self, kind: str, key: int | str = "") -> Collection[Subscription]:
        """Who listens there."""
        return self._by_address[kind].get(key, ())

    def of_users(self, user_ids: Collection[int]) -> list[Stream]:
        """The streams of these people."""
        return [stream for stream in self._streams if stream.caller.user_id in user_ids]

    def of_account(self, account_id: int) -> list[Stream]:
        """The streams of one account."""
        return [stream for stream in self._streams if stream.caller.account_id == account_id]

    def all(self) -> list[Stream]:
        """All of them."""
        return list(self._streams)


def _count_down(counter: Counter[Any], key: int | str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


open_streams: Final = OpenStreams()
