"""What one server passes on of another's actor: believed for the signature inside the document, or not at all.

A forwarded reply, an edit or deletion that follows it, what a relay hands round: the request is signed by whoever
passes it on, the document by the actor. Only kinds that are passed on in earnest count, and only while their ids are
remembered here: a signature in a document is valid for ever, and so somebody could play an old activity again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from activitypub.parse import ParseError, origin_host, parse_activity
from activitypub.signatures import SignatureError, SignatureMismatch, VerificationKey, check_key_of_actor
from activitypub.types import Activity, Document
from federation import policy
from federation.inbound import keys
from federation.inbound.keys import KnownKey
from federation.inbound.receive import PASSED_ON, Busy, deduplication_key
from federation.inbound.verify import Signer
from node import clock, db
from node.cache import BoundedCache
from node.models.accounts import ASSERTION, AUTHENTICATION

OLDEST: Final = timedelta(days=6)
"""Ids of received activities are remembered for a week."""
VERIFIED_AT_ONCE: Final = 2
MOST_WAITING: Final = 200
FAILURES_PER_MINUTE: Final = 30
MOST_HOSTS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Attested:
    """An activity its actor vouches for, with the part of the document that is covered, and that actor."""

    activity: Activity
    document: Mapping[str, Any]
    signer: Signer


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way to sign a document: whose key, when, how it is checked, what such a key is for."""

    key_id: str | None
    made_at: datetime | None
    verify: Callable[[Document, VerificationKey], Document]
    purpose: str


class _Door:
    """Few documents are checked at a time, and not many wait: each takes milliseconds of a processor."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(VERIFIED_AT_ONCE)
        self._waiting = 0

    async def check(self, work: Callable[[], Document]) -> Document:
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


_door = _Door()
_failures: BoundedCache[str, int] = BoundedCache(MOST_HOSTS, 60.0)
"""By host that passed on and minute: what did not hold."""


def forget_everything() -> None:
    """Empty the memory of this process."""
    _failures.clear()


def is_signed_inside(document: Mapping[str, Any]) -> bool:
    """Whether the document claims to carry its actor's signature."""
    return "signature" in document or "proof" in document


async def is_received_already(activity: Activity) -> bool:
    """Whether an activity of this id was accepted before, by whichever way."""
    key = deduplication_key(activity)
    return key is not None and await db.fetch_one("SELECT 1 FROM jobs WHERE key = ?", (key,)) is not None


async def attested(activity: Activity, document: Document, passed_on_by: Signer) -> Attested | None:
    """The activity in `document` if a signature in it is its actor's and holds; else `None`. Raises `Busy`.

    Who passes on much that does not hold is not believed to carry anything better for the rest of the minute.
    """
    if activity.type not in PASSED_ON or activity.id is None:
        return None
    counter = f"{origin_host(passed_on_by.actor_uri)} {int(clock.timestamp() // 60)}"
    failures = _failures.get(counter) or 0
    for kind in _kinds(document):
        if kind.key_id is None or not _is_recent(kind.made_at) or failures >= FAILURES_PER_MINUTE:
            continue
        try:
            found = await _verified(document, kind, activity.actor)
        except (SignatureError, ParseError):
            failures += 1
            _failures.put(counter, failures)
            continue
        # The graph that was signed may be another activity than the text that came.
        return found if found.activity.id == activity.id else None
    return None


async def holds(document: Document) -> bool:
    """Whether a signature in the document is its actor's, whenever it was made and whatever the activity is."""
    for kind in _kinds(document):
        if kind.key_id is None:
            continue
        try:
            known = await _key(kind, str(document.get("actor")))
            await _check(document, kind, known)
        except SignatureError:
            continue
        return True
    return False


def _kinds(document: Document) -> tuple[_Kind, ...]:
    # pyld and its contexts are read when the first such document comes.
    from activitypub.signatures.integrity_proofs import proof_key_id, proof_made_at, verify_proof
    from activitypub.signatures.linked_data import signature_key_id, signature_made_at, verify_linked_data

    def proof(document: Document, key: VerificationKey) -> Document:
        return verify_proof(document, key, clock.now())

    return (
        _Kind(proof_key_id(document), proof_made_at(document), proof, ASSERTION),
        _Kind(signature_key_id(document), signature_made_at(document), verify_linked_data, AUTHENTICATION),
    )


def _is_recent(made_at: datetime | None) -> bool:
    return made_at is not None and clock.now() - made_at < OLDEST


async def _verified(document: Document, kind: _Kind, actor: str) -> Attested:
    known = await _key(kind, actor)
    proven = await _check(document, kind, known)
    activity = parse_activity(proven)
    if activity.actor != known.actor_uri:
        raise SignatureError("the signature in the document is not the actor's")
    if activity.type not in PASSED_ON or activity.id is None:
        raise SignatureError("activities of this kind are not passed on")
    return Attested(activity, proven, Signer(known.account_id, known.actor_uri, known.key.key_id))


async def _key(kind: _Kind, actor: str) -> KnownKey:
    key_id = kind.key_id or ""
    check_key_of_actor(key_id, actor)
    if await policy.is_refused(key_id.split("/")[2].lower()):
        raise SignatureError("the key stands on a host that is refused")
    known = await keys.known_key(key_id) or await keys.fetched_key(key_id)
    if known.actor_uri != actor:
        raise SignatureError("the signature in the document is not the actor's")
    return known


async def _check(document: Document, kind: _Kind, known: KnownKey) -> Document:
    if known.purpose != kind.purpose:
        raise SignatureError("the key is for something else")
    try:
        return await _door.check(lambda: kind.verify(document, known.key))
    except SignatureMismatch:
        changed = await keys.refetched_key(known)
        if changed is None or changed.purpose != kind.purpose:
            raise
        return await _door.check(lambda: kind.verify(document, changed.key))
