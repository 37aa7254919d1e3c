"""How the node is used, counted by day: one statement for the days and one for each total.

What is made here carries the moment in its id (`node/ids.py`), so that a period is a range of the primary key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node import db
from node.queries.conditions import Condition

DAY: Final = 86_400_000
ID_DAY: Final = DAY << 16
"""How much ids grow in a day."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days by their number since 1970, both included."""

    first: int
    last: int

    def before(self) -> Period:
        """The one of the same length that ends a length earlier."""
        length = self.last - self.first
        return Period(self.first - length, self.last - length)


@dataclass(frozen=True, slots=True)
class Source:
    """What is counted: `value` (an aggregate) of the rows of `rows`, which belong to a day by `column`.

    `scale` is how much `column` grows in a day. `ever`: the total is that of all time, and there is none before it.
    """

    rows: Condition
    column: str
    value: str = "COUNT(*)"
    scale: int = DAY
    unit: str | None = None
    ever: bool = False


def under(domain: str, include_subdomains: bool, account: str = "a") -> Condition:
    """That an account (an alias) lives on a domain."""
    if not include_subdomains:
        return Condition(f"{account}.domain = ?", (domain,))
    literal = domain.replace("~", "~~").replace("_", "~_").replace("%", "~%")
    return Condition(f"({account}.domain = ? OR {account}.domain LIKE ? ESCAPE '~')", (domain, f"%.{literal}"))


OF_THE_NODE: Final = {
    "active_users": Source(Condition("users x WHERE TRUE"), "x.last_active_at"),
    "new_users": Source(Condition("users x WHERE TRUE"), "x.created_at"),
    "interactions": Source(
        Condition(
            "(SELECT l.id FROM likes l JOIN accounts a ON a.id = l.account_id WHERE a.domain = ''"
            " UNION ALL SELECT p.id FROM posts p WHERE p.is_local = TRUE"
            " AND (p.shared_post_id IS NOT NULL OR p.parent_id IS NOT NULL)) x WHERE TRUE"
        ),
        "x.id",
        scale=ID_DAY,
    ),
    "opened_reports": Source(Condition("reports x WHERE TRUE"), "x.id", scale=ID_DAY),
    "resolved_reports": Source(Condition("reports x WHERE x.action_taken_at IS NOT NULL"), "x.action_taken_at"),
}
"""What is counted of everybody. Who was here when is not kept: one counts as active on the day they were last."""


def of_hashtag(key: str, hashtag_id: int) -> Source:
    """What is counted of a hashtag. Raises `KeyError` for another word."""
    value = {
        "tag_accounts": "COUNT(DISTINCT x.account_id)",
        "tag_uses": "COUNT(*)",
        "tag_servers": "COUNT(DISTINCT a.domain)",
    }[key]
    rows = "post_hashtags ph JOIN posts x ON x.id = ph.post_id JOIN accounts a ON a.id = x.account_id"
    return Source(Condition(f"{rows} WHERE ph.hashtag_id = ?", (hashtag_id,)), "ph.post_id", value, ID_DAY)


def of_domain(key: str, where: Condition) -> Source:
    """What is counted of a server (`under`). Raises `KeyError` for another word."""
    rows, column, scale = {
        "instance_accounts": ("accounts a", "a.created_at", DAY),
        "instance_media_attachments": ("media_files x JOIN accounts a ON a.id = x.account_id", "x.id", ID_DAY),
        "instance_reports": ("reports x JOIN accounts a ON a.id = x.target_id", "x.id", ID_DAY),
        "instance_statuses": ("posts x JOIN accounts a ON a.id = x.account_id", "x.id", ID_DAY),
        "instance_follows": ("follows x JOIN accounts a ON a.id = x.target_id", "x.id", ID_DAY),
        "instance_followers": ("follows x JOIN accounts a ON a.id = x.account_id", "x.id", ID_DAY),
    }[key]
    is_size = key == "instance_media_attachments"
    value, unit = ("COALESCE(SUM(x.size), 0)", "bytes") if is_size else ("COUNT(*)", None)
    return Source(Condition(f"{rows} WHERE {where.sql}", where.parameters), column, value, scale, unit, ever=True)


async def by_day(source: Source, period: Period) -> dict[int, int]:
    """The values of the days on which there is anything."""
    within = _within(source, period)
    rows = await db.fetch_all(
        f"SELECT {source.column} / {source.scale}, {source.value} FROM {within.sql}"
        f" GROUP BY {source.column} / {source.scale}",
        within.parameters,
    )
    return {int(row[0]): int(row[1]) for row in rows}


async def total(source: Source, period: Period | None) -> int:
    """The value of a whole period; of all time without one."""
    within = source.rows if period is None else _within(source, period)
    row = await db.fetch_one(f"SELECT {source.value} FROM {within.sql}", within.parameters)
    return int(row[0]) if row is not None else 0


def _within(source: Source, period: Period) -> Condition:
    bounds = (period.first * source.scale, (period.last + 1) * source.scale)
    return source.rows & Condition(f"{source.column} >= ? AND {source.column} < ?", bounds)


async def cohorts(period: Period) -> list[tuple[int, int, int]]:
    """Of those who joined: the day they did, the day they were last here, how many."""
    seen = f"COALESCE(last_active_at, created_at) / {DAY}"
    rows = await db.fetch_all(
        f"SELECT created_at / {DAY}, {seen}, COUNT(*) FROM users WHERE created_at >= ? AND created_at < ?"
        f" GROUP BY created_at / {DAY}, {seen}",
        (period.first * DAY, (period.last + 1) * DAY),
    )
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]
