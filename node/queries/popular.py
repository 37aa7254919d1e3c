"""What is liked most: posts of a span of time."""

from __future__ import annotations

from typing import Final

from node import db
from node.queries.conditions import not_shunned, visible_to
from node.queries.statuses import POST_JOINS, StatusRow, columns
from node.queries.timelines import Origin

CANDIDATES: Final = 3_000
"""So many of the newest are looked at: no span of time is read whole, however busy the node."""


async def posts(viewer_id: int | None, origin: Origin, *, since_id: int, limit: int) -> list[StatusRow]:
    """The public pictures since then that most people like, without warnings; not of those the viewer shuns."""
    shown, seen, unshunned = columns(viewer_id), visible_to(viewer_id), not_shunned(viewer_id)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM (SELECT p.id FROM posts p WHERE p.visibility = 'public' AND {origin.condition().sql}"
        " AND p.id > ? AND p.has_media = TRUE AND p.shared_post_id IS NULL AND p.parent_id IS NULL"
        " AND p.parent_uri IS NULL AND p.sensitive = FALSE ORDER BY p.id DESC LIMIT ?) newest"
        f" JOIN posts p ON p.id = newest.id{POST_JOINS} WHERE a.silenced_at IS NULL AND {seen.sql} AND {unshunned.sql}"
        " ORDER BY CASE WHEN p.hide_like_counts = TRUE THEN 0 ELSE p.likes_count END DESC, p.id DESC LIMIT ?",
        (*shown.parameters, since_id, CANDIDATES, *seen.parameters, *unshunned.parameters, limit),
    )
    return [StatusRow._make(row) for row in rows]
