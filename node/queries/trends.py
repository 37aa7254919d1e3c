"""What is talked about just now, as it was last counted."""

from __future__ import annotations

from node import db
from node.queries.conditions import Condition, not_shunned, visible_to
from node.queries.statuses import POST_JOINS, StatusRow, columns


def may_trend(column: str, *, needs_review: bool) -> str:
    """SQL: that what the moderators decided, a boolean or nothing yet, lets it trend."""
    return f"{column} = TRUE" if needs_review else f"({column} IS NULL OR {column} = TRUE)"


async def hashtags(*, needs_review: bool, limit: int, offset: int, everything: bool = False) -> list[str]:
    """The names of a page of trending hashtags, the strongest first; with `everything` also those that must not be shown."""
    allowed = (
        "TRUE"
        if everything
        else f"COALESCE(r.usable, TRUE) = TRUE AND COALESCE(r.listable, TRUE) = TRUE"
        f" AND {may_trend('r.trendable', needs_review=needs_review)}"
    )
    rows = await db.fetch_all(
        "SELECT h.name FROM hashtag_trends t JOIN hashtags h ON h.id = t.hashtag_id"
        f" LEFT JOIN hashtag_reviews r ON r.hashtag_id = h.id WHERE {allowed}"
        " ORDER BY t.score DESC, h.id LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [str(row[0]) for row in rows]


async def posts(
    viewer_id: int | None, *, needs_review: bool, limit: int, offset: int, everything: bool = False
) -> list[StatusRow]:
    """A page of trending posts the viewer may see and has neither muted nor blocked, the strongest first."""
    shown, seen = columns(viewer_id), visible_to(viewer_id)
    unshunned = not_shunned(viewer_id)
    allowed = Condition("TRUE" if everything else may_trend("r.trendable", needs_review=needs_review))
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM post_trends t JOIN posts p ON p.id = t.post_id{POST_JOINS}"
        f" LEFT JOIN post_reviews r ON r.post_id = p.id WHERE {allowed.sql} AND a.silenced_at IS NULL AND {seen.sql}"
        f" AND {unshunned.sql} ORDER BY t.score DESC, p.id LIMIT ? OFFSET ?",
        (*shown.parameters, *seen.parameters, *unshunned.parameters, limit, offset),
    )
    return [StatusRow._make(row) for row in rows]
