"""The SQLite client: what it promises about the disk, about other processes and about being cancelled."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from node import db, sqlite_log
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
