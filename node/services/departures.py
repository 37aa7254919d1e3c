"""Somebody leaves for good."""

from __future__ import annotations

from node.errors import Invalid
from node.models.accounts import User
from node.passwords import verify
from node.services import accounts, members
from node.services.credentials import PASSWORD_CHANGES
from node.services.throttling import spend


async def leave(user: User, *, password: str, username: str) -> None:
    """Delete the account of `user` (with `account`), who types its name and the password, if there is one, to be sure.

    Raises `Invalid` (username, password; user for the last admin), `RateLimited`.
    """
    await spend(PASSWORD_CHANGES, str(user.id))
    if username.strip().removeprefix("@").lower() != user.account.username_key:
        raise Invalid("username", "is not the name of this account")
    if user.password_hash is not None and not await verify(password, user.password_hash):
        raise Invalid("password", "is wrong")
    await members.check_may_go(user)
    await accounts.delete_local(user.account)
