"""Who is calling: the bearer token, its scopes, and the person behind it."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

import orjson
from quart import g, request

from api import token_use
from api.documentation import Access, state_access
from api.errors import UnauthenticatedUser, Unauthorised
from node import db
from node.bus import Unsubscribe
from node.cache import BoundedCache
from node.errors import Forbidden
from node.models.accounts import Account
from node.runtime import runtime
from node.scopes import covers
from node.secrecy import hash_token
from node.services.access import TOKENS_CHANGED

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

CACHE_SECONDS = 60.0
_CHANGES = re.compile(r"(write|follow)(:|$)")

NOT_CONFIRMED = "Your login is missing a confirmed e-mail address"
NOT_APPROVED = "Your login is currently pending approval"
DISABLED = "Your login is currently disabled"
MOVED = "Your account has moved and can only read; take the move back to use it again"


@dataclass(frozen=True, slots=True)
class Caller:
    """The application, and mostly the person, a request comes from. Ids of an application's own token are `None`."""

    token_id: int
    application_id: int
    scopes: frozenset[str]
    user_id: int | None
    account_id: int | None
    role: str
    refusal: str | None
    """Why this person may not use the API just now, if so."""
    has_moved: bool = False
    """Whether the person has gone on under another account, so that this one changes nothing any more."""


_callers: BoundedCache[str, Caller] = BoundedCache(20_000, CACHE_SECONDS)

_CALLER = (
    "SELECT t.id, t.application_id, t.scopes, u.id, u.account_id, u.role, u.confirmed_at, u.approved_at,"
    " u.disabled_at, a.suspended_at, t.last_used_at, a.moved_to_uri FROM access_tokens t LEFT JOIN users u ON u.id = t.user_id"
    " LEFT JOIN accounts a ON a.id = u.account_id WHERE t.token_hash = ?"
)


def forget_callers_on_change() -> Unsubscribe:
    """Drop what is known of callers whenever the bus says that tokens changed."""
    return runtime().bus.subscribe(TOKENS_CHANGED, lambda _: _callers.clear())


async def caller_of_request() -> Caller | None:
    """Whoever sent this request; `None` without a token. Raises `Unauthorised` for a token that is not good."""
    token = bearer_token()
    return None if token is None else await caller_of_token(token)


async def caller_of_token(token: str) -> Caller:
    """Whoever has this token. Raises `Unauthorised` when it is not good."""
    token_hash = hash_token(token)
    caller = _callers.get(token_hash)
    if caller is None:
        clearings = _callers.clearings
        caller = await _load(token_hash)
        if _callers.clearings == clearings:
            _callers.put(token_hash, caller)
    return caller


def remembered(token: str) -> Caller | None:
    """The caller with this token, if this process has seen them within a minute."""
    return _callers.get(hash_token(token))


def bearer_token() -> str | None:
    """The token as the request presents it. Raises `Unauthorised` for a header that holds none."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if not header:
        return request.args.get("access_token") or None
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised
    return token.strip()


async def _load(token_hash: str) -> Caller:
    row = await db.fetch_one(_CALLER, (token_hash,))
    if row is None:
        raise Unauthorised
    token_use.note(row[0], row[10])
    scopes = frozenset(orjson.loads(row[2]))
    if row[3] is None:
        return Caller(row[0], row[1], scopes, None, None, "", None)
    confirmed, approved, disabled, suspended = row[6], row[7], row[8], row[9]
    refusal = (
        DISABLED
        if disabled or suspended
        else NOT_CONFIRMED
        if not confirmed
        else NOT_APPROVED
        if not approved
        else None
    )
    return Caller(row[0], row[1], scopes, row[3], row[4], row[5], refusal, has_moved=row[11] is not None)


async def still_good(token_ids: Sequence[int]) -> set[int]:
    """Which of these tokens are there still, of people who may use the API."""
    rows = await db.fetch_all(
        "SELECT t.id FROM access_tokens t JOIN users u ON u.id = t.user_id JOIN accounts a ON a.id = u.account_id"
        f" WHERE t.id IN ({db.marks(token_ids)}) AND u.confirmed_at IS NOT NULL AND u.approved_at IS NOT NULL"
        " AND u.disabled_at IS NULL AND a.suspended_at IS NULL",
        token_ids,
    )
    return {int(row[0]) for row in rows}


def requires(
    *scopes: str, person: bool = True, allow_unconfirmed: bool = False, allow_moved: bool = False
) -> Callable[[Callable[Arguments, Awaitable[Answer]]], Callable[Arguments, Awaitable[Answer]]]:
    """The route needs a token with any one of `scopes` (none named: any token), of a person unless `person` is off.

    What changes things is refused to somebody who has moved, save where `allow_moved`.
    """
    is_closed = not allow_moved and any(_CHANGES.match(scope) for scope in scopes)
    return _authorising(
        scopes, required=True, person=person, allow_unconfirmed=allow_unconfirmed, closed_to_moved=is_closed
    )


def allows(
    *scopes: str,
) -> Callable[[Callable[Arguments, Awaitable[Answer]]], Callable[Arguments, Awaitable[Answer]]]:
    """The route serves everyone; a token that comes along must be good and carry any one of `scopes`."""
    return _authorising(scopes, required=False, person=False, allow_unconfirmed=False, closed_to_moved=False)


def _authorising(
    scopes: tuple[str, ...], *, required: bool, person: bool, allow_unconfirmed: bool, closed_to_moved: bool
) -> Callable[[Callable[Arguments, Awaitable[Answer]]], Callable[Arguments, Awaitable[Answer]]]:
    def decorate(view: Callable[Arguments, Awaitable[Answer]]) -> Callable[Arguments, Awaitable[Answer]]:
        @functools.wraps(view)
        async def authorised(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            known = await caller_of_request()
            g.caller = known
            if known is None:
                if required:
                    raise Unauthorised
                return await view(*args, **kwargs)
            if scopes and not any(covers(known.scopes, scope) for scope in scopes):
                raise Forbidden("This action is outside the authorized scopes")
            if person and known.account_id is None:
                raise UnauthenticatedUser
            if known.refusal is not None and not allow_unconfirmed:
                raise Forbidden(known.refusal)
            if closed_to_moved and known.has_moved:
                raise Forbidden(MOVED)
            return await view(*args, **kwargs)

        state_access(authorised, Access(scopes, token=required, person=person))
        return authorised

    return decorate


def caller() -> Caller:
    """The caller of a route that `requires` one."""
    return cast(Caller, g.caller)


def viewer_id() -> int | None:
    """The account of whoever looks, `None` for the anonymous public."""
    known = cast("Caller | None", g.get("caller"))
    return known.account_id if known else None


async def acting_account() -> Account:
    """The caller's account, from the database, for a service to act as."""
    account_id = caller().account_id
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise Unauthorised
    return account


async def viewing_account() -> Account | None:
    """The viewer's account, or `None` for the public."""
    account_id = viewer_id()
    return await Account.get_or_none(id=account_id) if account_id is not None else None
