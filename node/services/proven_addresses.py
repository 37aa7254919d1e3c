"""Six digits that prove an e-mail address before there is an account: Pixelfed's app asks for the address first.

Nobody learns here whether an address has an account. One that has is treated like any other, but the letter to it says
so and carries no code.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from node import clock, db, mail
from node.errors import RateLimited
from node.ids import new_id
from node.models.accounts import User
from node.models.fields import to_milliseconds
from node.rate_limits import Limit
from node.runtime import runtime
from node.secrecy import new_code
from node.services import email_blocks, ip_blocks, letters
from node.services.sign_up import LETTERS_TO_ADDRESS, acceptable_email, refuse_while_closed
from node.services.throttling import has_spent, spend

LIFETIME: Final = timedelta(hours=1)
ATTEMPTS: Final = 5
ASKED_PER_IP: Final = Limit("proofs_asked_per_ip", 10, 1800)
TRIED_PER_IP: Final = Limit("proofs_tried_per_ip", 30, 1800)


async def ask(email: str, *, address: str, ip_address: str) -> str:
    """Write a code to an address; an earlier one stops working. Returns the address in its normal form.

    `address` is where this comes from, `ip_address` who counts as one. An address written to too often gets no more
    letters for a while, and its last code goes on working. Raises `Invalid` (email), `Forbidden`, `RateLimited`.
    """
    refuse_while_closed()
    await spend(ASKED_PER_IP, ip_address)
    email = acceptable_email(email)
    await ip_blocks.check_sign_up(address)
    await email_blocks.check_sign_up(email, address)
    key = email.lower()
    if await has_spent(LETTERS_TO_ADDRESS, key):
        return email
    code, now = new_code(), clock.now()
    owner = await User.get_or_none(email_key=key).select_related("account")
    async with db.transaction():
        await db.execute(
            "INSERT INTO proven_addresses (id, email_key, code_hash, attempts_left, expires_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO UPDATE SET code_hash = excluded.code_hash,"
            " attempts_left = excluded.attempts_left, expires_at = excluded.expires_at",
            (
                *(new_id(), key, _hash_code(key, code), ATTEMPTS),
                *(to_milliseconds(now + LIFETIME), to_milliseconds(now)),
            ),
        )
        if owner is not None:
            await mail.post(letters.address_is_taken(owner, owner.account.username))
        else:
            await mail.post(letters.prove_address(email, code))
    return email


async def is_proven(email: str, code: str, *, ip_address: str) -> bool:
    """Whether this is the code for the address; it goes on working. A wrong one costs one of a few attempts.

    Raises `Invalid` (email), `RateLimited` when none is left. Call it outside a transaction: a wrong guess must stay counted.
    """
    await spend(TRIED_PER_IP, ip_address)
    key = acceptable_email(email).lower()
    row = await db.fetch_one(
        "SELECT id, attempts_left FROM proven_addresses WHERE email_key = ? AND expires_at > ?",
        (key, to_milliseconds(clock.now())),
    )
    if row is None:
        return False
    guessing = await db.fetch_all(
        "UPDATE proven_addresses SET attempts_left = attempts_left - 1 WHERE id = ? AND attempts_left > 0"
        " RETURNING code_hash",
        (row["id"],),
    )
    if not guessing:
        raise RateLimited(LIFETIME.total_seconds(), "Too many verification attempts. Please request a new code.")
    if not hmac.compare_digest(str(guessing[0]["code_hash"]), _hash_code(key, code)):
        return False
    await db.execute("UPDATE proven_addresses SET attempts_left = attempts_left + 1 WHERE id = ?", (row["id"],))
    return True


async def use_up(email: str) -> None:
    """Make the code of an address useless."""
    await db.execute("DELETE FROM proven_addresses WHERE email_key = ?", (acceptable_email(email).lower(),))


async def forget_expired() -> int:
    """Delete what can no longer be used. Returns how many."""
    return await db.execute("DELETE FROM proven_addresses WHERE expires_at < ?", (to_milliseconds(clock.now()),))


def _hash_code(email_key: str, code: str) -> str:
    """Six digits are quickly tried out on a stolen table, so their hash is keyed."""
    return hmac.new(runtime().secret_key, f"proof:{email_key}:{code}".encode(), hashlib.sha256).hexdigest()
