"""Accounts that are offered: suggestions to follow, and the directory."""

from __future__ import annotations

from collections.abc import Sequence

from node import db
from node.queries.accounts import ADMITTED, AccountRow
from node.queries.conditions import Condition, not_shunned

FRIENDS = 100
"""How many of those the viewer follows, the newest, are asked whom they follow."""
CANDIDATES = 300

_OPEN = ADMITTED & Condition(
    "a.discoverable = TRUE AND a.suspended_at IS NULL AND a.silenced_at IS NULL AND a.moved_to_uri IS NULL"
)


def _welcome(viewer_id: int) -> Condition:
    """That `a` may be suggested to the viewer: open to it, alive, a stranger, not shunned and not dismissed."""
    return (
        _OPEN
        & Condition(
            "a.memorial = FALSE AND a.id <> ?"
            " AND NOT EXISTS (SELECT 1 FROM follows own WHERE own.account_id = ? AND own.target_id = a.id)"
            " AND NOT EXISTS (SELECT 1 FROM dismissed_suggestions ds WHERE ds.account_id = ? AND ds.target_id = a.id)",
            (viewer_id,) * 3,
        )
        & not_shunned(viewer_id)
    )


async def named(viewer_id: int, names: Sequence[str], limit: int) -> list[int]:
    """Those of these accounts of this node (user names in lower case) that may be suggested to the viewer."""
    if not names:
        return []
    welcome = _welcome(viewer_id)
    rows = await db.fetch_all(
        f"SELECT a.id FROM accounts a WHERE a.domain = '' AND a.username_key IN ({db.marks(names)}) AND {welcome.sql}"
        " ORDER BY a.id LIMIT ?",
        (*names, *welcome.parameters, limit),
    )
    return [int(row[0]) for row in rows]


async def friends_of_friends(viewer_id: int, limit: int) -> list[int]:
    """Whom those the viewer follows follow, unless they hide it: those whom most of them follow first."""
    welcome = _welcome(viewer_id)
    rows = await db.fetch_all(
        "SELECT a.id FROM (SELECT f.target_id AS id, COUNT(*) AS friends FROM (SELECT mine.target_id FROM follows mine"
        " JOIN accounts t ON t.id = mine.target_id WHERE mine.account_id = ? AND mine.accepted = TRUE"
        " AND t.hide_collections = FALSE ORDER BY mine.id DESC LIMIT ?) friend"
        " JOIN follows f ON f.account_id = friend.target_id AND f.accepted = TRUE WHERE NOT EXISTS"
        " (SELECT 1 FROM follows known WHERE known.account_id = ? AND known.target_id = f.target_id)"
        " GROUP BY f.target_id ORDER BY COUNT(*) DESC, f.target_id LIMIT ?) candidate"
        f" JOIN accounts a ON a.id = candidate.id WHERE {welcome.sql}"
        " ORDER BY candidate.friends DESC, a.followers_count, a.id LIMIT ?",
        (viewer_id, FRIENDS, viewer_id, CANDIDATES, *welcome.parameters, limit),
    )
    return [int(row[0]) for row in rows]


async def most_followed(viewer_id: int, limit: int) -> list[int]:
    """Those with most followers, as far as this node knows."""
    welcome = _welcome(viewer_id)
    rows = await db.fetch_all(
        f"SELECT a.id FROM accounts a WHERE {welcome.sql} ORDER BY a.followers_count DESC LIMIT ?",
        (*welcome.parameters, limit),
    )
    return [int(row[0]) for row in rows]


async def still_welcome(viewer_id: int, account_ids: Sequence[int]) -> dict[int, AccountRow]:
    """Those of these accounts that may be suggested to the viewer now, by id."""
    if not account_ids:
        return {}
    welcome = _welcome(viewer_id)
    rows = await db.fetch_all(
        f"SELECT a.id, a.id, a.version FROM accounts a WHERE a.id IN ({db.marks(account_ids)}) AND {welcome.sql}",
        (*account_ids, *welcome.parameters),
    )
    return {int(row[0]): AccountRow._make(row) for row in rows}


async def directory(viewer_id: int | None, *, limit: int, offset: int, local: bool, newest: bool) -> list[AccountRow]:
    """Accounts that want to be found: those who posted last first, or the newest; those who never posted come last."""
    open_here = _OPEN & Condition("a.domain = ''") if local else _OPEN
    shown = open_here & not_shunned(viewer_id)
    pages = ["a.id < ?"] if newest else ["a.last_post_at > ?", "a.last_post_at IS NULL AND a.id < ?"]
    ends = [2**63 - 1] if newest else [-1, 2**63 - 1]
    orders = ["a.id"] if newest else ["a.last_post_at", "a.id"]
    # Each part walks an index as far as the page reaches; together they are in order.
    parts = [
        f"SELECT * FROM (SELECT {part} AS part, {order} AS place, a.id, a.version FROM accounts a WHERE {where}"
        f" AND {shown.sql} ORDER BY {order} DESC LIMIT ?) part{part}"
        for part, (where, order) in enumerate(zip(pages, orders, strict=True))
    ]
    values = [value for end in ends for value in (end, *shown.parameters, offset + limit)]
    rows = await db.fetch_all(
        f"SELECT id, version FROM ({' UNION ALL '.join(parts)}) found ORDER BY part, place DESC LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return [AccountRow(row[0], row[0], row[1]) for row in rows]
