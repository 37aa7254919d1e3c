"""Hashtags and posts as moderators judge them: with what was decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node import db
from node.queries.hashtags import HashtagRow, columns_of, row_of
from node.queries.statuses import Page


class Review(NamedTuple):
    """What was decided about a hashtag; `trendable` is `None` and `is_reviewed` false while nothing was."""

    trendable: bool | None
    listable: bool
    usable: bool
    is_reviewed: bool


UNREVIEWED = Review(None, True, True, False)


async def page_of_hashtags(viewer_id: int, page: Page) -> list[HashtagRow]:
    """A page of all hashtags, newest first."""
    shown = columns_of(viewer_id, "t.id")
    bounds, values = page.condition("t.id")
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM hashtags t WHERE TRUE{bounds}{page.order('t.id')}", (*shown.parameters, *values)
    )
    found = [row_of(row) for row in rows]
    return found[::-1] if page.upwards else found


async def hashtag(viewer_id: int, hashtag_id: int) -> HashtagRow | None:
    """The hashtag of that number."""
    shown = columns_of(viewer_id, "t.id")
    row = await db.fetch_one(f"SELECT {shown.sql} FROM hashtags t WHERE t.id = ?", (*shown.parameters, hashtag_id))
    return row_of(row) if row is not None else None


async def of_hashtags(hashtag_ids: Sequence[int]) -> dict[int, Review]:
    """What was decided about those of these hashtags about which anything was."""
    if not hashtag_ids:
        return {}
    rows = await db.fetch_all(
        "SELECT hashtag_id, trendable, listable, usable, reviewed_at FROM hashtag_reviews"
        f" WHERE hashtag_id IN ({db.marks(hashtag_ids)})",
        tuple(hashtag_ids),
    )
    return {
        int(row[0]): Review(None if row[1] is None else bool(row[1]), bool(row[2]), bool(row[3]), row[4] is not None)
        for row in rows
    }


async def reviewed_posts(post_ids: Sequence[int]) -> set[int]:
    """Those of these posts about which was decided."""
    if not post_ids:
        return set()
    rows = await db.fetch_all(
        f"SELECT post_id FROM post_reviews WHERE post_id IN ({db.marks(post_ids)})", tuple(post_ids)
    )
    return {int(row[0]) for row in rows}
