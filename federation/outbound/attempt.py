"""One attempt to deliver: signed now, sent, and what the answer means."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from http import HTTPStatus

import structlog

from activitypub.collection_synchronization import HEADER
from activitypub.parse import origin_host
from activitypub.signatures import (
    SignatureError,
    SigningKey,
    WantedSignature,
    body_digest,
    read_accept_signature,
    unsigned_message,
    unsigned_post,
)
from activitypub.vocabulary import ACTIVITY_JSON
from federation import fetching, followers_sync
from federation.client import PostResult, Refused, Unreachable
from federation.hosts import CAVAGE, RFC9421
from federation.outbound.documents import for_host
from federation.outbound.queue import Parcel
from federation.outbound.signing import Signing
from node import clock, db, file_tokens
from node.cache import BoundedCache
from node.models.accounts import AUTHENTICATION
from node.services.key_sealing import opened

log = structlog.get_logger()

TRIED_AGAIN = frozenset({401, 408, 425, 429})


SIGNATURE_REFUSED = frozenset({400, 401})


class Verdict(Enum):
    """What has become of a parcel."""

    DELIVERED = auto()
    REFUSED = auto()
    GONE = auto()
    AGAIN = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on an attempt.

    `is_answer`: the host is alive and has said so. `is_host_failure`: no answer, or one that only a broken server gives.
    """

    verdict: Verdict
    reason: str = ""
    is_answer: bool = False
    is_host_failure: bool = False
    retry_after: float | None = None
    signature: str | None = None
    """The kind of signature that was accepted."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An activity as it is sent: the bytes, their `Digest`, the key."""

    body: bytes
    digest: str
    key: SigningKey
    for_followers: bool = False
    is_personal: bool = False
    """Whether each server gets it with addresses of files made for it."""

    def to(self, host: str) -> Letter:
        """The letter as that server gets it."""
        if not self.is_personal:
            return self
        body = for_host(self.body, host)
        return replace(self, body=body, digest=body_digest(body))


_letters: BoundedCache[int, Letter] = BoundedCache(256)
_keys: BoundedCache[int, SigningKey] = BoundedCache(1024)
_wanted: BoundedCache[str, WantedSignature] = BoundedCache(4096, 3 * 86_400.0)
"""By host: the signature it asked for."""


async def load_letters(parcels: Sequence[Parcel]) -> None:
    """Have the activities and keys of these parcels in memory: two statements at most for all that are not."""
    missing = db.padded(sorted({parcel.activity_id for parcel in parcels if _letters.get(parcel.activity_id) is None}))
    if not missing:
        return
    await _load_keys({parcel.account_id for parcel in parcels})
    rows = await db.fetch_all(
        f"SELECT id, account_id, body, digest, signed_with, for_followers FROM outgoing_activities WHERE id IN ({db.marks(missing)})",
        missing,
    )
    for row in rows:
        key = _keys.get(row[1])
        former = None if row[4] is None else opened(row[4], row[1])
        if key is not None and former is not None:
            key = SigningKey.from_pem(key.key_id, former)
        if key is not None:
            body = bytes(row[2])
            _letters.put(row[0], Letter(body, row[3], key, bool(row[5]), file_tokens.has_placeholder(body)))


async def letter_for(parcel: Parcel) -> Letter | None:
    """What is in the parcel; `None` when its activity or the key of its account is gone."""
    letter = _letters.get(parcel.activity_id)
    if letter is None:
        await load_letters([parcel])
        letter = _letters.get(parcel.activity_id)
    return letter


async def _load_keys(account_ids: set[int]) -> None:
    missing = db.padded(sorted(number for number in account_ids if _keys.get(number) is None))
    if not missing:
        return
    rows = await db.fetch_all(
        "SELECT account_id, key_id, private_pem FROM actor_keys WHERE private_pem IS NOT NULL AND purpose = ?"
        f" AND account_id IN ({db.marks(missing)})",
        (AUTHENTICATION, *missing),
    )
    for row in rows:
        private_pem = opened(row[2], row[0])
        if private_pem is not None:
            _keys.put(row[0], SigningKey.from_pem(row[1], private_pem))


def forget_everything() -> None:
    """Empty the memory of this process, e.g. because an account has new keys."""
    _letters.clear()
    _keys.clear()
    _wanted.clear()


