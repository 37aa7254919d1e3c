"""Many remote hosts in one process: each a loopback address whose inboxes note the time and answer 202."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast

import uvloop

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


class _Inbox(asyncio.Protocol):
    def __init__(self, address: str, delay: float, arrivals: dict[str, list[float]]) -> None:
        self._address = address
        self._delay = delay
        self._arrivals = arrivals
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (head_end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:head_end]).lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < head_end + 4 + length:
                return
            del self._buffer[: head_end + 4 + length]
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        self._arrivals.setdefault(self._address, []).append(time.monotonic())
        if not self._transport.is_closing():
            self._transport.write(ACCEPTED)


async def _serve(pipe: Connection, hosts: int, slow: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    arrivals: dict[str, list[float]] = {}
    addresses = []
    for number in range(hosts):
        pause = delay if number < slow else 0.0
        name = f"127.0.1.{number + 1}"
        server = await loop.create_server(
            lambda name=name, pause=pause: _Inbox(name, pause, arrivals), name, 0, backlog=512
        )
        addresses.append(f"{name}:{server.sockets[0].getsockname()[1]}")
    pipe.send(addresses)
    stop = asyncio.Event()

    def asked() -> None:
        if pipe.recv() == "stop":
            stop.set()
            return
        pipe.send({address: list(times) for address, times in arrivals.items()})
        arrivals.clear()

    loop.add_reader(pipe.fileno(), asked)
    await stop.wait()


def _in_child(pipe: Connection, hosts: int, slow: int, delay: float) -> None:
    uvloop.run(_serve(pipe, hosts, slow, delay))


@dataclass(frozen=True, slots=True)
class Peers:
    """The running hosts: `addresses` are `ip:port`; the first `slow` of them answer late."""

    addresses: list[str]
    slow: int
    _pipe: Connection

    def take_arrivals(self) -> dict[str, list[float]]:
        """When activities arrived (monotonic seconds) by host address without port, since last asked."""
        self._pipe.send("take")
        arrivals: dict[str, list[float]] = self._pipe.recv()
        return arrivals

    def slow_hosts(self) -> set[str]:
        """The addresses without port of the hosts that answer late."""
        return {address.split(":")[0] for address in self.addresses[: self.slow]}


@contextmanager
def peers(hosts: int, *, slow: int = 0, delay: float = 0.0) -> Iterator[Peers]:
    """Run so many hosts, the first `slow` of which wait `delay` seconds before each answer."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(theirs, hosts, slow, delay))
    child.start()
    try:
        yield Peers(ours.recv(), slow, ours)
    finally:
        ours.send("stop")
        child.join(5)
        if child.is_alive():
            child.kill()
