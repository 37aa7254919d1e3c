"""The people of this node as its admin sees and changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tortoise.expressions import F

from node import clock, db
from node.errors import Invalid, NotFound
from node.models.accounts import LOCAL, Account, User
from node.services.access import announce_change, end_access

ROLES: Final = ("user", "moderator", "admin")
MOST_LISTED: Final = 1000


async def find(name: str) -> User:
    """The user (with `account`) of a user name or an e-mail address. Raises `NotFound`."""
    wanted = name.strip().removeprefix("@").lower()
    users = (
        User.filter(email_key=wanted)
        if "@" in wanted
        else User.filter(account__username_key=wanted, account__domain=LOCAL)
    )
    user = await users.select_related("account").first()
    if user is None:
        raise NotFound(f"There is no user {name}")
    return user


async def newest(*, role: str | None = None, limit: int = 50) -> Sequence[User]:
    """Users (with `account`), newest first, at most `MOST_LISTED`."""
    users = User.all() if role is None else User.filter(role=role)
    return await users.order_by("-id").limit(min(limit, MOST_LISTED)).select_related("account")


async def set_role(user: User, role: str) -> None:
    """Make somebody a `user`, `moderator` or `admin`. Raises `Invalid` (`role`), also for the last admin's own end."""
    if role not in ROLES:
        raise Invalid("role", f"must be one of {', '.join(ROLES)}", code="ERR_INCLUSION")
    async with db.transaction():
        await _keep_an_admin(user, keeps=role == "admin", field="role")
        await _change(user, role=role)
        await Account.filter(id=user.account_id).update(version=F("version") + 1)


async def confirm(user: User) -> None:
    """Take somebody's e-mail address for proven."""
    await _change(user, confirmed_at=user.confirmed_at or clock.now())


async def disable(user: User) -> None:
    """Shut somebody out: sessions and tokens end, signing in is refused; what they posted stays. Raises `Invalid`."""
    async with db.transaction():
        await check_may_go(user)
        await _change(user, disabled_at=user.disabled_at or clock.now())
        await end_access(user)


async def enable(user: User) -> None:
    """Let somebody in again who had been shut out."""
    await _change(user, disabled_at=None)


async def _change(user: User, **values: object) -> None:
    async with db.transaction():
        user.update_from_dict(dict(values))
        await user.save(update_fields=list(values))
        announce_change(user.id)


async def check_may_go(user: User) -> None:
    """Raises `Invalid` (user) when this is the last admin."""
    await _keep_an_admin(user, keeps=False, field="user")


async def _keep_an_admin(user: User, *, keeps: bool, field: str) -> None:
    """A node without an admin could only be mended by hand."""
    if keeps or user.role != "admin":
        return
    if not await User.filter(role="admin", disabled_at=None).exclude(id=user.id).exists():
        raise Invalid(field, "is the last admin of this node")
