"""Follows that decisions about domains and accounts end: kept for those who lose them, who are told.

What was ended does not come back by itself, since the other side has been told that it is over; but each person can
read and download whom they lost, and is told again when the decision is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from node import clock, db, events, jobs
from node.errors import NotFound
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.graph import Follow
from node.models.severances import Severance
from node.services import follow_rows, notifications

TELL: Final = "tell_of_severance"
BATCH: Final = 200
MAX_SHOWN: Final = 20_000


class Loss(NamedTuple):
    """What a severance took from one person; `id` is that of their own row, moments are in milliseconds."""

    id: int
    kind: str
    target_name: str
    followers_count: int
    following_count: int
    created_at: int
    lifted_at: int | None


class LostFollow(NamedTuple):
    """One follow that is over: the other's handle and how the follow was."""

    username: str
    domain: str
    show_shares: bool
    notify: bool
    languages: str | None


async def begin(kind: str, target_name: str) -> Severance:
    """A severance nothing has been ended by yet. Call it in the transaction of the decision."""
    return await Severance.create(kind=kind, target_name=target_name[:320])


async def sever_some(severance_id: int, account_id: int, limit: int, *, only_followers: bool = False) -> int:
    """End up to `limit` follows from or to a remote account, in a transaction of their own. Returns how many.

    Its server is told, so that nobody there goes on believing in them: a follower is rejected, a follow undone. With
    `only_followers` the follows of people here stay.
    """
    async with db.transaction():
        ended = await Follow.filter(account_id=account_id).limit(limit)
        if not ended and not only_followers:
            ended = await Follow.filter(target_id=account_id).limit(limit)
        for follow in ended:
            if await follow_rows.remove(follow):
                await keep(severance_id, follow, is_follower=follow.account_id == account_id)
                await events.record(_farewell(follow, is_follower=follow.account_id == account_id))
                if not follow.accepted:
                    await notifications.forget(notifications.FOLLOW_REQUEST, follow.target_id, follow.account_id)
    return len(ended)


def _farewell(follow: Follow, *, is_follower: bool) -> events.Event:
    fact = events.FollowRejected if is_follower else events.Unfollowed
    return fact(follow.account_id, follow.target_id, follow.uri, is_farewell=True)


async def keep(severance_id: int, follow: Follow, *, is_follower: bool) -> None:
    """Remember a follow that was ended, in the transaction that ends it; mere requests are not remembered."""
    if not follow.accepted:
        return
    here, there = (follow.target_id, follow.account_id) if is_follower else (follow.account_id, follow.target_id)
    await db.execute_later(
        "INSERT INTO severed_follows (id, severance_id, account_id, other_id, is_follower, show_shares, notify, languages)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(new_id(), severance_id, here, there, is_follower),
            *(follow.show_shares, follow.notify, follow.languages),
        ),
    )


async def finish(severance_id: int) -> None:
    """Everything is ended: have those who lost something told; a severance that took nothing is forgotten."""
    async with db.transaction():
        lost = await db.fetch_one("SELECT 1 FROM severed_follows WHERE severance_id = ? LIMIT 1", (severance_id,))
        if lost is None:
            await Severance.filter(id=severance_id).delete()
            return
        await jobs.enqueue(TELL, {"severance_id": severance_id})


async def lift(kind: str, target_name: str) -> None:
    """The decision is taken back: those who lost something are told again, so that they can follow anew.

    Call it in the transaction of the decision.
    """
    for severance in await Severance.filter(kind=kind, target_name=target_name, lifted_at=None):
        severance.lifted_at = clock.now()
        await severance.save()
        await jobs.enqueue(TELL, {"severance_id": severance.id})


async def _tell(payload: dict[str, Any]) -> None:
    severance = await Severance.get_or_none(id=payload["severance_id"])
    if severance is None:
        return
    last = 0
    while rows := await db.fetch_all(
        "SELECT account_id, SUM(CASE WHEN is_follower = TRUE THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN is_follower = TRUE THEN 0 ELSE 1 END) FROM severed_follows"
        " WHERE severance_id = ? AND account_id > ? GROUP BY account_id ORDER BY account_id LIMIT ?",
        (severance.id, last, BATCH),
    ):
        for account_id, followers, following in rows:
            last = int(account_id)
            await _tell_one(severance, last, int(followers), int(following))


async def _tell_one(severance: Severance, account_id: int, followers: int, following: int) -> None:
    async with db.transaction():
        await db.execute(
            "INSERT INTO account_severances (id, severance_id, account_id, followers_count, following_count, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (severance_id, account_id) DO UPDATE SET"
            " followers_count = excluded.followers_count, following_count = excluded.following_count",
            (new_id(), severance.id, account_id, followers, following, to_milliseconds(clock.now())),
        )
        row = await db.fetch_one(
            "SELECT id FROM account_severances WHERE severance_id = ? AND account_id = ?", (severance.id, account_id)
        )
        if row is not None:
            await notifications.notify(notifications.SEVERED, account_id, account_id, subject_id=int(row[0]))


async def losses(account_id: int, *, ids: Sequence[int] | None = None, limit: int = 100) -> list[Loss]:
    """What severances took from an account, newest first; with `ids` only these."""
    if ids is not None and not ids:
        return []
    among = f" AND l.id IN ({db.marks(ids)})" if ids is not None else ""
    rows = await db.fetch_all(
        "SELECT l.id, s.kind, s.target_name, l.followers_count, l.following_count, l.created_at, s.lifted_at"
        f" FROM account_severances l JOIN severances s ON s.id = l.severance_id WHERE l.account_id = ?{among}"
        " ORDER BY l.id DESC LIMIT ?",
        (account_id, *(ids or ()), limit),
    )
    return [Loss._make(row) for row in rows]


async def loss(account_id: int, loss_id: int) -> Loss:
    """One of them. Raises `NotFound` when the account has no such one."""
    found = await losses(account_id, ids=[loss_id])
    if not found:
        raise NotFound()
    return found[0]


async def lost_follows(account_id: int, loss_id: int, *, followers: bool) -> list[LostFollow]:
    """The followers an account lost by a severance, or those it followed. Raises `NotFound` when it has no such loss."""
    await loss(account_id, loss_id)
    rows = await db.fetch_all(
        "SELECT a.username, a.domain, f.show_shares, f.notify, f.languages FROM account_severances l"
        " JOIN severed_follows f ON f.severance_id = l.severance_id AND f.account_id = l.account_id"
        " JOIN accounts a ON a.id = f.other_id"
        " WHERE l.id = ? AND l.account_id = ? AND f.is_follower = ? ORDER BY f.id LIMIT ?",
        (loss_id, account_id, followers, MAX_SHOWN),
    )
    return [LostFollow(str(row[0]), str(row[1]), bool(row[2]), bool(row[3]), row[4]) for row in rows]


jobs.register(TELL, _tell)
