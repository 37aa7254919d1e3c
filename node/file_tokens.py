"""What stands at the end of the address of a file that is not for everybody: who may ask for it there.

A token names one reader and one file. It only says who asks: whether they may is looked up at every request
(`node/services/closed_files.py`), so a token needs no taking back. What is rendered once for many readers holds a
`placeholder` that nobody outside can know, and gets each reader's tokens when it is put together for them.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from node import clock
from node.runtime import runtime
from node.secrecy import fingerprint

BARE: Final = "-"
"""Stands for the token where the request says who asks: by its own credentials."""
DAY: Final = 86_400
LASTS_DAYS: Final = 2
LONGEST: Final = 512
KEPT_TOKENS: Final = 16_384
"""How many addresses of readers are kept: pages with them are read again and again."""
_PURPOSE: Final = "closed file"
_MOST_DIGITS: Final = 19

TokenMaker = Callable[[int], str]
"""The token for a file's id."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a token is for: an account, or all of one server (`host`, or `host:port`)."""

    account_id: int | None = None
    host: str | None = None


def placeholder(_media_id: int = 0) -> str:
    """What stands for the token in what is rendered for many readers. Nobody can write it who does not know the node's
    secret, so none ever comes from outside."""
    return fingerprint("placeholder", _PURPOSE)


def for_account(account_id: int | None, media_id: int) -> str:
    """The token of one reader here, the same for a whole day and good for another; nobody in particular gets none."""
    if account_id is None:
        return BARE
    last_day = int(clock.timestamp()) // DAY + LASTS_DAYS - 1
    return _account_token(runtime().secret_key, account_id, last_day, media_id)


def for_host(host: str, media_id: int) -> str:
    """The token of another server. It does not run out: some account there must still be allowed to see the file."""
    named = base64.urlsafe_b64encode(host.encode()).decode().rstrip("=")
    return f"{named}.{fingerprint(f'host {host} {media_id}', _PURPOSE)}"


def reader_of(token: str, media_id: int) -> Reader | None:
    """Who a token was made for; `None` when it was not made here for this file, or has run out."""
    parts = token.split(".") if len(token) <= LONGEST and token.isascii() else []
    match parts:
        case [account, last_day, _] if _is_number(account) and _is_number(last_day):
            expected = fingerprint(f"account {account} {last_day} {media_id}", _PURPOSE)
            is_good = hmac.compare_digest(expected, parts[2]) and clock.timestamp() < (int(last_day) + 1) * DAY
            return Reader(account_id=int(account)) if is_good else None
        case [named, mark]:
            host = _host(named)
            is_good = host is not None and hmac.compare_digest(fingerprint(f"host {host} {media_id}", _PURPOSE), mark)
            return Reader(host=host) if is_good else None
    return None


def personal(body: bytes, token: TokenMaker) -> bytes:
    """What was rendered for many, with one reader's tokens in it."""

    def filled(found: re.Match[bytes]) -> bytes:
        return found[1] + token(int(found[2])).encode()

    return _pattern(runtime().secret_key).sub(filled, body)


def has_placeholder(body: bytes) -> bool:
    """Whether something in it has still to become one reader's."""
    return placeholder().encode() in body


@functools.lru_cache(maxsize=KEPT_TOKENS)
def _account_token(_secret_key: bytes, account_id: int, last_day: int, media_id: int) -> str:
    return f"{account_id}.{last_day}.{fingerprint(f'account {account_id} {last_day} {media_id}', _PURPOSE)}"


@functools.lru_cache(maxsize=4)
def _pattern(_secret_key: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(/media/closed/([0-9]{1,19})/[a-z0-9_-]{1,40}/)" + re.escape(placeholder().encode()))


def _is_number(text: str) -> bool:
    return text.isdigit() and len(text) <= _MOST_DIGITS


def _host(named: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
