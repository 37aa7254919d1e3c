"""Numbers about this node, counted at most every few minutes."""

from __future__ import annotations

from dataclasses import dataclass

from node import clock, db
from node.cache import BoundedCache

COUNTED_EVERY = 300.0
MONTH_MILLISECONDS = 30 * 86_400_000
MAX_PEERS = 5_000


@dataclass(frozen=True, slots=True)
class Counts:
    """People here, their posts, those active within a month, and other servers known."""

    users: int
    posts: int
    active_month: int
    domains: int


_kept: BoundedCache[str, Counts] = BoundedCache(1, COUNTED_EVERY)


async def counts() -> Counts:
    """The numbers, up to five minutes old."""
    known = _kept.get("counts")
    if known is None:
        since = int(clock.timestamp() * 1000) - MONTH_MILLISECONDS
        row = await db.fetch_one(
            "SELECT (SELECT COUNT(*) FROM users WHERE confirmed_at IS NOT NULL AND disabled_at IS NULL),"
            " (SELECT COALESCE(SUM(posts_count), 0) FROM accounts WHERE domain = ''),"
            " (SELECT COUNT(*) FROM users WHERE last_active_at > ?),"
            " (SELECT COUNT(DISTINCT domain) FROM accounts WHERE domain <> '')",
            (since,),
        )
        known = Counts(*(int(value) for value in row)) if row is not None else Counts(0, 0, 0, 0)
        _kept.put("counts", known)
    return known


def forget_all() -> None:
    """Count again."""
    _kept.clear()


async def peers() -> list[str]:
    """Domains of the servers this node knows somebody of, without those it exchanges nothing with."""
    rows = await db.fetch_all(
        "SELECT DISTINCT a.domain FROM accounts a WHERE a.domain <> '' AND NOT EXISTS (SELECT 1 FROM domain_rules r"
        " WHERE r.domain = a.domain AND r.severity = 'suspend') ORDER BY a.domain LIMIT ?",
        (MAX_PEERS,),
    )
    return [str(row[0]) for row in rows]


async def domain_rules() -> list[tuple[str, str, str]]:
    """Domain, severity and public comment of every rule."""
    rows = await db.fetch_all("SELECT domain, severity, public_comment FROM domain_rules ORDER BY domain LIMIT 10000")
    return [(str(row[0]), str(row[1]), str(row[2])) for row in rows]
