"""The announcements somebody sees: a fixed number of statements, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from node import clock, db

MAX_SHOWN = 50


class ReactionRow(NamedTuple):
    """How many answered an announcement with an emoji, and whether the viewer did."""

    announcement_id: int
    name: str
    people: int
    by_viewer: bool


class MentionedRow(NamedTuple):
    """Somebody named in an announcement."""

    id: int
    username: str
    domain: str
    url: str | None
    uri: str


class LinkedRow(NamedTuple):
    """A post whose address stands in an announcement."""

    id: int
    url: str | None
    uri: str


async def shown_to(viewer_id: int | None, *, with_dismissed: bool) -> Sequence[Any]:
    """Those that are published and not over, in the order of what they tell about, by column name."""
    unread = "" if with_dismissed else " AND d.id IS NULL"
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM announcements n {_READ} WHERE n.published_at IS NOT NULL"
        f" AND (n.ends_at IS NULL OR n.ends_at > ?){unread} ORDER BY COALESCE(n.starts_at, n.published_at), n.id LIMIT ?",
        (viewer_id, int(clock.timestamp() * 1000), MAX_SHOWN),
    )


async def one(viewer_id: int | None, announcement_id: int) -> Sequence[Any]:
    """The published announcement of that number, as one row or none."""
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM announcements n {_READ} WHERE n.id = ? AND n.published_at IS NOT NULL",
        (viewer_id, announcement_id),
    )


_COLUMNS = (
    "n.id, n.text, n.content, n.mentioned_ids, n.post_ids, n.starts_at, n.ends_at, n.all_day, n.published_at,"
    " n.updated_at, d.id AS dismissal_id"
)
_READ = "LEFT JOIN announcement_dismissals d ON d.announcement_id = n.id AND d.account_id = ?"


async def reactions(viewer_id: int | None, announcement_ids: Sequence[int]) -> list[ReactionRow]:
    """The answers to these announcements by emoji, the one that came first in front."""
    if not announcement_ids:
        return []
    rows = await db.fetch_all(
        "SELECT announcement_id, name, COUNT(*), MAX(CASE WHEN account_id = ? THEN 1 ELSE 0 END)"
        f" FROM announcement_reactions WHERE announcement_id IN ({db.marks(announcement_ids)})"
        " GROUP BY announcement_id, name ORDER BY MIN(id)",
        (viewer_id, *announcement_ids),
    )
    return [ReactionRow(row[0], row[1], int(row[2]), bool(row[3])) for row in rows]


async def mentioned(account_ids: Sequence[int]) -> dict[int, MentionedRow]:
    """These accounts by id, without those that are gone."""
    if not account_ids:
        return {}
    rows = await db.fetch_all(
        "SELECT id, username, domain, url, uri FROM accounts"
        f" WHERE id IN ({db.marks(account_ids)}) AND suspended_at IS NULL",
        account_ids,
    )
    return {row[0]: MentionedRow._make(row) for row in rows}


async def linked(post_ids: Sequence[int]) -> dict[int, LinkedRow]:
    """Those of these posts that everybody may see, by id."""
    if not post_ids:
        return {}
    rows = await db.fetch_all(
        "SELECT p.id, p.url, p.uri FROM posts p JOIN accounts a ON a.id = p.account_id"
        f" WHERE p.id IN ({db.marks(post_ids)}) AND p.visibility IN ('public', 'unlisted') AND a.suspended_at IS NULL"
        " AND p.shared_post_id IS NULL",
        post_ids,
    )
    return {row[0]: LinkedRow._make(row) for row in rows}
