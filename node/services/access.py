"""The end of access: tokens and sessions that stop working, and telling every process that they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import clock, db
from node.models.accounts import User
from node.models.fields import to_milliseconds
from node.runtime import runtime

TOKENS_CHANGED = "tokens-changed"
"""Bus channel: `{"user_id": n}` when a user's tokens, password or standing changed."""

_AT_ONCE: Final = 500


def announce_change(user_id: int | None) -> None:
    """Have every process forget what it remembers of the tokens of this user, once the transaction is durable."""
    db.after_commit(lambda: runtime().bus.publish(TOKENS_CHANGED, {"user_id": user_id}))


async def remember_use(token_ids: Sequence[int]) -> None:
    """Write that these tokens are in use now."""
    moment = to_milliseconds(clock.now())
    for first in range(0, len(token_ids), _AT_ONCE):
        part = token_ids[first : first + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        await db.execute(f"UPDATE access_tokens SET last_used_at = ? WHERE id IN ({marks})", (moment, *part))


async def end_access(user: User, *, keep_session: int | None = None, keep_token: int | None = None) -> None:
    """End every session, token, unspent code and link of `user`, save the one session or token they are using now."""
    async with db.transaction():
        await db.execute("DELETE FROM browser_sessions WHERE user_id = ? AND id <> ?", (user.id, keep_session or 0))
        await db.execute("DELETE FROM access_tokens WHERE user_id = ? AND id <> ?", (user.id, keep_token or 0))
        await db.execute("DELETE FROM authorization_grants WHERE user_id = ?", (user.id,))
        await db.execute("DELETE FROM one_time_secrets WHERE user_id = ?", (user.id,))
        announce_change(user.id)
