"""A load generator: ready request bytes over keep-alive connections, in a process of its own.

It does as little as possible for each answer (find the status and the length), so that on two cores the server, not
the generator, is what is measured.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast
from urllib.parse import urlsplit

import uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: answers per second, latencies in milliseconds, answers that were not 2xx."""

    requests: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


def request_bytes(method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """An HTTP/1.1 request as it goes over the wire."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1"]
    all_headers = {"Host": parts.netloc, **(headers or {})}
    if body:
        all_headers["Content-Length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in all_headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Client(asyncio.Protocol):
    """One connection: sends the next request as soon as the last is answered."""

    def __init__(self, source: Iterator[bytes], until: float, done: asyncio.Future[None]) -> None:
        self._source = source
        self._until = until
        self._done = done
        self._buffer = bytearray()
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.errors = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        if time.perf_counter() >= self._until:
            self._finish()
            return
        request = next(self._source, None)
        if request is None:
            self._finish()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        if self._buffer[9:10] != b"2":
            self.errors += 1
        self._buffer.clear()
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self.errors += 1
            self._done.set_result(None)

    def _finish(self) -> None:
        if not self._done.done():
            self._done.set_result(None)
        self._transport.close()


async def _run(url: str, requests: Sequence[bytes], connections: int, seconds: float, repeat: bool) -> Load:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    source: Iterator[bytes] = itertools.cycle(requests) if repeat else iter(requests)
    started = time.perf_counter()
    clients: list[_Client] = []
    waits = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _, client = await loop.create_connection(
            lambda done=done: _Client(source, started + seconds, done), parts.hostname, parts.port
        )
        clients.append(client)
        waits.append(done)
    await asyncio.gather(*waits)
    elapsed = time.perf_counter() - started
    latencies = sorted(itertools.chain.from_iterable(client.latencies for client in clients))
    count = len(latencies)
    return Load(
        requests=count,
        seconds=elapsed,
        per_second=count / elapsed if elapsed else 0.0,
        p50_ms=latencies[count // 2] * 1000 if latencies else 0.0,
        p99_ms=latencies[int(count * 0.99)] * 1000 if latencies else 0.0,
        errors=sum(client.errors for client in clients),
    )


def _in_child(
    pipe: Connection, url: str, requests: list[bytes], connections: int, seconds: float, repeat: bool
) -> None:
    pipe.send(uvloop.run(_run(url, requests, connections, seconds, repeat)))


def generate(
    url: str, requests: Sequence[bytes], *, connections: int = 16, seconds: float = 5.0, repeat: bool = True
) -> Load:
    """Send `requests` to the server of `url` for so long, over and over, or once each when `repeat` is off."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(theirs, url, list(requests), connections, seconds, repeat))
    child.start()
    try:
        if not ours.poll(seconds + 60):
            raise TimeoutError("the load generator did not come back")
        result: Load = ours.recv()
    finally:
        child.join(5)
        if child.is_alive():
            child.kill()
    return result
