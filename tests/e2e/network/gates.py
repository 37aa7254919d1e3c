"""Doors of nodes that can be shut: a node behind one cannot be reached by other nodes, and cannot reach them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PIECE = 65536
HEAD_SECONDS = 10.0
_CALLER = re.compile(rb"(?im)^user-agent:[^\r\n]*\(\+http://localhost:(\d+)/\)")


class Gates:
    """TCP doors in a thread of their own. People of a node come through even when it is cut off from other nodes."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._shut: set[int] = set()
        self._open: dict[asyncio.StreamWriter, tuple[int, int | None]] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def add(self, behind: Callable[[], int]) -> int:
        """A new door; its port. `behind` says on which port the node listens now."""
        return asyncio.run_coroutine_threadsafe(self._add(behind), self._loop).result()

    def shut(self, port: int) -> None:
        """Cut the node behind this door off from every other."""
        self._loop.call_soon_threadsafe(self._cut, port)

    def open(self, port: int) -> None:
        """Let it back into the network."""
        self._loop.call_soon_threadsafe(self._shut.discard, port)

    async def _add(self, behind: Callable[[], int]) -> int:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._pass(port, behind, reader, writer)
            writer.transport.abort()

        server = await asyncio.start_server(answer, HOST, 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _pass(
        self, port: int, behind: Callable[[], int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        found = _CALLER.search(head)
        caller = int(found[1]) if found else None
        if caller is not None and self._shut & {port, caller}:
            return
        there, back = await asyncio.open_connection(HOST, behind())
        self._open[writer] = self._open[back] = (port, caller)
        try:
            back.write(head)
            await _first(asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer)))
        finally:
            del self._open[writer], self._open[back]
            back.transport.abort()

    def _cut(self, port: int) -> None:
        self._shut.add(port)
        for writer, (door, caller) in list(self._open.items()):
            if caller is not None and port in (door, caller):
                writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def _first(*tasks: asyncio.Task[None]) -> None:
    """Until the answering side has ended, or either has failed."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
