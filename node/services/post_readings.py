"""Reading posts again where they come from: when that is due, and what was learnt."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from node import clock, db, events
from node.cache import BoundedCache
from node.ids import new_id
from node.models.fields import from_milliseconds, to_milliseconds

FILL_AGAIN: Final = timedelta(minutes=15)
FILL_OLD_AGAIN: Final = timedelta(hours=6)
OLD: Final = timedelta(days=3)
"""Threads about older posts hardly grow: they are filled less often."""
READ_AGAIN: Final = timedelta(hours=1)
LONGEST_FILL: Final = timedelta(minutes=10)
"""A filling that has not ended by then has died with its worker."""
PROFILE_AGAIN: Final = timedelta(days=1)
BELIEVED_MISSING: Final = timedelta(days=1)
MOST: Final = 2_000_000_000

_settled: BoundedCache[int, datetime] = BoundedCache(20_000)
"""Until when nothing is to be done about the thread of a post."""
_profiles_seen: BoundedCache[int, bool] = BoundedCache(20_000, 3600.0)


@dataclass(frozen=True, slots=True)
class Filling:
    """The filling of a thread: apps ask for it by `key`."""

    key: str
    is_running: bool
    found: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a post's origin says of it; `None` where it says nothing."""

    likes: int | None = None
    shares: int | None = None
    comments: int | None = None


async def thread_opened(post_id: int) -> Filling | None:
    """Somebody who is signed in, and may see the post, looks at its thread: have it filled, if that is due.

    Returns the filling that is under way. Records `ThreadOpened`. Nothing is done about posts that are not for
    everybody, and about threads that nobody elsewhere takes part in.
    """
    now = clock.now()
    until = _settled.get(post_id)
    if until is not None and until > now:
        return None
    row = await db.fetch_one(
        "SELECT p.visibility, p.is_local, p.created_at, r.fill_began_at, r.fill_ended_at, r.refresh_key, r.found,"
        " p.is_local = FALSE OR EXISTS (SELECT 1 FROM posts c WHERE c.conversation_id = p.conversation_id"
        " AND c.is_local = FALSE) AS is_elsewhere"
        " FROM posts p LEFT JOIN post_readings r ON r.post_id = p.id WHERE p.id = ?",
        (post_id,),
    )
    if row is None or row["visibility"] not in ("public", "unlisted") or not row["is_elsewhere"]:
        _settled.put(post_id, now + timedelta(minutes=1))
        return None
    began = row["fill_began_at"]
    began = None if began is None else from_milliseconds(began)
    if began is not None and row["fill_ended_at"] is None and now - began < LONGEST_FILL:
        return Filling(row["refresh_key"], True, row["found"])
    age = now - from_milliseconds(row["created_at"])
    due = None if began is None else began + (FILL_AGAIN if age < OLD else FILL_OLD_AGAIN)
    if due is not None and due > now:
        _settled.put(post_id, due)
        return None
    return await _begin(post_id, began, now)


async def _begin(post_id: int, before: datetime | None, now: datetime) -> Filling | None:
    key = secrets.token_hex(16)
    async with db.transaction():
        began = await db.execute(
            "INSERT INTO post_readings (id, post_id, fill_began_at, found, refresh_key) VALUES (?, ?, ?, 0, ?)"
            " ON CONFLICT (post_id) DO UPDATE SET fill_began_at = excluded.fill_began_at, fill_ended_at = NULL,"
            " found = 0, refresh_key = excluded.refresh_key"
            " WHERE post_readings.fill_began_at IS NULL OR post_readings.fill_began_at = ?",
            (new_id(), post_id, to_milliseconds(now), key, 0 if before is None else to_milliseconds(before)),
        )
        if not began:
            return None
        await events.record(events.ThreadOpened(post_id=post_id))
    return Filling(key, True, 0)


