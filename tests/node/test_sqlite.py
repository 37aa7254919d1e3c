"""The SQLite client: what it promises about the disk, about other processes and about being cancelled."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from node import db, sqlite_log, sqlite_readers
from node.runtime import Runtime
from node.sqlite import _touches_few_rows

INSERT = "INSERT INTO kept_secrets (name, value, created_at) VALUES (?, ?, 0)"


on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def database_file(started: Runtime) -> Path:
    return Path(started.settings.database.removeprefix("sqlite://"))


async def names() -> set[str]:
    return {row[0] for row in await db.fetch_all("SELECT name FROM kept_secrets")}


async def test_what_is_said_to_be_done_later_is_done_by_the_commit(started: Runtime) -> None:
    async with db.transaction():
        await db.execute_later(INSERT, ("later", "x"))
    assert "later" in await names()


async def test_what_is_said_to_be_done_later_is_seen_by_the_next_statement(started: Runtime) -> None:
    async with db.transaction():
        await db.execute_later(INSERT, ("later", "x"))
        assert await db.fetch_one("SELECT 1 FROM kept_secrets WHERE name = ?", ("later",)) is not None


async def test_a_statement_that_fails_later_undoes_the_transaction(started: Runtime) -> None:
    with pytest.raises(db.IntegrityError):
        async with db.transaction():
            await db.execute_later(INSERT, ("twice", "x"))
            await db.execute_later(INSERT, ("twice", "y"))
    assert "twice" not in await names()
    async with db.transaction():
        await db.execute(INSERT, ("after", "x"))
    assert "after" in await names()


async def test_a_transaction_that_is_cancelled_leaves_the_writer_free(started: Runtime) -> None:
    begun = asyncio.Event()

    async def wait_in_transaction() -> None:
        async with db.transaction():
            await db.execute(INSERT, ("cancelled", "x"))
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_in_transaction())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with db.transaction():
        await db.execute(INSERT, ("next", "x"))
    assert await names() >= {"next"} and "cancelled" not in await names()


@on_sqlite
async def test_another_process_that_writes_is_waited_for_while_requests_go_on(started: Runtime) -> None:
    other = sqlite3.connect(database_file(started), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with db.transaction():
            await db.execute(INSERT, ("patient", "x"))

    task = asyncio.create_task(write())
    for _ in range(20):
        assert "patient" not in await names()
    assert not task.done()
    other.execute("COMMIT")
    await asyncio.wait_for(task, 10)
    other.close()
    assert "patient" in await names()


@on_sqlite
async def test_the_log_begins_anew_while_writers_never_pause(started: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database_file(started)
    monkeypatch.setattr(sqlite_log, "COMMITS_PER_CHECKPOINT", 10)
    monkeypatch.setattr(sqlite_log, "LONGEST_LOG_FRAMES", 50)
    for number in range(400):
        async with db.transaction():
            await db.execute(INSERT, (f"row {number}", "x" * 4000))
    log = path.with_name(path.name + "-wal")
    assert log.stat().st_size < 400 * 2 * 4096
    assert len(await names()) >= 400


@pytest.mark.parametrize(
    ("sql", "few"),
    [
        ("SELECT * FROM posts WHERE id = ?", True),
        ("INSERT INTO likes (id) VALUES (?)", True),
        ("UPDATE posts SET version = version + 1 WHERE id = ?", True),
        ("DELETE FROM posts WHERE id = ?", False),
        ("INSERT INTO home_entries (account_id) SELECT account_id FROM follows", False),
        ("SELECT domain FROM accounts GROUP BY domain", False),
        ("WITH RECURSIVE up(id) AS (SELECT 1) SELECT id FROM up", False),
    ],
)
def test_only_statements_of_few_rows_are_run_where_they_stand(sql: str, few: bool) -> None:
    assert _touches_few_rows(sql) is few


@on_sqlite
async def test_a_long_read_is_given_up_and_done_in_a_thread(started: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    in_thread: list[str] = []
    original = sqlite_readers.Readers._in_thread

    def watching(readers: sqlite_readers.Readers, work: Any) -> Any:
        in_thread.append(threading.current_thread().name)
        return original(readers, work)

    monkeypatch.setattr(sqlite_readers.Readers, "_in_thread", watching)
    assert (await db.fetch_all("SELECT 1"))[0][0] == 1
    assert not in_thread
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"
    long = f"SELECT MAX(i) FROM ({numbers})"
    for times in (1, 2):
        row = await db.fetch_one(long, (100_000,))
        assert row is not None and row[0] == 100_000
        assert len(in_thread) == times
    assert (await db.fetch_all("SELECT 2"))[0][0] == 2
    assert len(in_thread) == 2


@on_sqlite
async def test_whoever_only_reads_lets_others_have_their_turn(started: Runtime) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    for _ in range(10 * sqlite_readers.MOST_AT_ONCE):
        await db.fetch_all("SELECT 1")
    task.cancel()
    assert turns > 5


@pytest.mark.parametrize(
    ("sql", "short"),
    [
        ("SELECT * FROM posts WHERE id = ?", True),
        ("SELECT COUNT(*) OVER (PARTITION BY a) FROM b", True),
        ("SELECT count(*) FROM posts", False),
        ("SELECT domain FROM accounts GROUP BY domain", False),
        ("SELECT id FROM accounts WHERE name LIKE ?", False),
    ],
)
def test_what_cannot_be_given_up_in_time_is_not_tried(sql: str, short: bool) -> None:
    assert sqlite_readers.may_be_short(sql) is short
