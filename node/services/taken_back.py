"""What remote accounts deleted or undid before it had come: activities overtake each other on their way."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from node import clock, db
from node.ids import new_id
from node.models.fields import to_milliseconds

KEPT: Final = timedelta(days=14)
BATCH: Final = 1_000


async def remember(account_id: int, uri: str) -> None:
    """Remember, for two weeks, that `account_id` took back what has this id."""
    await db.execute(
        "INSERT INTO taken_back (id, account_id, uri, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (new_id(), account_id, uri, to_milliseconds(clock.now())),
    )


async def is_remembered(account_id: int, uri: str) -> bool:
    """Whether `account_id` took back what has this id."""
    row = await db.fetch_one("SELECT 1 FROM taken_back WHERE account_id = ? AND uri = ?", (account_id, uri))
    return row is not None


async def forget(account_id: int, uri: str) -> None:
    """Let come what has this id: it was given back."""
    await db.execute("DELETE FROM taken_back WHERE account_id = ? AND uri = ?", (account_id, uri))


async def forget_old() -> None:
    """Forget what will not come any more; periodic."""
    before = to_milliseconds(clock.now() - KEPT)
    while await db.execute(
        "DELETE FROM taken_back WHERE id IN (SELECT id FROM taken_back WHERE created_at < ? LIMIT ?)", (before, BATCH)
    ):
        pass
