"""Tortoise's SQLite client, fitted to a server: one writer, many readers, no waiting for each other or for the disk.

- Stock Tortoise runs everything over one connection, so every read waits for the transaction under way. In WAL mode
  readers need not: statements outside a transaction that only read go to read-only connections.
- Transactions begin IMMEDIATE, so that two processes (a server and a command) queue for the write lock instead of
  failing when one upgrades.
- Nothing is acknowledged before it is on the disk, but nobody holds the writer while the disk works: a commit goes to
  the operating system, the next transaction begins, and one `fdatasync` of the log serves all commits before it
  (`settle`). Checkpoints run beside, in a thread of their own.
- So what is left of a short statement in a transaction is a few dozen microseconds of memory work, while a trip to a
  thread and back waits a millisecond for the interpreter lock of a busy process. Short statements are therefore run
  where they stand; those that may touch many rows, and waiting for another process's lock, go to the writer's thread.
- Statements nobody waits for (`later`) ride along with the next one somebody does wait for.
- Reads are mostly short as well, and tried on the event loop first (`node/sqlite_readers.py`).
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar, cast

from tortoise.backends.base.client import NestedTransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)

from node.sqlite_log import WriteAheadLog
from node.sqlite_readers import BUSY_MILLISECONDS, CACHE_KIB, Readers, connect

Result = TypeVar("Result")
Statement = Callable[[sqlite3.Connection], object]

MOST_LATER = 200
FEW_ROWS = 50
_PRAGMAS = {
    "synchronous": "NORMAL",
    "wal_autocheckpoint": 0,
    "busy_timeout": BUSY_MILLISECONDS,
    "cache_size": -CACHE_KIB,
    "temp_store": "MEMORY",
    "journal_size_limit": 64 * 1024 * 1024,
}


class _Writer:
    """The one connection that writes, in its own thread. Answers to the calls Tortoise makes of aiosqlite's."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._conn = connection
        self._thread = thread
        self._later: list[Statement] = []
        self._later_is_short = True

    @classmethod
    async def open(cls, path: str) -> _Writer:
        """Connect, in the writer's thread."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        return cls(await asyncio.get_running_loop().run_in_executor(thread, connect, path), thread)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._conn.in_transaction

    async def run(self, work: Callable[[sqlite3.Connection], Result], *, is_short: bool = False) -> Result:
        """Do `work`, after whatever was said to be done later; in the writer's thread unless all of it is short.

        It is done also when the caller is cancelled: a commit that is given up half-way would leave the transaction
        open for the next one to fall into.
        """
        later, self._later = self._later, []
        if is_short and self._later_is_short:
            return self._after(later, work)
        self._later_is_short = True
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._after, later, work)
        return await asyncio.shield(done)

    def _after(self, later: list[Statement], work: Callable[[sqlite3.Connection], Result]) -> Result:
        for statement in later:
            statement(self._conn)
        return work(self._conn)

    async def later(self, statement: Statement, *, is_short: bool = False) -> None:
        """Do `statement` before the next one that is run; what it raises is raised there."""
        self._later.append(statement)
        self._later_is_short = self._later_is_short and is_short
        if len(self._later) >= MOST_LATER:
            await self.run(lambda _: None, is_short=True)

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        return await self.run(lambda connection: connection.execute(sql, values))

    async def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        return await self.run(lambda connection: connection.executemany(sql, values))

    async def executescript(self, sql: str) -> sqlite3.Cursor:
        return await self.run(lambda connection: connection.executescript(sql))

    async def begin(self) -> None:
        """Begin a transaction. Another process may hold the write lock: that is waited for in the thread."""
        try:
            await self.run(_begin_at_once, is_short=True)
        except sqlite3.OperationalError:
            await self.run(_begin_patiently)

    async def commit(self) -> None:
        await self.run(lambda connection: connection.commit(), is_short=True)

    async def rollback(self) -> None:
        self._later.clear()
        self._later_is_short = True
        await self.run(lambda connection: connection.rollback())

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._conn.close)
        self._thread.shutdown(wait=False)


def _begin_at_once(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA busy_timeout=0")
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def _begin_patiently(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")


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
        self._readers: Readers | None = None
        self._log: WriteAheadLog | None = None

    async def create_connection(self, with_db: bool) -> None:
        if self._connection is not None:
            return
        writer = await _Writer.open(self.filename)
        for pragma, value in self.pragmas.items():
            await writer.execute(f"PRAGMA {pragma}={value}")
        self._connection = cast(Any, writer)
        self._log = WriteAheadLog(self.filename, lambda: connect(self.filename))
        await self._post_connect()

    async def close(self) -> None:
        if self._readers is not None:
            readers, self._readers = self._readers, None
            await readers.close()
        if self._log is not None:
            written, self._log = self._log, None
            await written.close()
        if self._connection is not None:
            writer, self._connection = self._connection, None
            await writer.close()

    @property
    def writers_waiting(self) -> int:
        """How many tasks of this process wait for their turn to write."""
        return self._lock.waiting

    async def settle(self) -> None:
        """Return once everything committed so far is on the disk. Raises `OSError` when the disk refuses."""
        if self._log is not None:
            await self._log.settle()

    def _in_transaction(self) -> Any:
        return SqliteTransactionContext(_ImmediateTransaction(self), self._lock)

    async def _read(self, sql: str, work: Callable[[sqlite3.Connection], Result]) -> Result:
        if self._connection is None:
            await self.create_connection(with_db=True)
        if self._readers is None:
            self._readers = Readers(self.filename)
        return await self._readers.run(sql, work)

    async def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """A statement of its own: committed by itself, and on the disk when this returns."""
        async with self.acquire_connection() as writer:
            result = await cast(_Writer, writer).run(work)
        await self.settle()
        return result

    @translate_exceptions
    async def fetch_rows(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        """Rows of a statement, from a reader unless it writes (`INSERT … RETURNING`)."""

        def work(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            return connection.execute(sql, tuple(parameters)).fetchall()

        return await (self._read(sql, work) if _only_reads(sql) else self._write(work))

    @translate_exceptions
    async def change_rows(self, sql: str, parameters: Sequence[object]) -> int:
        """Run a statement that changes rows; returns how many."""
        return await self._write(lambda connection: connection.execute(sql, tuple(parameters)).rowcount)

    async def change_rows_later(self, sql: str, parameters: Sequence[object], is_short: bool) -> None:
        """The same: outside a transaction there is nothing to wait for."""
        await self.change_rows(sql, parameters)

    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return await self._write(lambda connection: connection.execute(query, values).lastrowid or 0)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        await super().execute_many(query, values)
        await self.settle()

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        def work(connection: sqlite3.Connection) -> tuple[int, Sequence[Any]]:
            return _query(connection, query, values or ())

        return await (self._read(query, work) if _only_reads(query) else self._write(work))

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return [dict(row) for row in (await self.execute_query(query, values))[1]]


class _ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock with its first statement."""

    def _in_transaction(self) -> Any:
        return NestedTransactionContext(_ImmediateTransaction(cast(SqliteClient, self)))

    @property
    def _writer(self) -> _Writer:
        return cast(_Writer, self._connection)

    @property
    def writers_waiting(self) -> int:
        """How many tasks of this process wait for this transaction to end."""
        return cast(HeliographSqliteClient, self._parent).writers_waiting

    @translate_exceptions
    async def _begin(self, _: str) -> None:
        await self._writer.begin()

    async def begin(self) -> None:
        await self._begin("BEGIN")

    @translate_exceptions
    async def fetch_rows(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        """Rows of a statement as this transaction sees them."""
        return await self._run(sql, lambda connection: connection.execute(sql, tuple(parameters)).fetchall())

    @translate_exceptions
    async def change_rows(self, sql: str, parameters: Sequence[object]) -> int:
        """Run a statement that changes rows; returns how many."""
        return await self._run(sql, lambda connection: connection.execute(sql, tuple(parameters)).rowcount)

    @translate_exceptions
    async def change_rows_later(self, sql: str, parameters: Sequence[object], is_short: bool) -> None:
        """Run a statement with the next one that is waited for, or with the commit."""
        await self._writer.later(
            lambda connection: connection.execute(sql, tuple(parameters)), is_short=is_short or _touches_few_rows(sql)
        )

    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return await self._run(query, lambda connection: connection.execute(query, values).lastrowid or 0)

    @translate_exceptions
    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        is_short = len(values) <= FEW_ROWS and _touches_few_rows(query)
        await self._writer.later(lambda connection: connection.executemany(query, values), is_short=is_short)

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        return await self._run(query, lambda connection: _query(connection, query, values or ()))

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return [dict(row) for row in (await self.execute_query(query, values))[1]]

    async def _run(self, sql: str, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await self._writer.run(work, is_short=_touches_few_rows(sql))

    @translate_exceptions
    async def _commit(self, _: str) -> None:
        await super().commit()

    async def commit(self) -> None:
        """Commit. What was to be done later may fail here: then nothing of the transaction stays."""
        try:
            await self._commit("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                await self.rollback()
            raise


def _query(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> tuple[int, list[sqlite3.Row]]:
    cursor = connection.execute(sql.replace("\x00", "'||CHAR(0)||'"), values)
    rows = cursor.fetchall()
    return max(cursor.rowcount, 0) or len(rows), rows


def _only_reads(sql: str) -> bool:
    return sql.lstrip()[:6].upper() == "SELECT"


@functools.lru_cache(maxsize=2048)
def _touches_few_rows(sql: str) -> bool:
    """Whether a statement is short by its form: rows of values inserted, rows looked up or changed by their keys.

    Deletions cascade, `INSERT … SELECT` writes as many rows as it finds, groups and patterns read whole tables.
    """
    words = sql.upper()
    if "DELETE" in words or " GROUP BY " in words or " LIKE " in words or "RECURSIVE" in words:
        return False
    verb = words.lstrip()[:6]
    return verb in ("SELECT", "UPDATE") or (verb == "INSERT" and "SELECT" not in words)


client_class = HeliographSqliteClient
