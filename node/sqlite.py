"""Tortoise's SQLite client, fitted to a server: one writer, many readers, no waiting for each other.

Stock Tortoise runs everything over one connection, so every read waits for the transaction under way. In WAL mode
readers need not: statements outside a transaction that only read go to a small pool of read-only connections, each in
its own thread. Transactions begin IMMEDIATE, so that two processes (a server and a command) queue for the write lock
instead of failing when one upgrades.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar, cast

from tortoise.backends.base.client import NestedTransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.exceptions import TransactionManagementError

Result = TypeVar("Result")

READERS = 2
CACHE_KIB = 16 * 1024
BUSY_MILLISECONDS = 10_000
_PRAGMAS = {
    "synchronous": "FULL",
    "busy_timeout": BUSY_MILLISECONDS,
    "cache_size": -CACHE_KIB,
    "temp_store": "MEMORY",
    "journal_size_limit": 64 * 1024 * 1024,
}


class _WriteLock(asyncio.Lock):
    """The right to write, handed on in the order it was asked for; knows how many are waiting for it."""

    waiting = 0

    async def acquire(self) -> Literal[True]:
        self.waiting += 1
        try:
            return await super().acquire()
        finally:
            self.waiting -= 1


class HeliographSqliteClient(SqliteClient):
    """One write connection with a lock, and a pool of readers beside it."""

    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **{**_PRAGMAS, **kwargs})
        self._lock: _WriteLock = _WriteLock()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._pool: ThreadPoolExecutor | None = None

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await asyncio.to_thread(pool.shutdown)
            for reader in self._readers:
                reader.close()
            self._readers.clear()
        await super().close()

    @property
    def writers_waiting(self) -> int:
        """How many tasks of this process wait for their turn to write."""
        return self._lock.waiting

    def _in_transaction(self) -> Any:
        return SqliteTransactionContext(_ImmediateTransaction(self), self._lock)

    async def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        if self._connection is None:
            await self.create_connection(with_db=True)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._with_reader, work)

    def _with_reader(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        reader: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if reader is None:
            reader = sqlite3.connect(
                self.filename, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            reader.row_factory = sqlite3.Row
            reader.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            reader.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            reader.execute("PRAGMA query_only=ON")
            self._local.connection = reader
            self._readers.append(reader)
        return work(reader)

    @translate_exceptions
    async def fetch_rows(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        """Rows of a statement, from a reader unless it writes (`INSERT … RETURNING`)."""
        if _only_reads(sql):
            return await self._read(lambda reader: reader.execute(sql, tuple(parameters)).fetchall())
        async with self.acquire_connection() as connection:
            return cast("list[sqlite3.Row]", await connection.execute_fetchall(sql, tuple(parameters)))

    @translate_exceptions
    async def change_rows(self, sql: str, parameters: Sequence[object]) -> int:
        """Run a statement that changes rows; returns how many."""
        async with self.acquire_connection() as connection:
            cursor = await connection.execute(sql, tuple(parameters))
            return cast(int, cursor.rowcount)

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        if not _only_reads(query):
            return cast("tuple[int, Sequence[Any]]", await super().execute_query(query, values))
        rows = await self.fetch_rows(query, values or ())
        return len(rows), rows

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        if not _only_reads(query):
            return cast("list[dict[str, Any]]", await super().execute_query_dict(query, values))
        return [dict(row) for row in await self.fetch_rows(query, values or ())]


class _ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock as it begins."""

    def _in_transaction(self) -> Any:
        return NestedTransactionContext(_ImmediateTransaction(cast(SqliteClient, self)))

    @property
    def writers_waiting(self) -> int:
        """How many tasks of this process wait for this transaction to end."""
        return cast(HeliographSqliteClient, self._parent).writers_waiting

    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error

    @translate_exceptions
    async def fetch_rows(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        """Rows of a statement as this transaction sees them."""
        return cast("list[sqlite3.Row]", await self._connection.execute_fetchall(sql, tuple(parameters)))

    @translate_exceptions
    async def change_rows(self, sql: str, parameters: Sequence[object]) -> int:
        """Run a statement that changes rows; returns how many."""
        cursor = await self._connection.execute(sql, tuple(parameters))
        return cursor.rowcount


def _only_reads(sql: str) -> bool:
    return sql.lstrip()[:6].upper() == "SELECT"


client_class = HeliographSqliteClient
