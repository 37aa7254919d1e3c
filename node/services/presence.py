"""Who is here: notes now and then that somebody reads, and has their home timeline ready."""

from __future__ import annotations

from node import clock, db
from node.cache import BoundedCache
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.services import timelines

NOTED_EVERY = 600.0
"""Seconds between two notes about the same person; a timeline is dropped only after weeks without one."""

_seen: BoundedCache[int, bool] = BoundedCache(20_000, NOTED_EVERY)


def is_fresh(account_id: int) -> bool:
    """Whether it was noted lately that this person is here."""
    return _seen.get(account_id) is not None


async def arrived(account: Account) -> None:
    """Note that a person is here, and rebuild their home timeline if it was dropped while they were away."""
    await timelines.ensure_built(account)
    await db.execute(
        "UPDATE users SET last_active_at = ? WHERE account_id = ?", (to_milliseconds(clock.now()), account.id)
    )
    _seen.put(account.id, True)


def forget_all() -> None:
    """Forget who is here."""
    _seen.clear()
