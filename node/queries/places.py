"""Places as people look for them, and what was posted there.

Who names a place in a post that not everybody sees tells it only to those who do: places are found by public posts,
and by one's own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from node import db
from node.queries.conditions import Condition, not_domain_blocked, not_muted
from node.queries.statuses import Page, StatusRow, page_of

MAX_FOUND: Final = 20


class PlaceRow(NamedTuple):
    """A place; degrees where known."""

    id: int
    name: str
    country: str
    latitude: float | None
    longitude: float | None


async def search(viewer_id: int, words: str) -> list[PlaceRow]:
    """Places whose names begin with these words, the shortest names first."""
    beginning = words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    rows = await db.fetch_all(
        "SELECT pl.id, pl.name, pl.country, pl.latitude, pl.longitude FROM places pl"
        r" WHERE (pl.name LIKE ? ESCAPE '\' OR LOWER(pl.name) LIKE ? ESCAPE '\')"
        " AND EXISTS (SELECT 1 FROM posts p WHERE p.place_id = pl.id AND (p.visibility = 'public' OR p.account_id = ?))"
        " ORDER BY LENGTH(pl.name), pl.name, pl.id LIMIT ?",
        (beginning, beginning.lower(), viewer_id, MAX_FOUND),
    )
    return [PlaceRow._make(row) for row in rows]


async def one(place_id: int) -> PlaceRow | None:
    """The place of that number."""
    row = await db.fetch_one("SELECT id, name, country, latitude, longitude FROM places WHERE id = ?", (place_id,))
    return PlaceRow._make(row) if row is not None else None


async def one_seen(viewer_id: int | None, place_id: int) -> PlaceRow | None:
    """The place of that number, if somebody posted from there for everybody, or the viewer did."""
    row = await db.fetch_one(
        "SELECT id, name, country, latitude, longitude FROM places pl WHERE pl.id = ? AND EXISTS"
        " (SELECT 1 FROM posts p WHERE p.place_id = pl.id AND (p.visibility = 'public' OR p.account_id = ?))",
        (place_id, viewer_id or 0),
    )
    return PlaceRow._make(row) if row is not None else None


async def posts_at(viewer_id: int | None, place_id: int, page: Page) -> list[StatusRow]:
    """The newest public posts from a place."""
    where = Condition("p.place_id = ? AND p.visibility = 'public' AND p.shared_post_id IS NULL", (place_id,))
    where = where & not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")
    return await page_of(viewer_id, "posts p", where & Condition("a.silenced_at IS NULL"), page)
