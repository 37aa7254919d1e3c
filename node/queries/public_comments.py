"""The comments under a post that somebody who is not signed in may read: those held back or of silenced people are not,
nor those whose authors want no strangers to read them on other servers' pages."""

from __future__ import annotations

from collections.abc import Sequence

from node import db
from node.queries.conditions import Condition, visible_to

_COMMENTS = (
    "SELECT p.id FROM posts p JOIN accounts a ON a.id = p.account_id LEFT JOIN pinned_comments pc ON pc.comment_id = p.id"
    " WHERE p.parent_id = ? AND a.silenced_at IS NULL"
    " AND NOT (a.hides_public = TRUE AND p.visibility = 'public')"
    " AND NOT (a.hides_unlisted = TRUE AND p.visibility = 'unlisted')"
)


async def pinned(post_id: int) -> Sequence[int]:
    """Those the post's author pinned, pinned last first."""
    return await _read(Condition("pc.id IS NOT NULL"), post_id, "pc.id DESC", 100)


async def others(post_id: int, after: int, limit: int) -> Sequence[int]:
    """Those that are not pinned, oldest first, younger than the comment `after`."""
    return await _read(Condition("pc.id IS NULL AND p.id > ?", (after,)), post_id, "p.id", limit)


async def _read(where: Condition, post_id: int, order: str, limit: int) -> Sequence[int]:
    where = where & visible_to(None)
    rows = await db.fetch_all(
        f"{_COMMENTS} AND {where.sql} ORDER BY {order} LIMIT {limit}", (post_id, *where.parameters)
    )
    return [int(row[0]) for row in rows]
