"""Numbers about this node, counted at most every few minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from node import clock, db
from node.cache import BoundedCache

COUNTED_EVERY = 300.0
PEERS_READ_EVERY: Final = 1800.0
MONTH_MILLISECONDS = 30 * 86_400_000
MAX_PEERS = 50_000
PEERS_FOUND: Final = 10
WEEK_MILLISECONDS: Final = 7 * 86_400_000
WEEKS: Final = 12
_FIRST_MONDAY: Final = 4 * 86_400_000
"""The epoch began on a Thursday."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People here, their posts and comments, those active within a month and half a year, and other servers known."""

    users: int
    posts: int
    comments: int
    active_month: int
    active_half_year: int
    domains: int


class WeekRow(NamedTuple):
    """A week that began at a moment (milliseconds): posts and comments written, people active, people who joined."""

    began_at: int
    posts: int
    active: int
    sign_ups: int


_kept: BoundedCache[str, Counts] = BoundedCache(1, COUNTED_EVERY)
_peers: BoundedCache[str, list[tuple[str, int]]] = BoundedCache(1, PEERS_READ_EVERY)


async def counts() -> Counts:
    """The numbers, up to five minutes old."""
    known = _kept.get("counts")
    if known is None:
        now = int(clock.timestamp() * 1000)
        row = await db.fetch_one(
            "SELECT (SELECT COUNT(*) FROM users u JOIN accounts a ON a.id = u.account_id WHERE u.confirmed_at IS NOT NULL"
            " AND u.disabled_at IS NULL AND a.suspended_at IS NULL),"
            " (SELECT COALESCE(SUM(posts_count), 0) FROM accounts WHERE domain = ''),"
            " (SELECT COUNT(*) FROM posts WHERE is_local = TRUE AND (parent_id IS NOT NULL OR parent_uri IS NOT NULL)),"
            " (SELECT COUNT(*) FROM users WHERE last_active_at > ?),"
            " (SELECT COUNT(*) FROM users WHERE last_active_at > ?),"
            " (SELECT COUNT(DISTINCT domain) FROM accounts WHERE domain <> '')",
            (now - MONTH_MILLISECONDS, now - 6 * MONTH_MILLISECONDS),
        )
        known = Counts(*(int(value) for value in row)) if row is not None else Counts(0, 0, 0, 0, 0, 0)
        _kept.put("counts", known)
    return known


def forget_all() -> None:
    """Count again."""
    _kept.clear()
    _peers.clear()


async def peers() -> list[str]:
    """Domains of the servers this node knows somebody of, without those it exchanges nothing with."""
    return [domain for domain, _ in await _known_peers()]


async def peers_beginning_with(prefix: str) -> list[str]:
    """At most ten of the peers, those with most people known here first; none for no prefix."""
    if not prefix:
        return []
    found = [peer for peer in await _known_peers() if peer[0].startswith(prefix)]
    return [domain for domain, _ in sorted(found, key=lambda peer: -peer[1])[:PEERS_FOUND]]


async def _known_peers() -> list[tuple[str, int]]:
    """Domain and number of accounts, by domain; up to half an hour old."""
    known = _peers.get("peers")
    if known is None:
        rows = await db.fetch_all(
            "SELECT a.domain, COUNT(*) FROM accounts a WHERE a.domain <> '' AND NOT EXISTS (SELECT 1 FROM domain_rules r"
            " WHERE r.domain = a.domain AND r.severity = 'suspend') GROUP BY a.domain ORDER BY a.domain LIMIT ?",
            (MAX_PEERS,),
        )
        known = [(str(row[0]), int(row[1])) for row in rows]
        _peers.put("peers", known)
    return known


class DomainRuleRow(NamedTuple):
    """What everybody may know of a rule about a domain."""

    domain: str
    severity: str
    public_comment: str
    obfuscate: bool


async def domain_rules() -> list[DomainRuleRow]:
    """Every rule that limits people here or there."""
    rows = await db.fetch_all(
        "SELECT domain, severity, public_comment, obfuscate FROM domain_rules WHERE severity <> 'noop'"
        " ORDER BY domain LIMIT 10000"
    )
    return [DomainRuleRow(str(row[0]), str(row[1]), str(row[2]), bool(row[3])) for row in rows]


def week_of(moment: int) -> int:
    """When the week of a moment began: Monday 00:00 UTC, in milliseconds."""
    return moment - (moment - _FIRST_MONDAY) % WEEK_MILLISECONDS


async def weeks(now: int) -> list[WeekRow]:
    """The last twelve weeks, the present one first; those nothing is known of are empty."""
    present = week_of(now)
    rows = await db.fetch_all(
        "SELECT began_at, posts, active, sign_ups FROM weeks WHERE began_at > ? ORDER BY began_at DESC",
        (present - WEEKS * WEEK_MILLISECONDS,),
    )
    known = {int(row[0]): WeekRow._make(row) for row in rows}
    starts = (present - number * WEEK_MILLISECONDS for number in range(WEEKS))
    return [known.get(start, WeekRow(start, 0, 0, 0)) for start in starts]
