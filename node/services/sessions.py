"""People signed in to the pages of the node with a browser."""

from __future__ import annotations

from datetime import timedelta

from node import clock, db
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import User
from node.models.credentials import BrowserSession
from node.models.fields import to_milliseconds
from node.secrecy import hash_token, new_token

LIFETIME = timedelta(days=30)
MOST_SESSIONS = 30


async def begin(user: User, *, user_agent: str = "", ip_address: str = "") -> str:
    """Sign `user` in to a browser; returns what its cookie holds. The oldest of too many sessions ends."""
    token = new_token()
    async with db.transaction():
        await BrowserSession.create(
            id=new_id(),
            token_hash=hash_token(token),
            user_id=user.id,
            user_agent=user_agent[:255],
            ip_address=ip_address[:45],
            expires_at=clock.now() + LIFETIME,
        )
        await db.execute(
            "DELETE FROM browser_sessions WHERE user_id = ? AND id NOT IN"
            " (SELECT id FROM browser_sessions WHERE user_id = ? ORDER BY id DESC LIMIT ?)",
            (user.id, user.id, MOST_SESSIONS),
        )
    return token


async def find(token: str) -> BrowserSession | None:
    """The session behind a cookie, with its `user` and their `account`; `None` once it ended or may not go on."""
    session = (
        await BrowserSession.filter(token_hash=hash_token(token), expires_at__gt=clock.now())
        .select_related("user__account")
        .first()
    )
    if session is None or session.user.disabled_at or session.user.account.suspended_at:
        return None
    return session


async def of_user(user: User) -> list[BrowserSession]:
    """The sessions of `user`, newest first."""
    return await BrowserSession.filter(user_id=user.id, expires_at__gt=clock.now()).order_by("-id").limit(MOST_SESSIONS)


async def end(user: User, session_id: int) -> None:
    """End one session of `user`. Raises `NotFound` when it is not theirs."""
    if not await db.execute("DELETE FROM browser_sessions WHERE id = ? AND user_id = ?", (session_id, user.id)):
        raise NotFound()


async def end_others(user: User, kept_id: int) -> None:
    """End every session of `user` save this one."""
    await db.execute("DELETE FROM browser_sessions WHERE user_id = ? AND id <> ?", (user.id, kept_id))


async def end_by_token(token: str) -> None:
    """End the session behind a cookie, if there is one."""
    await db.execute("DELETE FROM browser_sessions WHERE token_hash = ?", (hash_token(token),))


async def forget_expired() -> int:
    """Delete sessions that ran out. Returns how many."""
    return await db.execute("DELETE FROM browser_sessions WHERE expires_at < ?", (to_milliseconds(clock.now()),))
