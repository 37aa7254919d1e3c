"""Links and 6-digit codes that prove control of an e-mail address, once and for a while."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from node import clock, db
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import User
from node.models.credentials import OneTimeSecret
from node.models.fields import to_milliseconds
from node.runtime import runtime
from node.secrecy import hash_token, new_code, new_token

CONFIRM_EMAIL: Final = "confirm_email"
RESET_PASSWORD: Final = "reset_password"  # noqa: S105 - the name of a purpose
SIGN_IN: Final = "sign_in"

ATTEMPTS = 5
LIFETIMES = {CONFIRM_EMAIL: timedelta(days=2), RESET_PASSWORD: timedelta(hours=1), SIGN_IN: timedelta(days=1)}

LINK_IS_NO_GOOD = "This link has been used already, or is too old"


@dataclass(frozen=True, slots=True)
class Issued:
    """What a letter carries: `token` for its link, `code` to type."""

    token: str
    code: str


async def issue(user: User, purpose: str) -> Issued:
    """A fresh link and code for `user`; earlier ones of the same purpose stop working."""
    issued = Issued(new_token(), new_code())
    async with db.transaction():
        await db.execute("DELETE FROM one_time_secrets WHERE user_id = ? AND purpose = ?", (user.id, purpose))
        await OneTimeSecret.create(
            id=new_id(),
            user_id=user.id,
            purpose=purpose,
            token_hash=hash_token(issued.token),
            code_hash=_hash_code(user.id, issued.code) if purpose == CONFIRM_EMAIL else None,
            attempts_left=ATTEMPTS,
            expires_at=clock.now() + LIFETIMES[purpose],
        )
    return issued


async def open_ones(user: User) -> list[OneTimeSecret]:
    """What was sent to `user` and still works, newest first: one of each purpose at most."""
    return await OneTimeSecret.filter(user_id=user.id, expires_at__gt=clock.now()).order_by("-id")


async def owner(purpose: str, token: str) -> User:
    """Whose link this is, without using it up. Raises `NotFound` when it is not good (any more)."""
    secret = (
        await OneTimeSecret.filter(token_hash=hash_token(token), purpose=purpose, expires_at__gt=clock.now())
        .select_related("user__account")
        .first()
    )
    if secret is None:
        raise NotFound(LINK_IS_NO_GOOD)
    return secret.user


async def redeem_token(purpose: str, token: str) -> User:
    """Use up a link, in the caller's transaction if there is one. Raises `NotFound` when it is not good (any more)."""
    user = await owner(purpose, token)
    if not await db.execute("DELETE FROM one_time_secrets WHERE token_hash = ?", (hash_token(token),)):
        raise NotFound(LINK_IS_NO_GOOD)
    return user


async def redeem_code(user: User, purpose: str, code: str) -> bool:
    """Use up a code; whether it was the right one. Call it outside a transaction: a wrong guess must stay counted."""
    rows = await db.fetch_all(
        "UPDATE one_time_secrets SET attempts_left = attempts_left - 1"
        " WHERE user_id = ? AND purpose = ? AND attempts_left > 0 AND expires_at > ? RETURNING id, code_hash",
        (user.id, purpose, to_milliseconds(clock.now())),
    )
    for row in rows:
        if hmac.compare_digest(str(row["code_hash"]), _hash_code(user.id, code)):
            return await db.execute("DELETE FROM one_time_secrets WHERE id = ?", (row["id"],)) > 0
    return False


async def forget(user: User, purpose: str) -> None:
    """Make what `user` was sent for `purpose` useless."""
    await db.execute("DELETE FROM one_time_secrets WHERE user_id = ? AND purpose = ?", (user.id, purpose))


async def forget_expired() -> int:
    """Delete what can no longer be used. Returns how many."""
    return await db.execute("DELETE FROM one_time_secrets WHERE expires_at < ?", (to_milliseconds(clock.now()),))


def _hash_code(user_id: int, code: str) -> str:
    """Six digits are quickly tried out on a stolen table, so their hash is keyed."""
    return hmac.new(runtime().secret_key, f"code:{user_id}:{code}".encode(), hashlib.sha256).hexdigest()
