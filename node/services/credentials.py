"""What people prove themselves with: passwords, and links by mail when those are forgotten.

No answer here, nor the time it takes, tells whether somebody has an account.
"""

from __future__ import annotations

from typing import Any

from node import clock, db, jobs, mail
from node.errors import Forbidden, Invalid
from node.models.accounts import LOCAL, User
from node.passwords import check_acceptable, hash_password, needs_rehash, verify
from node.rate_limits import Limit
from node.services import letters, oauth, one_time_secrets, proven_addresses, sessions
from node.services.access import end_access
from node.services.sign_up import LETTERS_TO_ADDRESS
from node.services.throttling import has_spent, spend
from node.text import clean_line

WRONG = "The name or the password is wrong"
DISABLED = "Your login is currently disabled"
MAX_LOGIN_LENGTH = 320

SIGN_INS_PER_IP = Limit("sign_ins_per_ip", 25, 300)
SIGN_INS_PER_LOGIN = Limit("sign_ins_per_login", 25, 3600)
RESETS_PER_IP = Limit("resets_per_ip", 25, 300)
LINKS_PER_IP = Limit("links_per_ip", 50, 300)
PASSWORD_CHANGES = Limit("password_changes", 10, 3600)

SEND_RESET = "send_password_reset"


async def sign_in(login: str, password: str, *, ip_address: str) -> User:
    """The user (with `account`) whom user name or e-mail address and password belong to.

    Raises `Forbidden` alike for an unknown name and a wrong password, and for a disabled account after the right one;
    `RateLimited` after too many tries from one address or for one name.
    """
    login = clean_line(login).removeprefix("@").lower()[:MAX_LOGIN_LENGTH]
    await spend(SIGN_INS_PER_IP, ip_address)
    await spend(SIGN_INS_PER_LOGIN, login)
    user = await _by_login(login)
    stored = user.password_hash if user else None
    if not await verify(password, stored) or user is None or stored is None:
        raise Forbidden(WRONG)
    if user.disabled_at or user.account.suspended_at:
        raise Forbidden(DISABLED)
    if needs_rehash(stored):
        renewed = await hash_password(password)
        await User.filter(id=user.id, password_hash=stored).update(password_hash=renewed)
    return user


async def _by_login(login: str) -> User | None:
    users = (
        User.filter(email_key=login)
        if "@" in login
        else User.filter(account__username_key=login, account__domain=LOCAL)
    )
    return await users.select_related("account").first()


async def change_password(
    user: User, current: str, new: str, *, keep_session: int | None = None, keep_token: int | None = None
) -> None:
    """Give `user` (with `account`) another password; every other session and token of theirs ends.

    `current` is not asked of someone who has none yet. Raises `Invalid` (`current_password`, `password`), `RateLimited`.
    """
    await spend(PASSWORD_CHANGES, str(user.id))
    if user.password_hash is not None and not await verify(current, user.password_hash):
        raise Invalid("current_password", "is wrong")
    check_acceptable(new, username=user.account.username, email=user.email)
    await _set_password(user, await hash_password(new), keep_session=keep_session, keep_token=keep_token)


async def _set_password(
    user: User, password_hash: str, *, keep_session: int | None = None, keep_token: int | None = None
) -> None:
    async with db.transaction():
        await User.filter(id=user.id).update(password_hash=password_hash)
        await end_access(user, keep_session=keep_session, keep_token=keep_token)
        if user.email:
            await mail.post(letters.password_changed(user, user.account.username))


async def request_reset(email: str, *, ip_address: str) -> None:
    """Have a link for a new password sent to `email` if somebody has it; the caller sees no difference.

    Whether anybody has it is looked up later, in the background. Raises `RateLimited`.
    """
    await spend(RESETS_PER_IP, ip_address)
    email_key = clean_line(email).lower()[:MAX_LOGIN_LENGTH]
    await jobs.enqueue(SEND_RESET, {"email_key": email_key})


async def _send_reset(payload: dict[str, Any]) -> None:
    user = await User.get_or_none(email_key=payload["email_key"]).select_related("account")
    if user is None or not user.email or user.disabled_at or user.account.suspended_at:
        return
    if await has_spent(LETTERS_TO_ADDRESS, user.email_key):
        return
    async with db.transaction():
        issued = await one_time_secrets.issue(user, one_time_secrets.RESET_PASSWORD)
        await mail.post(letters.reset_password(user, user.account.username, issued.token))


async def reset_password(token: str, new: str, *, ip_address: str) -> User:
    """Set another password with the link from a letter; every session and token ends, and the address is confirmed.

    Raises `NotFound` for a link that is not good (any more), `Invalid` for a password that is not acceptable (the link
    then stays good), `RateLimited`.
    """
    await spend(LINKS_PER_IP, ip_address)
    user = await one_time_secrets.owner(one_time_secrets.RESET_PASSWORD, token)
    check_acceptable(new, username=user.account.username, email=user.email)
    password_hash = await hash_password(new)
    async with db.transaction():
        user = await one_time_secrets.redeem_token(one_time_secrets.RESET_PASSWORD, token)
        await User.filter(id=user.id, confirmed_at=None).update(confirmed_at=clock.now())
        await _set_password(user, password_hash)
    return user


async def sign_in_link(user: User) -> str:
    """A link that signs `user` in once, within a day: for an admin to hand over. Earlier ones stop working."""
    issued = await one_time_secrets.issue(user, one_time_secrets.SIGN_IN)
    return letters.sign_in_link(issued.token)


async def sign_in_by_link(token: str, *, ip_address: str) -> User:
    """Use up a one-time sign-in link. Raises `NotFound` when it is not good (any more), `Forbidden`, `RateLimited`."""
    await spend(LINKS_PER_IP, ip_address)
    async with db.transaction():
        user = await one_time_secrets.redeem_token(one_time_secrets.SIGN_IN, token)
    if user.disabled_at or user.account.suspended_at:
        raise Forbidden(DISABLED)
    return user


async def forget_expired() -> int:
    """Delete links, codes and sessions that ran out. Returns how many."""
    forgotten = await one_time_secrets.forget_expired() + await proven_addresses.forget_expired()
    return forgotten + await sessions.forget_expired() + await oauth.forget_expired()


jobs.register(SEND_RESET, _send_reset)