async def filling(key: str) -> Filling | None:
    """The filling with that key."""
    row = await db.fetch_one("SELECT fill_ended_at, found FROM post_readings WHERE refresh_key = ?", (key,))
    return None if row is None else Filling(key, row["fill_ended_at"] is None, row["found"])


async def found_comments(post_id: int, number: int) -> None:
    """The filling of a thread has found so many comments so far."""
    await db.execute("UPDATE post_readings SET found = ? WHERE post_id = ?", (number, post_id))


async def filled(post_id: int, number: int) -> None:
    """The filling of a thread is over."""
    await db.execute(
        "UPDATE post_readings SET found = ?, fill_ended_at = ? WHERE post_id = ?",
        (number, to_milliseconds(clock.now()), post_id),
    )


async def read(post_id: int, counts: Counts) -> None:
    """A post was read at its origin. It is shown anew when what is said of it has changed."""
    told = [None if count is None else min(count, MOST) for count in (counts.likes, counts.shares, counts.comments)]
    async with db.transaction():
        known = await _reading(post_id)
        before = [None, None, None] if known is None else [known["likes"], known["shares"], known["comments"]]
        told = [old if new is None else new for old, new in zip(before, told, strict=True)]
        await db.execute(
            "INSERT INTO post_readings (id, post_id, likes, shares, comments, read_at, found) VALUES (?, ?, ?, ?, ?, ?, 0)"
            " ON CONFLICT (post_id) DO UPDATE SET likes = excluded.likes, shares = excluded.shares,"
            " comments = excluded.comments, read_at = excluded.read_at, missing_since = NULL",
            (new_id(), post_id, *told, to_milliseconds(clock.now())),
        )
        if before != told:
            await db.execute("UPDATE posts SET version = version + 1 WHERE id = ?", (post_id,))


def due_before() -> int:
    """Posts of a thread that were last read before this moment (milliseconds) are asked for their replies again."""
    return to_milliseconds(clock.now() - READ_AGAIN)


async def is_believed_missing(post_id: int) -> bool:
    """Note that the origin of a post says there is none. Returns whether it has been saying so for a day.

    A 404 alone may be a fault, or a server that shows less to strangers than before.
    """
    now = to_milliseconds(clock.now())
    async with db.transaction():
        await db.execute(
            "INSERT INTO post_readings (id, post_id, missing_since, found) VALUES (?, ?, ?, 0)"
            " ON CONFLICT (post_id) DO UPDATE SET missing_since = COALESCE(post_readings.missing_since, ?)",
            (new_id(), post_id, now, now),
        )
        row = await _reading(post_id)
    since = row["missing_since"] if row is not None else None
    return since is not None and now - int(since) >= BELIEVED_MISSING.total_seconds() * 1000


async def profile_opened(account_id: int) -> None:
    """Somebody who is signed in looks at a profile: have it and its posts read at their origin, once a day at most.

    Records `ProfileOpened`; nothing for profiles of this node.
    """
    if _profiles_seen.get(account_id):
        return
    _profiles_seen.put(account_id, True)
    now = clock.now()
    before = to_milliseconds(now - PROFILE_AGAIN)
    due = "id = ? AND domain <> '' AND suspended_at IS NULL AND (posts_read_at IS NULL OR posts_read_at < ?)"
    if await db.fetch_one(f"SELECT 1 FROM accounts WHERE {due}", (account_id, before)) is None:
        return
    async with db.transaction():
        if await db.execute(
            f"UPDATE accounts SET posts_read_at = ? WHERE {due}", (to_milliseconds(now), account_id, before)
        ):
            await events.record(events.ProfileOpened(account_id=account_id))


async def _reading(post_id: int) -> Any:
    return await db.fetch_one(
        "SELECT likes, shares, comments, missing_since FROM post_readings WHERE post_id = ?", (post_id,)
    )


def forget_everything() -> None:
    """Empty the memory of this process."""
    _settled.clear()
    _profiles_seen.clear()