async def attempt(parcel: Parcel, signature: str, signing: Signing) -> Outcome:
    """Send a parcel once; with the other kind of signature once more when this one is not accepted (401, or 400 from
    those who cannot read it), or with the one the answer asks for.
    """
    letter = await letter_for(parcel)
    if letter is None:
        return Outcome(Verdict.REFUSED, "its activity is gone")
    letter = letter.to(origin_host(parcel.inbox_url))
    try:
        also = await _sent_along(letter, parcel)
        result = await _send(letter, parcel.inbox_url, signature, also, signing)
        if result.status in SIGNATURE_REFUSED:
            for other in _other_signatures(parcel.inbox_url, signature, result):
                second = await _send(letter, parcel.inbox_url, other, also, signing)
                if second.status not in SIGNATURE_REFUSED and not _only_stumbles(result, second):
                    result, signature = second, other
                    break
    except (Refused, SignatureError) as error:
        return Outcome(Verdict.REFUSED, error.reason)
    except Unreachable as error:
        return Outcome(Verdict.AGAIN, error.reason, is_host_failure=True)
    return _judge(result, signature)


def _only_stumbles(first: PostResult, second: PostResult) -> bool:
    """Whether who said 400 breaks down at a signature it does not know (activitypub-express): then 400 stands. Taken for
    trouble that passes, it would hold up everything for that inbox for days."""
    return first.status == HTTPStatus.BAD_REQUEST and second.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _other_signatures(inbox_url: str, signature: str, refusal: PostResult) -> tuple[str, ...]:
    """The kinds worth another try. What the refusal asks for (`Accept-Signature`) is kept in mind for its host."""
    other = RFC9421 if signature == CAVAGE else CAVAGE
    wanted = read_accept_signature(refusal.accept_signature)
    if wanted is None:
        return (other,)
    is_news = wanted.lasting != _wanted.get(origin_host(inbox_url)) or wanted.lasting != wanted
    _wanted.put(origin_host(inbox_url), wanted)
    return (RFC9421, CAVAGE) if signature == RFC9421 and is_news else (other,)


async def _sent_along(letter: Letter, parcel: Parcel) -> dict[str, str]:
    """Other headers that go with it, signed."""
    if not letter.for_followers:
        return {}
    return {HEADER: await followers_sync.header_for(parcel.activity_id, parcel.account_id, parcel.inbox_url)}


async def _send(
    letter: Letter, inbox_url: str, signature: str, also: Mapping[str, str], signing: Signing
) -> PostResult:
    if signature == RFC9421:
        digest = f"sha-256=:{letter.digest.removeprefix('SHA-256=')}:"
        host = origin_host(inbox_url)
        wanted = _wanted.get(host)
        unsigned = unsigned_message(
            letter.key,
            "POST",
            inbox_url,
            clock.now(),
            content_digest=digest,
            content_type=ACTIVITY_JSON,
            wanted=wanted,
            also=also,
        )
        if wanted is not None:
            _wanted.put(host, wanted.lasting)  # A nonce is good for once.
    else:
        unsigned = unsigned_post(letter.key, inbox_url, letter.digest, clock.now(), also=also)
    headers = unsigned.signed(await signing.sign(letter.key, unsigned.base))
    headers["Content-Type"] = ACTIVITY_JSON
    return await fetching.client().post(inbox_url, letter.body, headers)


def _judge(result: PostResult, signature: str) -> Outcome:
    """Federation reference §7: 2xx has arrived, 410 is gone, other 4xx are final save 401, 408 and 429."""
    status = result.status
    reason = f"answered {status}"
    if 200 <= status < 300:
        return Outcome(Verdict.DELIVERED, is_answer=True, signature=signature)
    if status == 410:
        return Outcome(Verdict.GONE, reason, is_answer=True)
    if status in TRIED_AGAIN:
        return Outcome(Verdict.AGAIN, reason, is_answer=True, retry_after=result.retry_after)
    if 300 <= status < 500:
        return Outcome(Verdict.REFUSED, reason, is_answer=True)
    return Outcome(Verdict.AGAIN, reason, is_host_failure=True, retry_after=result.retry_after)


def pause_before(attempts: int) -> float:
    """Seconds until the next attempt after so many have failed: n⁴ + 15, jittered by a quarter either way."""
    return (float(attempts) ** 4 + 15.0) * random.uniform(0.75, 1.25)
