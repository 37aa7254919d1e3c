"""Letting in, or turning away, those who asked to join."""

from __future__ import annotations

from typing import Any

from node import clock, db, jobs, mail
from node.errors import Forbidden, NotFound
from node.models.accounts import User
from node.services import letters, sign_up
from node.services.access import announce_change

MOST_ADMINS_TOLD = 20


async def waiting(limit: int = 100) -> list[User]:
    """Those who proved their address and wait for an admin, longest first."""
    return (
        await User.filter(approved_at=None, confirmed_at__not_isnull=True)
        .order_by("id")
        .limit(limit)
        .select_related("account")
    )


async def approve(admin: User, user_id: int) -> User:
    """Let someone in who asked to join, and write to them. Raises `Forbidden` for other than staff, `NotFound`."""
    user = await _asking(admin, user_id)
    async with db.transaction():
        user.approved_at = clock.now()
        await user.save(update_fields=["approved_at"])
        await mail.post(letters.approved(user, user.account.username))
        if user.confirmed_at is not None:
            await sign_up.tell_of_arrival(user)
        announce_change(user.id)
    return user


async def reject(admin: User, user_id: int) -> None:
    """Turn someone away who asked to join: their account goes, and a letter says so."""
    user = await _asking(admin, user_id)
    async with db.transaction():
        await mail.post(letters.rejected(user, user.account.username))
        await sign_up.forget_account(user)


async def _asking(admin: User, user_id: int) -> User:
    if admin.role not in ("admin", "moderator"):
        raise Forbidden()
    user = await User.get_or_none(id=user_id, approved_at=None).select_related("account")
    if user is None:
        raise NotFound()
    return user


async def _report_waiting(payload: dict[str, Any]) -> None:
    user = await User.get_or_none(id=payload["user_id"], approved_at=None).select_related("account")
    if user is None:
        return
    admins = await User.filter(role="admin", disabled_at=None).exclude(email="").limit(MOST_ADMINS_TOLD)
    async with db.transaction():
        for admin in admins:
            await mail.post(letters.waiting_for_approval(admin, user.account.username, user.sign_up_reason))


jobs.register(sign_up.REPORT_WAITING, _report_waiting)
