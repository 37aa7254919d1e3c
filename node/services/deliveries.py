"""What an admin sees and decides of deliveries: host by host, and whether anything is sent at all.

A database that was restored from a backup would send again what has arrived long ago, and contradict what was sent
since: it is noticed at the start (`notice_restored`), and nothing is sent until somebody says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from node import clock, db
from node.errors import NotFound
from node.models.federation import DeliveryState
from node.models.fields import to_milliseconds
from node.runtime import runtime
from node.services.kept_rules import KeptRules

log = structlog.get_logger()

DELIVERIES: Final = "deliveries"
"""The channel on which workers hear that there is something to do."""
CHANNEL: Final = "delivery-state"
MARK_EVERY: Final = 600.0
MARK_FILE: Final = "delivery-mark"
AUDITED: Final = "Delivery"
"""What the log of decisions calls them."""
RESTORED: Final = "the database is older than the last one that ran here: it was restored from a backup"
BY_HAND: Final = "an admin paused it"
_ROW: Final = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is sent, since a moment in milliseconds, for a reason."""

    since: int
    reason: str


@dataclass(frozen=True, slots=True)
class HostQueue:
    """How delivering to one host goes. Moments in milliseconds; `oldest_at` is when the oldest delivery was written."""

    host: str
    waiting: int
    failed: int
    oldest_at: int | None
    next_try_at: int | None
    failures: int
    failing_since: int | None
    paused_until: int | None
    unreachable_at: int | None
    last_success_at: int | None
    last_error: str
    last_error_at: int | None


@dataclass(frozen=True, slots=True)
class QueuedDelivery:
    """One activity for one inbox that waits or was given up. Moments in milliseconds."""

    id: int
    activity: str
    inbox: str
    attempts: int
    next_try_at: int
    is_under_way: bool
    failed: bool
    error: str
    created_at: int


async def _load() -> Hold | bool:
    state = await DeliveryState.get_or_none(id=_ROW)
    if state is None or state.held_at is None:
        return False
    return Hold(to_milliseconds(state.held_at), state.reason)


_state: Final = KeptRules[Hold | bool](CHANNEL, _load)


async def held() -> Hold | None:
    """The hold, if nothing is sent now."""
    found = await _state.all()
    return found if isinstance(found, Hold) else None


def are_held_now() -> bool:
    """`held` as far as this process knows, without asking."""
    return isinstance(_state.known(), Hold)


async def hold(reason: str = BY_HAND) -> None:
    """Send nothing any more until `resume`: what is under way ends, everything else waits where it is. In the caller's
    transaction, if there is one. Already held, the first reason stays."""
    async with db.transaction():
        await _make_row()
        await db.execute(
            "UPDATE delivery_state SET held_at = ?, reason = ? WHERE id = ? AND held_at IS NULL",
            (_now(), reason, _ROW),
        )
        _state.announce_change()


async def resume() -> None:
    """Send again, beginning with what waited. Raises `NotFound` when nothing was held."""
    async with db.transaction():
        if not await db.execute(
            "UPDATE delivery_state SET held_at = NULL, reason = '' WHERE id = ? AND held_at IS NOT NULL", (_ROW,)
        ):
            raise NotFound("Deliveries are not paused")
        _state.announce_change()
        _wake_workers()


async def notice_restored(data_dir: Path) -> None:
    """At the start of a process: hold deliveries when this database had come further before."""
    seen = await asyncio.to_thread(_read_mark, data_dir / MARK_FILE)
    state = await DeliveryState.get_or_none(id=_ROW)
    if state is not None and seen > state.mark:
        log.warning("deliveries_held", reason=RESTORED)
        await hold(RESTORED)
        await db.execute("UPDATE delivery_state SET mark = ? WHERE id = ?", (seen, _ROW))
    await move_mark(data_dir)


async def move_mark(data_dir: Path) -> None:
    """Note, here and beside the database, that time has gone by; periodic."""
    await _make_row()
    row = await db.fetch_one("UPDATE delivery_state SET mark = mark + 1 WHERE id = ? RETURNING mark", (_ROW,))
    if row is not None:
        await asyncio.to_thread(_write_mark, data_dir / MARK_FILE, int(row[0]))


