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
    """A place; degrees where known, and where its owner lets others know them. `owner_id` is of somebody's own."""

    id: int
    name: str
    country: str
    latitude: float | None
    longitude: float | None
    owner_id: int | None = None
    hides_position: bool = False


def country(place: str) -> str:
    """The country of a place of that name in a statement. What somebody's own has there is a mark that nobody is shown."""
    return f"CASE WHEN {place}.owner_id IS NULL THEN {place}.country ELSE '' END"


def _columns(viewer_id: int) -> Condition:
    """The columns of a `PlaceRow` of a place `pl`."""
    hidden = "pl.hides_position = TRUE AND pl.owner_id <> ?"
    return Condition(
        f"pl.id, pl.name, {country('pl')},"
        f" CASE WHEN {hidden} THEN NULL ELSE pl.latitude END, CASE WHEN {hidden} THEN NULL ELSE pl.longitude END,"
        " pl.owner_id, pl.hides_position",
        (viewer_id, viewer_id),
    )


async def search(viewer_id: int, words: str) -> list[PlaceRow]:
    """Places whose names begin with these words, the viewer's own first, then the shortest names."""
    beginning = words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    shown = _columns(viewer_id)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM places pl"
        r" WHERE (pl.name LIKE ? ESCAPE '\' OR LOWER(pl.name) LIKE ? ESCAPE '\')"
        " AND (pl.owner_id = ? OR pl.owner_id IS NULL AND EXISTS (SELECT 1 FROM posts p WHERE p.place_id = pl.id"
        " AND (p.visibility = 'public' OR p.account_id = ?)))"
        " ORDER BY CASE WHEN pl.owner_id IS NULL THEN 1 ELSE 0 END, LENGTH(pl.name), pl.name, pl.id LIMIT ?",
        (*shown.parameters, beginning, beginning.lower(), viewer_id, viewer_id, MAX_FOUND),
    )
    return [PlaceRow._make(row) for row in rows]


async def one_seen(viewer_id: int | None, place_id: int) -> PlaceRow | None:
    """The place of that number, if it is the viewer's, or somebody posted from there for everybody, or the viewer did."""
    shown, viewer = _columns(viewer_id or 0), viewer_id or 0
    row = await db.fetch_one(
        f"SELECT {shown.sql} FROM places pl WHERE pl.id = ? AND (pl.owner_id = ? OR EXISTS"
        " (SELECT 1 FROM posts p WHERE p.place_id = pl.id AND (p.visibility = 'public' OR p.account_id = ?)))",
        (*shown.parameters, place_id, viewer, viewer),
    )
    return PlaceRow._make(row) if row is not None else None


async def of_owner(owner_id: int, limit: int) -> list[PlaceRow]:
    """Somebody's own places, by name."""
    shown = _columns(owner_id)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM places pl WHERE pl.owner_id = ? ORDER BY pl.name, pl.id LIMIT ?",
        (*shown.parameters, owner_id, limit),
    )
    return [PlaceRow._make(row) for row in rows]


async def posts_at(
    viewer_id: int | None, place_id: int, page: Page, *, only_local_media: bool = False
) -> list[StatusRow]:
    """The newest public posts from a place; those of people here with pictures, where nothing else is shown."""
    where = Condition("p.place_id = ? AND p.visibility = 'public' AND p.shared_post_id IS NULL", (place_id,))
    where = where & not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")
    if only_local_media:
        where = where & Condition("p.is_local = TRUE AND p.has_media = TRUE")
    return await page_of(viewer_id, "posts p", where & Condition("a.silenced_at IS NULL"), page)
