"""What an admin does about background work: see it, try it again, forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node import clock, db
from node.models.fields import from_milliseconds, to_milliseconds
from node.models.jobs import DONE, FAILED, WAITING


@dataclass(frozen=True, slots=True)
class HostDeliveries:
    """How delivering to one server goes: counts of deliveries, failures in a row, and the pause they earned it."""

    name: str
    waiting: int
    given_up: int
    failures: int
    paused_until: datetime | None


async def counts() -> list[tuple[str, str, int]]:
    """`(state, queue, how many)` of all jobs that are not done."""
    rows = await db.fetch_all(
        "SELECT state, queue, COUNT(*) FROM jobs WHERE state <> ? GROUP BY state, queue ORDER BY state, queue", (DONE,)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def retry(ids: Sequence[int] | None) -> int:
    """Have failed jobs (`None`: all) tried again as if for the first time. Returns how many."""
    which, parameters = _failed(ids)
    return await db.execute(
        f"UPDATE jobs SET state = ?, attempts = 0, run_at = ? WHERE {which}",
        (WAITING, to_milliseconds(clock.now()), *parameters),
    )


async def drop(ids: Sequence[int] | None) -> int:
    """Forget failed jobs (`None`: all). Returns how many."""
    which, parameters = _failed(ids)
    return await db.execute(f"DELETE FROM jobs WHERE {which}", parameters)


def _failed(ids: Sequence[int] | None) -> tuple[str, list[object]]:
    if ids is None:
        return "state = ?", [FAILED]
    return f"state = ? AND id IN ({db.marks(ids)})", [FAILED, *ids]


async def deliveries_by_host(limit: int) -> list[HostDeliveries]:
    """The servers with most deliveries under way or given up."""
    rows = await db.fetch_all(
        "SELECT d.host, SUM(CASE WHEN d.failed THEN 0 ELSE 1 END) AS waiting, SUM(CASE WHEN d.failed THEN 1 ELSE 0 END),"
        " COALESCE(MAX(h.failures), 0), MAX(h.paused_until) FROM deliveries d LEFT JOIN remote_hosts h ON h.host = d.host"
        " GROUP BY d.host ORDER BY COUNT(*) DESC, d.host LIMIT ?",
        (limit,),
    )
    return [
        HostDeliveries(row[0], row[1], row[2], row[3], from_milliseconds(row[4]) if row[4] is not None else None)
        for row in rows
    ]