def _read_mark(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _write_mark(path: Path, mark: int) -> None:
    if mark <= _read_mark(path):
        return
    unfinished = path.with_name(f"{MARK_FILE}.new")
    try:
        unfinished.write_text(f"{mark}\n")
        unfinished.replace(path)
    except OSError as error:
        log.warning("delivery_mark_unwritten", error=str(error))


async def totals() -> tuple[int, int]:
    """How many deliveries wait, and how many were given up."""
    row = await db.fetch_one(
        "SELECT COALESCE(SUM(CASE WHEN failed THEN 0 ELSE 1 END), 0), COALESCE(SUM(CASE WHEN failed THEN 1 ELSE 0 END), 0)"
        " FROM deliveries"
    )
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


async def hosts(limit: int, *, after: str = "", name: str | None = None) -> list[HostQueue]:
    """The hosts for which something waits or was given up, by name, those behind `after`; or the one called `name`."""
    where, parameter = ("d.host > ?", after) if name is None else ("d.host = ?", name)
    rows = await db.fetch_all(
        "SELECT d.host, SUM(CASE WHEN d.failed THEN 0 ELSE 1 END), SUM(CASE WHEN d.failed THEN 1 ELSE 0 END),"
        " MIN(d.created_at), MIN(CASE WHEN d.failed THEN NULL ELSE d.next_attempt_at END), COALESCE(MAX(h.failures), 0),"
        " MAX(h.failing_since), MAX(h.paused_until), MAX(h.unreachable_at), MAX(h.last_success_at),"
        " COALESCE(MAX(h.last_error), ''), MAX(h.last_error_at) FROM deliveries d"
        f" LEFT JOIN remote_hosts h ON h.host = d.host WHERE {where} GROUP BY d.host ORDER BY d.host LIMIT ?",
        (parameter, limit),
    )
    return [HostQueue(row[0], int(row[1]), int(row[2]), *list(row)[3:]) for row in rows]


async def one_host(name: str) -> HostQueue:
    """How delivering to this host goes. Raises `NotFound` when nothing was ever delivered there."""
    found = await hosts(1, name=name)
    if found:
        return found[0]
    row = await db.fetch_one(
        "SELECT host, failures, failing_since, paused_until, unreachable_at, last_success_at, last_error, last_error_at"
        " FROM remote_hosts WHERE host = ?",
        (name,),
    )
    if row is None:
        raise NotFound
    return HostQueue(row[0], 0, 0, None, None, *list(row)[1:])


async def of_host(name: str, condition: str, parameters: list[int], order: str) -> list[QueuedDelivery]:
    """What waits for a host or was given up: a keyset page by `d.id` (`condition`, `order` of `api.pagination.Page`)."""
    rows = await db.fetch_all(
        "SELECT d.id, o.uri, d.inbox_url, d.attempts, d.next_attempt_at, d.lease_until, d.failed, d.error, d.created_at"
        f" FROM deliveries d JOIN outgoing_activities o ON o.id = d.activity_id WHERE d.host = ?{condition}{order}",
        (name, *parameters),
    )
    return [
        QueuedDelivery(row[0], row[1], row[2], row[3], row[4], row[5] is not None, bool(row[6]), row[7], row[8])
        for row in rows
    ]


async def retry(name: str) -> int:
    """Forgive a host what went wrong and send all that waits for it, also what was given up, as if it were new; in the
    caller's transaction, if there is one. Returns how many deliveries that is."""
    now = _now()
    async with db.transaction():
        await db.execute(
            "UPDATE remote_hosts SET failures = 0, paused_until = NULL, failing_since = NULL, unreachable_at = NULL"
            " WHERE host = ?",
            (name,),
        )
        count = await db.execute(
            "UPDATE deliveries SET created_at = CASE WHEN failed THEN ? ELSE created_at END, failed = FALSE,"
            " attempts = 0, next_attempt_at = ? WHERE host = ? AND lease_until IS NULL",
            (now, now, name),
        )
        _wake_workers()
    return count


async def drop(name: str) -> int:
    """Forget all that waits for a host or was given up, in the caller's transaction. Returns how many deliveries."""
    return await db.execute("DELETE FROM deliveries WHERE host = ? AND lease_until IS NULL", (name,))


def _wake_workers() -> None:
    db.after_commit(lambda: runtime().bus.publish(DELIVERIES, {}))


async def _make_row() -> None:
    await db.execute(
        "INSERT INTO delivery_state (id, mark, held_at, reason) VALUES (?, 0, NULL, '') ON CONFLICT (id) DO NOTHING",
        (_ROW,),
    )


def _now() -> int:
    return int(clock.timestamp() * 1000)
