"""Moving: an account says that its person goes on under another one, and those here who follow it go along.

An account moves to one that names it as an alias: else anybody could send their followers to anybody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tortoise.expressions import F

from node import clock, db, events, jobs
from node.errors import Forbidden, Invalid
from node.models.accounts import Account, User
from node.models.moves import AccountMove
from node.passwords import verify
from node.services.access import announce_change
from node.services.carrying import CARRY
from node.services.credentials import PASSWORD_CHANGES
from node.services.throttling import spend

REST_AFTER_OWN: Final = timedelta(days=30)
REST_AFTER_REMOTE: Final = timedelta(days=7)
"""How long after a move the same account may not move again: its followers are not to be driven about."""


async def leave_for(user: User, target: Account, *, password: str) -> Account:
    """Move the account of `user` (with `account`) to `target`, which has just been read from its server.

    Records `AccountUpdated` and `AccountMoved`; from now on the account only reads (`api/auth.py`), and says where its
    person is. Followers here go along in the background. Moving to where one has moved to already changes nothing.

    Raises `Invalid` (password; acct for an account that does not name this one as an alias, has moved itself or is
    suspended; `base` within 30 days of the last move), `RateLimited`.
    """
    account = user.account
    await spend(PASSWORD_CHANGES, str(user.id))
    if user.password_hash is not None and not await verify(password, user.password_hash):
        raise Invalid("password", "is wrong")
    _check_target(account, target)
    async with db.transaction():
        current = await _locked(account)
        if current.moved_to_uri == target.uri:
            return current
        if await _has_moved_within(account, REST_AFTER_OWN):
            reason = f"An account can move once in {REST_AFTER_OWN.days} days"
            raise Invalid("base", reason, code="ERR_TOO_SOON")
        move = await _write(account, target)
        await events.record(events.AccountUpdated(account_id=account.id))
        await events.record(events.AccountMoved(move_id=move.id))
        announce_change(user.id)
    return await Account.get(id=account.id)


async def return_home(user: User) -> Account:
    """Take the move of the account of `user` (with `account`) back: it can be used again. Whoever went along stays there.

    Records `AccountUpdated`. Nothing happens to an account that has not moved.
    """
    account = user.account
    async with db.transaction():
        if await Account.filter(id=account.id, moved_to_uri__not_isnull=True).update(
            moved_to_uri=None, version=F("version") + 1
        ):
            await events.record(events.AccountUpdated(account_id=account.id))
            announce_change(user.id)
    return await Account.get(id=account.id)


async def receive(origin: Account, target: Account) -> None:
    """The remote `origin` has moved to `target`; both have just been read from their servers. Twice changes nothing.

    Raises `Forbidden` when `origin` is local, when `target` does not name it as an alias, has moved itself or is
    suspended, and within a week of its last move elsewhere.
    """
    if origin.is_local:
        raise Forbidden("an account of this node is moved by its person", uri=origin.uri)
    try:
        _check_target(origin, target)
    except Invalid as refusal:
        raise Forbidden(f"the new account {refusal.reason}", uri=target.uri) from None
    async with db.transaction():
        current = await _locked(origin)
        last = await AccountMove.filter(account_id=origin.id).order_by("-id").first()
        if last is not None and last.created_at > clock.now() - REST_AFTER_REMOTE:
            if last.target_id != target.id:
                raise Forbidden("the account moved only just", uri=origin.uri)
            if current.moved_to_uri == target.uri:
                return
        await _write(origin, target)


def _check_target(account: Account, target: Account) -> None:
    """Raises `Invalid` (acct) when nobody moves there."""
    if target.id == account.id:
        raise Invalid("acct", "is this very account")
    if target.suspended_at is not None:
        raise Invalid("acct", "is suspended")
    if target.moved_to_uri is not None:
        raise Invalid("acct", "has moved itself")
    if account.uri not in target.also_known_as:
        raise Invalid("acct", "does not name this account as an alias", code="ERR_MISSING_ALIAS")


async def _locked(account: Account) -> Account:
    await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
    return await Account.get(id=account.id)


async def _has_moved_within(account: Account, rest: timedelta) -> bool:
    return await AccountMove.filter(account_id=account.id, created_at__gt=clock.now() - rest).exists()


async def _write(account: Account, target: Account) -> AccountMove:
    move = await AccountMove.create(account_id=account.id, target_id=target.id)
    await Account.filter(id=account.id).update(moved_to_uri=target.uri, version=F("version") + 1)
    await jobs.enqueue(CARRY, {"origin_id": account.id, "target_id": target.id})
    return move
