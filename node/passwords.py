"""Passwords: which are accepted, and how they are kept (Argon2id, RFC 9106), hashed in threads, never on the event loop."""

from __future__ import annotations

import asyncio
import functools
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from node.errors import Invalid, Unavailable

Result = TypeVar("Result")

MIN_LENGTH = 8
MAX_LENGTH = 200
THREADS = 2
MOST_WAITING = 64

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB and two passes: what OWASP asks of a server that must keep its memory; about 25 ms a password."""

_waiting = 0


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")


def check_acceptable(password: str, *, username: str, email: str = "") -> None:
    """Refuse a password that is too short, too long, or the account's own name or address. Raises `Invalid`."""
    if not password:
        raise Invalid("password", "can't be blank", code="ERR_BLANK")
    if len(password) < MIN_LENGTH:
        raise Invalid("password", f"is too short (minimum is {MIN_LENGTH} characters)", code="ERR_TOO_SHORT")
    if len(password) > MAX_LENGTH:
        raise Invalid("password", f"is too long (maximum is {MAX_LENGTH} characters)", code="ERR_TOO_LONG")
    own = {name.casefold() for name in (username, email, email.partition("@")[0]) if name}
    if password.strip().casefold() in own or len(set(password)) < 3:
        raise Invalid("password", "is too easy to guess", code="ERR_INVALID")


async def hash_password(password: str) -> str:
    """The Argon2id hash to store. Raises `Unavailable` when too many are waiting already."""
    return await _in_thread(lambda: _hasher.hash(_normal(password)))


async def verify(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`.

    Without a stored hash (no such person, none set) it works as long on another and says no: the time taken tells
    nothing. Raises `Unavailable` when too many are waiting already.
    """
    if len(password) > MAX_LENGTH:
        password, stored = "", None
    matches = await _in_thread(lambda: _verify(_normal(password), stored or _nobodys_hash()))
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _verify(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody at all")


def _normal(password: str) -> str:
    """Keyboards spell the same letter differently (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


async def _in_thread(work: Callable[[], Result]) -> Result:
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Unavailable("Too many people are signing in at the moment")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads(), work)
    finally:
        _waiting -= 1
