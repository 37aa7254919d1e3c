"""Many open streams on one node: event streams and WebSockets in turn, each of a follower of its own.

The other ends live in a process of their own and do nothing but wait for the event.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast
from urllib.parse import urlsplit

import uvloop

from benchmarks.load import request_bytes

AT_ONCE = 50
PATIENCE = 60.0
_UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class StreamsFailed(Exception):
    """Not every stream was opened, or not all of them heard."""


class _Listener(asyncio.Protocol):
    """One connection: open once the server has answered, and told once `update` has come."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._request = request
        self.opened: asyncio.Future[None] = loop.create_future()
        self.told: asyncio.Future[float] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            if data.startswith((b"HTTP/1.1 200", b"HTTP/1.1 101")):
                self.opened.set_result(None)
            else:
                self.opened.set_exception(StreamsFailed(data[:200].decode("latin-1")))
        if not self.told.done() and (b"event: update" in data or b'"event":"update"' in data):
            self.told.set_result(time.monotonic())

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.opened, self.told):
            if not future.done():
                future.set_exception(StreamsFailed("a stream was closed"))


async def _listen(url: str, requests: Sequence[bytes], pipe: Connection) -> None:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    listeners: list[_Listener] = []
    for start in range(0, len(requests), AT_ONCE):
        some = [_Listener(request) for request in requests[start : start + AT_ONCE]]
        await asyncio.gather(*(loop.create_connection(lambda one=one: one, parts.hostname, parts.port) for one in some))
        await asyncio.gather(*(one.opened for one in some))
        listeners += some
    pipe.send("open")
    moments = await asyncio.gather(*(one.told for one in listeners))
    pipe.send(max(moments))
    await asyncio.to_thread(pipe.recv)


def _in_child(pipe: Connection, url: str, requests: list[bytes]) -> None:
    allow_many_files()
    try:
        uvloop.run(_listen(url, requests, pipe))
    except (StreamsFailed, OSError) as error:
        pipe.send(str(error))


def allow_many_files() -> None:
    """Each stream is an open file: take as many as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@dataclass(frozen=True, slots=True)
class Streams:
    """Streams that are open."""

    pipe: Connection

    def all_told(self) -> float:
        """Wait until the last of them has the event; when that was, by the monotonic clock."""
        moment = _answer(self.pipe)
        if not isinstance(moment, float):
            raise StreamsFailed(str(moment))
        return moment


def _answer(pipe: Connection) -> object:
    if not pipe.poll(PATIENCE):
        raise StreamsFailed("the streams did not come to an end")
    answer: object = pipe.recv()
    return answer


@contextlib.contextmanager
def open_streams(url: str, tokens: Sequence[str], kinds: Sequence[str] = ("events", "socket")) -> Iterator[Streams]:
    """A home stream for each of `tokens`, of the two kinds in turn, open until the block ends."""
    requests = [_request(url, kinds[number % len(kinds)], token) for number, token in enumerate(tokens)]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(theirs, url, requests))
    child.start()
    try:
        if (answer := _answer(ours)) != "open":
            raise StreamsFailed(str(answer))
        yield Streams(ours)
    finally:
        ours.send("close")
        child.join(5)
        if child.is_alive():
            child.kill()


def _request(url: str, kind: str, token: str) -> bytes:
    authorised = {"Authorization": f"Bearer {token}"}
    if kind == "events":
        return request_bytes("GET", f"{url}/api/v1/streaming/user", authorised)
    return request_bytes("GET", f"{url}/api/v1/streaming?stream=user", {**authorised, **_UPGRADE})
