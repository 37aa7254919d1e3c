"""Close friends: a few people somebody chooses to post to. Nobody is told that they are among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import clock, db
from node.errors import Conflict, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.audiences import CloseFriend
from node.models.fields import to_milliseconds
from node.services import audiences

MAX_AT_ONCE: Final = 100


async def add(owner: Account, account_ids: Sequence[int]) -> None:
    """Make accounts close friends: any that the owner follows or that follow the owner. All or none; those who are
    already stay.

    Raises `NotFound` when one is neither, `Invalid` (account_ids) for the owner and for too many at once, `Conflict` when
    there would be more than `audiences.MAX_CLOSE_FRIENDS`.
    """
    wanted = list(dict.fromkeys(account_ids))
    if len(wanted) > MAX_AT_ONCE:
        raise Invalid("account_ids", f"can't be more than {MAX_AT_ONCE}", code="ERR_TOO_MANY")
    if owner.id in wanted:
        raise Invalid("account_ids", "can't be yourself", code="ERR_INVALID")
    if not wanted:
        return
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM users WHERE account_id = ?{db.for_update()}", (owner.id,))
        await _check_known(owner.id, wanted)
        now = to_milliseconds(clock.now())
        await db.execute_many(
            "INSERT INTO close_friends (id, account_id, member_id, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account_id, member_id) DO NOTHING",
            [(new_id(), owner.id, account_id, now) for account_id in wanted],
        )
        if await CloseFriend.filter(account_id=owner.id).count() > audiences.MAX_CLOSE_FRIENDS:
            said = f"You can't have more than {audiences.MAX_CLOSE_FRIENDS} close friends"
            raise Conflict(f"Validation failed: {said}")


async def remove(owner: Account, account_ids: Sequence[int]) -> None:
    """Take accounts off the close friends, who lose what was posted to those; others are passed over.

    Raises `Invalid` (account_ids) for too many at once.
    """
    wanted = list(dict.fromkeys(account_ids))
    if len(wanted) > MAX_AT_ONCE:
        raise Invalid("account_ids", f"can't be more than {MAX_AT_ONCE}", code="ERR_TOO_MANY")
    async with db.transaction():
        for account_id in wanted:
            if await CloseFriend.filter(account_id=owner.id, member_id=account_id).delete():
                await audiences.taken_off(owner.id, account_id)


async def _check_known(owner_id: int, account_ids: Sequence[int]) -> None:
    row = await db.fetch_one(
        f"SELECT COUNT(*) FROM accounts a WHERE a.id IN ({db.marks(account_ids)}) AND a.suspended_at IS NULL AND ("
        " EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ? AND f.target_id = a.id)"
        " OR EXISTS (SELECT 1 FROM follows f WHERE f.account_id = a.id AND f.target_id = ? AND f.accepted = TRUE))",
        (*account_ids, owner_id, owner_id),
    )
    if row is None or row[0] != len(account_ids):
        raise NotFound
