"""The queue of deliveries as rows: claimed with a lease, finished, put back, given up.

Claiming leaves out hosts that are paused and those of which this worker has enough in hand, so that what waits for a
slow or dead host never stands in the way of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from federation import hosts
from federation.hosts import HostState
from node import clock, db

LEASE_SECONDS = 600.0
LOOK_AT = 512
MOST_EXCLUDED = 5_000
PLACEHOLDERS = 512
ERROR_LENGTH = 500


@dataclass(slots=True, eq=False)
class Parcel:
    """One activity on its way to one inbox. `created_at` and `due_at` in milliseconds."""

    id: int
    activity_id: int
    account_id: int
    inbox_url: str
    host: str
    attempts: int
    created_at: int
    due_at: int

    @property
    def lane(self) -> tuple[str, int]:
        """What arrives in the order it was sent."""
        return self.inbox_url, self.account_id


@dataclass(frozen=True, slots=True)
class Postponed:
    """A parcel to be tried again, or to be kept as failed for the admin to see."""

    parcel: Parcel
    seconds: float
    error: str
    attempted: bool = True
    gave_up: bool = False
    due_at: int | None = None
    """When it is due, in milliseconds, in place of `seconds` from now."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed, and the hosts of which more is waiting."""

    parcels: list[Parcel]
    more: frozenset[str]


async def claim(excluded: Collection[str], in_hand: dict[str, int], per_host: int) -> Claim:
    """Lease what is due, oldest first: of each host as many as bring its number `in_hand` to `per_host`."""
    now = _now()
    shut = db.padded(sorted(excluded)[:MOST_EXCLUDED])
    rows = await db.fetch_all(
        "SELECT d.id, d.activity_id, o.account_id, d.inbox_url, d.host, d.attempts, d.created_at, d.next_attempt_at"
        " FROM deliveries d JOIN outgoing_activities o ON o.id = d.activity_id"
        " WHERE d.failed = FALSE AND d.next_attempt_at <= ? AND d.lease_until IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM remote_hosts h WHERE h.host = d.host AND h.paused_until > ?)"
        f"{f' AND d.host NOT IN ({db.marks(shut)})' if shut else ''}"
        " ORDER BY d.next_attempt_at, d.id LIMIT ?",
        (now, now, *shut, LOOK_AT),
    )
    room = dict(in_hand)
    more: set[str] = set()
    chosen: dict[int, Parcel] = {}
    for row in rows:
        parcel = Parcel(*row)
        if room.get(parcel.host, 0) >= per_host:
            more.add(parcel.host)
            continue
        room[parcel.host] = room.get(parcel.host, 0) + 1
        chosen[parcel.id] = parcel
    leased = await _lease(list(chosen), now)
    return Claim([parcel for number, parcel in chosen.items() if number in leased], frozenset(more))


async def _lease(ids: list[int], now: int) -> set[int]:
    """Those of the rows that no other worker was faster to take."""
    if not ids:
        return set()
    ids = db.padded(ids)
    rows = await db.fetch_all(
        f"UPDATE deliveries SET lease_until = ? WHERE id IN ({db.marks(ids)}) AND lease_until IS NULL RETURNING id",
        (now + int(LEASE_SECONDS * 1000), *ids),
    )
    return {row[0] for row in rows}


async def write_results(
    finished: Sequence[Parcel], postponed: Sequence[Postponed], states: Iterable[HostState], recovered: Sequence[str]
) -> None:
    """Write down how it went, all in one transaction."""
    now = _now()
    changed = list(states)
    async with db.transaction():
        ids = [parcel.id for parcel in finished]
        for start in range(0, len(ids), PLACEHOLDERS):
            some = db.padded(ids[start : start + PLACEHOLDERS])
            await db.execute(f"DELETE FROM deliveries WHERE id IN ({db.marks(some)})", some)
        await db.execute_many(
            "UPDATE deliveries SET attempts = attempts + ?, next_attempt_at = ?, lease_until = NULL, failed = ?,"
            " error = ? WHERE id = ?",
            [
                (
                    int(item.attempted),
                    now + int(item.seconds * 1000) if item.due_at is None else item.due_at,
                    item.gave_up,
                    item.error[:ERROR_LENGTH],
                    item.parcel.id,
                )
                for item in postponed
            ],
        )
        await hosts.store(changed)
        await hosts.release(recovered)
        # Rows of a paused host are set to the end of its pause: claims need not step over them meanwhile.
        await db.execute_many(
            "UPDATE deliveries SET next_attempt_at = ?"
            " WHERE host = ? AND failed = FALSE AND next_attempt_at < ? AND lease_until IS NULL",
            [(until, state.host, until) for state in changed if (until := int((state.paused_until or 0) * 1000)) > now],
        )


async def inbox_is_gone(inbox_url: str) -> None:
    """An inbox answered 410: nothing is sent there any more, until its actor is read again."""
    async with db.transaction():
        await db.execute("UPDATE accounts SET inbox_url = '' WHERE inbox_url = ? AND domain <> ''", (inbox_url,))
        await db.execute("UPDATE accounts SET shared_inbox_url = NULL WHERE shared_inbox_url = ?", (inbox_url,))
        await db.execute("DELETE FROM deliveries WHERE inbox_url = ? AND lease_until IS NULL", (inbox_url,))


async def recover(everything: bool = False) -> int:
    """Give back what a dead worker had in hand: rows whose lease ran out, or all when this process is alone."""
    if everything:
        return await db.execute("UPDATE deliveries SET lease_until = NULL WHERE lease_until IS NOT NULL")
    return await db.execute("UPDATE deliveries SET lease_until = NULL WHERE lease_until < ?", (_now(),))


async def give_up_old(hours: float) -> None:
    """Mark as failed what has waited so long for a host that does not answer."""
    await db.execute(
        "UPDATE deliveries SET failed = TRUE, error = 'its host did not answer'"
        " WHERE failed = FALSE AND lease_until IS NULL AND created_at < ?"
        " AND host IN (SELECT host FROM remote_hosts WHERE failures > 0)",
        (_now() - int(hours * 3_600_000),),
    )


async def give_back(parcels: Iterable[Parcel]) -> None:
    """Let others have what was claimed and not begun."""
    await db.execute_many("UPDATE deliveries SET lease_until = NULL WHERE id = ?", [(parcel.id,) for parcel in parcels])


async def next_due() -> float | None:
    """Seconds until the next delivery falls due; `None` when nothing waits."""
    row = await db.fetch_one(
        "SELECT MIN(next_attempt_at) FROM deliveries WHERE failed = FALSE AND lease_until IS NULL AND next_attempt_at > ?",
        (_now(),),
    )
    return None if row is None or row[0] is None else (int(row[0]) - _now()) / 1000


def _now() -> int:
    return int(clock.timestamp() * 1000)
