"""Other names of a person: the accounts elsewhere that are theirs too, which therefore may move to this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tortoise.expressions import F

from node import db, events
from node.errors import Conflict, Invalid, NotFound
from node.models.accounts import Account

MAX_ALIASES: Final = 20


async def add(account: Account, other: Account) -> Account:
    """Let the local `account` say that `other` is the same person's. Saying so twice changes nothing.

    Records `AccountUpdated`. Raises `Invalid` (acct) for oneself, `Conflict` when there are `MAX_ALIASES` already.
    """
    if other.id == account.id:
        raise Invalid("acct", "is this very account")
    async with db.transaction():
        known = await _locked(account)
        if other.uri in known:
            return account
        if len(known) >= MAX_ALIASES:
            raise Conflict(f"Validation failed: An account can't have more than {MAX_ALIASES} aliases")
        return await _write(account, [*known, other.uri])


async def remove(account: Account, uri: str) -> Account:
    """Take an alias back, named by its ActivityPub id. Records `AccountUpdated`. Raises `NotFound`."""
    async with db.transaction():
        known = await _locked(account)
        if uri not in known:
            raise NotFound()
        return await _write(account, [alias for alias in known if alias != uri])


async def accounts_of(account: Account) -> dict[str, Account]:
    """Those of the aliases that are known here, by their ids; one statement."""
    uris = account.also_known_as
    return {found.uri: found for found in await Account.filter(uri__in=uris)} if uris else {}


async def _locked(account: Account) -> list[str]:
    """The aliases as they are now, held against changes by others until the transaction ends."""
    await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
    return (await Account.get(id=account.id)).also_known_as


async def _write(account: Account, aliases: Sequence[str]) -> Account:
    await Account.filter(id=account.id).update(also_known_as=list(aliases), version=F("version") + 1)
    await events.record(events.AccountUpdated(account_id=account.id))
    return await Account.get(id=account.id)
