"""SQLite's read-only connections: one on the event loop for what is short, a few in threads for the rest.

A page of twenty posts is a tenth of a millisecond's work, and a trip to a thread and back costs several times that. So
each read is tried on the event loop, on a connection that gives up after a millisecond's work. What was given up is
done in a thread, and statements like it go there at once for a while.
"""

from __future__ import annotations

import asyncio
import functools
import re
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from node.cache import BoundedCache

Result = TypeVar("Result")

READERS: Final = 2
CACHE_KIB: Final = 16 * 1024
BUSY_MILLISECONDS: Final = 10_000

STEPS: Final = 2_000
MOST_STEPS: Final = 20
"""A read may take so many times so many steps of SQLite's machine on the event loop: about a millisecond."""
MOST_AT_ONCE: Final = 20
"""Reads on the event loop before it turns to others."""
THOUGHT_LONG_FOR: Final = 60.0
_LONG: Final = re.compile(r" GROUP BY | LIKE |COUNT\(\*\)(?! OVER)", re.IGNORECASE)
_NOT_NOW: Final = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def connect(path: str) -> sqlite3.Connection:
    """A connection that may be handed from thread to thread, with rows that know their columns' names."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    return connection


def _connect_reader(path: str) -> sqlite3.Connection:
    reader = connect(path)
    reader.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    reader.execute("PRAGMA query_only=ON")
    return reader


class Readers:
    """All read-only connections of a process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._short = _ShortReader(path)
        self._at_once = 0
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, sql: str, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do `work`, which reads by the one statement `sql` and may be begun twice."""
        if self._short.takes(sql):
            await self._take_turns()
            try:
                return self._short.run(sql, work)
            except _TooLong:
                pass
        if self._threads is None:
            self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_thread, work)

    async def _take_turns(self) -> None:
        """Let others have the event loop after a while: a task that only reads would never give it back."""
        self._at_once += 1
        if self._at_once == 1:
            asyncio.get_running_loop().call_soon(self._has_turned)
        elif self._at_once > MOST_AT_ONCE:
            await asyncio.sleep(0)

    def _has_turned(self) -> None:
        self._at_once = 0

    def _in_thread(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        reader: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if reader is None:
            reader = _connect_reader(self._path)
            self._local.connection = reader
            self._connections.append(reader)
        return work(reader)

    async def close(self) -> None:
        """Close every connection, when what they are doing is done."""
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)
        for reader in self._connections:
            reader.close()
        self._short.close()


class _TooLong(Exception):
    """A read was given up."""


class _ShortReader:
    """A connection that reads on the event loop, and gives up what takes long or would have to wait."""

    def __init__(self, path: str) -> None:
        self._connection = _connect_reader(path)
        self._connection.execute("PRAGMA busy_timeout=0")
        self._connection.set_progress_handler(self._gives_up, STEPS)
        self._steps = 0
        self._long: BoundedCache[str, bool] = BoundedCache(512, THOUGHT_LONG_FOR)

    def _gives_up(self) -> bool:
        self._steps += 1
        return self._steps > MOST_STEPS

    def takes(self, sql: str) -> bool:
        """Whether a statement is worth trying."""
        return may_be_short(sql) and self._long.get(sql) is None

    def run(self, sql: str, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do `work`. Raises `_TooLong`."""
        self._steps = 0
        try:
            return work(self._connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _NOT_NOW:
                raise
            if self._steps > MOST_STEPS:
                self._long.put(sql, True)
            raise _TooLong from None

    def close(self) -> None:
        self._connection.close()


@functools.lru_cache(maxsize=2048)
def may_be_short(sql: str) -> bool:
    """Whether a statement may be short, and is given up in time if it is not: a count of a table is one single step."""
    return _LONG.search(sql) is None
