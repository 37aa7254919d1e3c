"""Muting: not seeing somebody, who is not told."""

from __future__ import annotations

from datetime import timedelta

from node import clock, db
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Mute
from node.services import timelines

BATCH = 100


async def mute(
    account: Account, target: Account, *, hide_notifications: bool = True, duration: int | None = None
) -> Mute:
    """Let the local `account` no longer see `target` in timelines, for `duration` seconds or (`None`, 0) for good.

    Muting again changes the terms. Raises `Invalid` for oneself or a negative duration.
    """
    if account.id == target.id:
        raise Invalid("account", "can't mute itself")
    if duration is not None and duration < 0:
        raise Invalid("duration", "can't be negative")
    now = clock.now()
    until = to_milliseconds(now + timedelta(seconds=min(duration, 10 * 365 * 86_400))) if duration else None
    async with db.transaction():
        await db.execute(
            "INSERT INTO mutes (id, account_id, target_id, hide_notifications, expires_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, target_id) DO UPDATE SET"
            " hide_notifications = excluded.hide_notifications, expires_at = excluded.expires_at",
            (new_id(), account.id, target.id, hide_notifications, until, to_milliseconds(now)),
        )
        await timelines.forget(account.id, target.id, shares_too=True)
        return await Mute.get(account_id=account.id, target_id=target.id)


async def unmute(account: Account, target: Account) -> None:
    """End a mute; nothing happens when there is none."""
    async with db.transaction():
        if await db.execute("DELETE FROM mutes WHERE account_id = ? AND target_id = ?", (account.id, target.id)):
            await timelines.fill_from(account.id, target.id)


async def remove_expired() -> int:
    """End the mutes whose time is over, as `unmute` would; periodic (until then they count for nothing). Returns how many."""
    ended = 0
    while rows := await _end_some_expired():
        ended += rows
    return ended


async def _end_some_expired() -> int:
    async with db.transaction():
        rows = await db.fetch_all(
            "DELETE FROM mutes WHERE id IN (SELECT id FROM mutes WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)"
            " RETURNING account_id, target_id",
            (to_milliseconds(clock.now()), BATCH),
        )
        for row in rows:
            await timelines.fill_from(int(row[0]), int(row[1]))
    return len(rows)
