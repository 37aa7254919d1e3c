"""Whose key is it? Public keys of other servers' actors: from memory, from the database, from their origin.

A key is believed only by the two-way link: the actor's own document lists it under the very id it was looked up by, or
it is the only key there and was looked up by the actor's id (federation rule 3). Keys are never taken from what was delivered, and a key fetched for one actor is never stored
under another's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from activitypub.parse import ParseError, origin_host, parse_public_key
from activitypub.signatures import SignatureError, UnusableKey, VerificationKey, check_key_of_actor
from federation import fetching, resolve
from federation.fetching import Budget
from federation.resolve_errors import Gone, ResolveError
from node import clock, db, urls
from node.cache import BoundedCache
from node.models.accounts import AUTHENTICATION
from node.single_flight import SingleFlight

MAX_KEYS = 10_000
MAX_AGE = 3600.0
FAILURE_SECONDS = 300.0
REFETCH_SECONDS = 60.0
FETCHES_AT_ONCE = 32
KEY_FETCHES = 6
FAILURES_PER_MINUTE = 30
"""At one host."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that may be checked against, and the account it belongs to."""

    account_id: int
    actor_uri: str
    key: VerificationKey
    purpose: str = AUTHENTICATION


class UnknownKey(SignatureError):
    """The key cannot be had: its origin does not have it, or has nothing that fits."""


class KeyGone(UnknownKey):
    """The key's origin says that it is gone for good, like the actor it belonged to."""


_known: BoundedCache[str, KnownKey] = BoundedCache(MAX_KEYS, MAX_AGE)
_failures: BoundedCache[str, UnknownKey] = BoundedCache(MAX_KEYS, FAILURE_SECONDS)
_read: BoundedCache[str, bool] = BoundedCache(MAX_KEYS, REFETCH_SECONDS)
"""Documents read for a key a moment ago: another key id is not a reason to read them again."""
_failures_at: BoundedCache[str, int] = BoundedCache(MAX_KEYS, REFETCH_SECONDS)
"""Keys that could not be had, by host and minute."""
_refetched: BoundedCache[str, float] = BoundedCache(MAX_KEYS, REFETCH_SECONDS)
_KEY = "SELECT k.public_pem, a.id, a.uri, k.purpose FROM actor_keys k JOIN accounts a ON a.id = k.account_id"
_slots = asyncio.Semaphore(FETCHES_AT_ONCE)
_flights: SingleFlight[None] = SingleFlight()


async def known_key(key_id: str) -> KnownKey | None:
    """The key of this id as this node has it, without asking anybody."""
    known = _known.get(key_id)
    if known is not None:
        return known
    row = await db.fetch_one(f"{_KEY} WHERE k.key_id = ? AND a.domain <> ''", (key_id,))
    row = row or await _only_key_of(key_id)
    if row is None:
        return None
    try:
        key = VerificationKey.from_pem(key_id, row[0])
        check_key_of_actor(key_id, row[2])
    except SignatureError:
        return None
    known = KnownKey(int(row[1]), row[2], key, row[3])
    _known.put(key_id, known)
    return known


async def _only_key_of(actor_uri: str) -> db.Row | None:
    """Some (activitypub-express, and so Guppe) name the actor instead of the key: clear if it has but one."""
    if "#" in actor_uri:
        return None
    which = "a.uri = ? AND a.domain <> '' AND k.purpose = ?"
    rows = await db.fetch_all(f"{_KEY} WHERE {which} LIMIT 2", (actor_uri, AUTHENTICATION))
    return rows[0] if len(rows) == 1 else None


async def fetched_key(key_id: str) -> KnownKey:
    """The key from its origin, stored with its actor. Raises `UnknownKey`.

    Whoever invents key ids must not make us ask for each of them: what could not be had is not asked for again for five
    minutes, one document is read once a minute, and a host where many keys could not be had is left alone meanwhile.
    """
    failure = _failures.get(key_id)
    if failure is not None:
        raise failure
    document = _document_of(key_id)
    if not _flights.is_under_way(document) and (_read.get(document) is not None or _failed_often(key_id)):
        known = await known_key(key_id)  # It may have come a moment ago, for somebody else.
        if known is not None:
            return known
        raise UnknownKey("the key's origin was asked a moment ago")
    return await _fetched(key_id)


async def _fetched(key_id: str) -> KnownKey:
    try:
        await _flights.run(_document_of(key_id), lambda: _fetch_in_turn(key_id))
    except (ResolveError, ParseError, UnusableKey) as error:
        failure = KeyGone if isinstance(error, Gone) and error.deleted else UnknownKey
        raise _remember_failure(key_id, failure(f"the key cannot be had ({_short(error)})")) from error
    _known.drop(key_id)
    known = await known_key(key_id)
    if known is None:
        raise _remember_failure(key_id, UnknownKey("the actor does not list this key"))
    return known


async def refetched_key(known: KnownKey) -> KnownKey | None:
    """The key fetched anew, because a signature did not fit what we have; `None` when it is the same still.

    At most once a minute for one key: whoever sends bad signatures must not make us ask its owner each time.
    """
    key_id = known.key.key_id
    if _refetched.get(key_id) is not None:
        return None
    _refetched.put(key_id, clock.timestamp())
    try:
        fresh = await _fetched(key_id)
    except UnknownKey:
        return None
    return None if fresh.key.public == known.key.public else fresh


def forget(key_ids: Iterable[str]) -> None:
    """Drop keys from memory, e.g. because their actor's document was read again."""
    for key_id in key_ids:
        _known.drop(key_id)


def forget_everything() -> None:
    """Empty the memory of this process."""
    _known.clear()
    _failures.clear()
    _read.clear()
    _failures_at.clear()
    _refetched.clear()


async def _fetch_in_turn(key_id: str) -> None:
    _read.put(_document_of(key_id), True)
    async with _slots:
        await _fetch(key_id)


async def _fetch(key_id: str) -> None:
    if urls.is_local(key_id):
        raise UnknownKey("a key of this node")
    budget = Budget(KEY_FETCHES, 30.0)
    url, fragment, _ = key_id.partition("#")
    if fragment:
        await resolve.refresh(url, budget=budget)
        return
    # Path-style ids (GoToSocial's …/main-key, bare key documents) answer something that names its owner.
    fetched = await fetching.fetch_unchecked(key_id, budget)
    owner = parse_public_key(fetched.document).owner
    check_key_of_actor(key_id, owner)
    await resolve.refresh(owner, budget=budget, separate_key=(key_id, fetched))


def _document_of(key_id: str) -> str:
    return key_id.partition("#")[0]


def _failed_often(key_id: str) -> bool:
    return (_failures_at.get(_host_and_minute(key_id)) or 0) >= FAILURES_PER_MINUTE


def _host_and_minute(key_id: str) -> str:
    return f"{origin_host(key_id)} {int(clock.timestamp() // 60)}"


def _remember_failure(key_id: str, failure: UnknownKey) -> UnknownKey:
    _failures.put(key_id, failure)
    counter = _host_and_minute(key_id)
    _failures_at.put(counter, (_failures_at.get(counter) or 0) + 1)
    return failure


def _short(error: Exception) -> str:
    return str(getattr(error, "reason", error))[:200]
