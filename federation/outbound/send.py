"""An activity becomes rows: itself once, as the bytes that will be sent, and one delivery for each inbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from activitypub.parse import origin_host
from activitypub.signatures import body_digest
from activitypub.types import Document
from federation.outbound import audience
from federation.outbound.attest import attested
from node import clock, db
from node.ids import new_id
from node.runtime import runtime
from node.services.deliveries import DELIVERIES
from node.services.key_sealing import sealed

LONGEST_PLACEHOLDERS = 500
HOLDING_ATTEMPTS = 3
"""A delivery that failed so often, or less, holds back what follows it to the same inbox; a hopeless one does not."""


async def send(
    account_id: int,
    document: Document,
    inboxes: Iterable[str],
    *,
    farewell: bool = False,
    signed_with: str | None = None,
    for_followers: bool = False,
    deniable: bool = False,
) -> None:
    """Have `document` delivered to `inboxes`, signed by the account. Done twice, it is sent once.

    What is public is signed inside as well (`attest.py`), unless it is to be `deniable`. Suspended and unreachable hosts are left out here; a
    `farewell` goes to suspended ones too. `signed_with` is a private key (PEM) to sign with instead of the account's.
    What is `for_followers` alone goes with a digest of who they are (`federation/followers_sync.py`).
    """
    addressed = await audience.deliverable(inboxes, farewell=farewell)
    if addressed:
        told = document if deniable else await attested(document, account_id)
        await _write(account_id, told, addressed, signed_with, for_followers)


class Told(NamedTuple):
    """What one host is told."""

    host: str
    document: Document
    inboxes: set[str]


async def send_apart(account_id: int, told: Sequence[Told]) -> None:
    """Have one private activity delivered in the words each host gets. Done twice, it is sent once to each. A fixed number
    of statements, but for the rows."""
    wanted = {inbox for one in told for inbox in one.inboxes}
    reached = set(await audience.deliverable(wanted))
    parcels = [_Parcel(one, orjson.dumps(one.document), one.inboxes & reached) for one in told if one.inboxes & reached]
    if not parcels:
        return
    now = int(clock.timestamp() * 1000)
    async with db.transaction():
        known = await _sent_already([parcel.key for parcel in parcels])
        new = [parcel for parcel in parcels if parcel.key not in known]
        await db.execute_many(
            "INSERT INTO outgoing_activities (id, account_id, uri, body, digest, signed_with, for_followers,"
            " created_at) VALUES (?, ?, ?, ?, ?, NULL, FALSE, ?)",
            [(one.id, account_id, one.key, one.body, body_digest(one.body), now) for one in new],
        )
        not_before = await _held_back(account_id, sorted({inbox for one in new for inbox in one.inboxes}))
        await _insert_deliveries([(one.id, inbox) for one in new for inbox in sorted(one.inboxes)], not_before, now)
        db.after_commit(lambda: runtime().bus.publish(DELIVERIES, {}))


class _Parcel:
    def __init__(self, told: Told, body: bytes, inboxes: set[str]) -> None:
        self.id, self.key = new_id(), f"{told.document['id']}#to/{told.host}"
        self.body, self.inboxes = body, inboxes


async def _sent_already(keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), LONGEST_PLACEHOLDERS):
        some = keys[start : start + LONGEST_PLACEHOLDERS]
        rows = await db.fetch_all(f"SELECT uri FROM outgoing_activities WHERE uri IN ({db.marks(some)})", some)
        found.update(str(row[0]) for row in rows)
    return found


async def pass_on(account_id: int, document: Document, inboxes: Iterable[str]) -> None:
    """Have somebody else's activity delivered as it came, the request signed by an account of ours. Once."""
    addressed = await audience.deliverable(inboxes)
    if addressed:
        await _write(account_id, document, addressed)


async def _write(
    account_id: int,
    document: Document,
    addressed: list[str],
    signed_with: str | None = None,
    for_followers: bool = False,
) -> None:
    body = orjson.dumps(document)
    activity_id, now = new_id(), int(clock.timestamp() * 1000)
    key = None if signed_with is None else sealed(signed_with, account_id)
    async with db.transaction():
        added = await db.execute(
            "INSERT INTO outgoing_activities (id, account_id, uri, body, digest, signed_with, for_followers,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uri) DO NOTHING",
            (activity_id, account_id, document["id"], body, body_digest(body), key, for_followers, now),
        )
        if not added:
            return
        not_before = await _held_back(account_id, addressed)
        await _insert_deliveries([(activity_id, inbox) for inbox in addressed], not_before, now)
        db.after_commit(lambda: runtime().bus.publish(DELIVERIES, {}))


async def _insert_deliveries(parcels: Sequence[tuple[int, str]], not_before: Mapping[str, int], now: int) -> None:
    await db.execute_many(
        "INSERT INTO deliveries (id, activity_id, inbox_url, host, attempts, next_attempt_at, failed, error,"
        " created_at) VALUES (?, ?, ?, ?, 0, ?, FALSE, '', ?)",
        [
            (new_id(), activity_id, inbox, origin_host(inbox), max(now, not_before.get(inbox, now)), now)
            for activity_id, inbox in parcels
        ],
    )


async def _held_back(account_id: int, inboxes: list[str]) -> dict[str, int]:
    """Inboxes where something this account sent before waits for another try, and until when: order is kept."""
    found: dict[str, int] = {}
    names = sorted({origin_host(inbox) for inbox in inboxes})
    for start in range(0, len(names), LONGEST_PLACEHOLDERS):
        some = names[start : start + LONGEST_PLACEHOLDERS]
        rows = await db.fetch_all(
            "SELECT d.inbox_url, MAX(d.next_attempt_at) FROM deliveries d"
            " JOIN outgoing_activities o ON o.id = d.activity_id"
            f" WHERE d.host IN ({db.marks(some)}) AND d.failed = FALSE AND d.attempts BETWEEN 1 AND {HOLDING_ATTEMPTS}"
            " AND o.account_id = ? GROUP BY d.inbox_url",
            (*some, account_id),
        )
        found.update((row[0], int(row[1])) for row in rows)
    return found


async def forget_delivered() -> None:
    """Delete activities nobody waits for any more, and failed deliveries the admin has had a month to look at."""
    now = int(clock.timestamp() * 1000)
    await db.execute("DELETE FROM deliveries WHERE failed = TRUE AND created_at < ?", (now - 30 * 86_400_000,))
    await db.execute(
        "DELETE FROM outgoing_activities WHERE id IN (SELECT o.id FROM outgoing_activities o WHERE o.created_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = o.id) LIMIT 5000)",
        (now - 86_400_000,),
    )
