"""Invitations: codes that let people in while registration is by invitation, or past the queue for approval."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from node import clock, db
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Invite, User
from node.models.fields import to_milliseconds

CODE_BYTES = 12
_CODE = re.compile(r"[A-Za-z0-9_\-]{1,64}")
MOST_INVITES = 100


async def create(user: User | None, *, max_uses: int | None = 1, lifetime: timedelta | None = None) -> Invite:
    """A new invitation by `user` (`None`: by the admin at the console). `None` for uses or lifetime is without end.

    Raises `Invalid` for a number of uses below one, or when `user` has too many invitations open.
    """
    if max_uses is not None and max_uses < 1:
        raise Invalid("max_uses", "must be at least 1")
    if user is not None and await Invite.filter(created_by_id=user.id).count() >= MOST_INVITES:
        raise Invalid("invite", "is one too many; take an old one back first", code="ERR_TOO_MANY")
    return await Invite.create(
        id=new_id(),
        code=secrets.token_urlsafe(CODE_BYTES),
        created_by_id=user.id if user else None,
        max_uses=max_uses,
        expires_at=clock.now() + lifetime if lifetime else None,
    )


async def spend(code: str) -> bool:
    """Use an invitation once, in the caller's transaction; whether it was good."""
    if not _CODE.fullmatch(code):
        return False
    used = await db.execute(
        "UPDATE invites SET uses = uses + 1 WHERE code = ? AND (max_uses IS NULL OR uses < max_uses)"
        " AND (expires_at IS NULL OR expires_at > ?)",
        (code, to_milliseconds(clock.now())),
    )
    return used > 0


async def inviter(code: str) -> int | None:
    """The account that gave out an invitation; `None` for one from the console."""
    row = await db.fetch_one(
        "SELECT u.account_id FROM invites i JOIN users u ON u.id = i.created_by_id WHERE i.code = ?", (code,)
    )
    return int(row[0]) if row is not None else None


async def is_good(code: str) -> bool:
    """Whether an invitation could be used now."""
    if not _CODE.fullmatch(code):
        return False
    row = await db.fetch_one(
        "SELECT 1 FROM invites WHERE code = ? AND (max_uses IS NULL OR uses < max_uses)"
        " AND (expires_at IS NULL OR expires_at > ?)",
        (code, to_milliseconds(clock.now())),
    )
    return row is not None


async def of_user(user: User) -> list[Invite]:
    """The invitations `user` has given out, newest first."""
    return await Invite.filter(created_by_id=user.id).order_by("-id").limit(MOST_INVITES)


async def take_back(user: User, invite_id: int) -> None:
    """Make an invitation of `user` useless. Raises `NotFound` when it is not theirs."""
    if not await Invite.filter(id=invite_id, created_by_id=user.id).delete():
        raise NotFound()
