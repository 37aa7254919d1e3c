"""One way to speak to both databases."""

from __future__ import annotations

import asyncio

import pytest

from node import db
from node.models.posts import Tombstone


async def _insert(number: int) -> None:
    await db.execute("INSERT INTO tombstones (id, uri, created_at) VALUES (?, ?, ?)", (number, f"u{number}", 0))


async def test_statements_with_question_marks_run_on_both(database: None) -> None:
    assert await db.execute("INSERT INTO tombstones (id, uri, created_at) VALUES (?, ?, ?)", (1, "a", 5)) == 1
    await db.execute_many("INSERT INTO tombstones (id, uri, created_at) VALUES (?, ?, ?)", [(2, "b", 6), (3, "c", 7)])
    rows = await db.fetch_all(f"SELECT id, uri FROM tombstones WHERE id IN ({db.marks(2)}) ORDER BY id", (2, 3))
    assert [(row["id"], row[1]) for row in rows] == [(2, "b"), (3, "c")]
    assert await db.execute("UPDATE tombstones SET created_at = 9 WHERE id > ?", (1,)) == 2
    returned = await db.fetch_one("DELETE FROM tombstones WHERE id = ? RETURNING uri", (1,))
    assert returned is not None and returned["uri"] == "a"
    assert await db.fetch_one("SELECT 1 FROM tombstones WHERE id = ?", (1,)) is None


async def test_a_failed_transaction_leaves_nothing_and_calls_nothing(database: None) -> None:
    called: list[int] = []
    with pytest.raises(ValueError, match="no"):
        async with db.transaction():
            await _insert(1)
            db.after_commit(lambda: called.append(1))
            raise ValueError("no")
    assert called == [] and not await Tombstone.all().exists()


async def test_an_inner_transaction_joins_the_outer_one(database: None) -> None:
    called: list[int] = []
    with pytest.raises(ValueError, match="no"):
        async with db.transaction():
            async with db.transaction():
                await _insert(1)
                db.after_commit(lambda: called.append(1))
            assert called == [] and db.in_a_transaction()
            raise ValueError("no")
    assert not await Tombstone.all().exists() and not db.in_a_transaction()
    db.after_commit(lambda: called.append(2))
    assert called == [2]


async def test_a_transaction_sees_its_own_writes_and_others_do_not(database: None) -> None:
    written, read = asyncio.Event(), asyncio.Event()
    seen: list[int] = []

    async def writer() -> None:
        async with db.transaction():
            await _insert(1)
            assert await Tombstone.all().count() == 1
            written.set()
            await read.wait()

    async def reader() -> None:
        await written.wait()
        rows = await db.fetch_all("SELECT id FROM tombstones")
        seen.append(len(rows))
        read.set()

    await asyncio.gather(writer(), reader())
    assert seen == [0]


async def test_transactions_at_the_same_time_all_come_true(database: None) -> None:
    async def one(number: int) -> None:
        async with db.transaction():
            await _insert(number)

    await asyncio.gather(*(one(number) for number in range(20)))
    assert await Tombstone.all().count() == 20


async def test_breaking_a_unique_index_is_one_error_on_both(database: None) -> None:
    await Tombstone.create(id=1, uri="a")
    with pytest.raises(db.IntegrityError):
        await Tombstone.create(id=2, uri="a")


def test_values_are_padded_to_a_power_of_two_with_the_last_one() -> None:
    for count, padded in ((0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (500, 512), (512, 512)):
        values = list(range(count))
        assert (db.padded(values)[:count], len(db.padded(values))) == (values, padded)
        assert set(db.padded(values)) == set(values)
