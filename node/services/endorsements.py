"""Recommending people one follows, on one's profile."""

from __future__ import annotations

from node import clock, db
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Endorsement, Follow

NOT_FOLLOWING = "You must be already following the person you want to endorse"


async def endorse(account: Account, target: Account) -> None:
    """Recommend somebody. Doing so twice changes nothing. Raises `Invalid` when `account` does not follow `target`."""
    async with db.transaction():
        if not await Follow.filter(account_id=account.id, target_id=target.id, accepted=True).exists():
            raise Invalid("base", NOT_FOLLOWING, sentence=f"Validation failed: {NOT_FOLLOWING}")
        await db.execute(
            "INSERT INTO endorsements (id, account_id, target_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (new_id(), account.id, target.id, to_milliseconds(clock.now())),
        )


async def withdraw(account: Account, target: Account) -> None:
    """Recommend somebody no longer; nothing happens when that was not so."""
    await Endorsement.filter(account_id=account.id, target_id=target.id).delete()
