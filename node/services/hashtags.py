"""Hashtags: one row for all spellings of a name, linked to the posts that carry it."""

from __future__ import annotations

from collections.abc import Iterable

from node import clock, db
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.posts import Hashtag
from node.text import MAX_HASHTAGS, hashtag_name


async def by_name(name: str) -> Hashtag | None:
    """The hashtag of that name, with or without `#`, in any case."""
    return await Hashtag.get_or_none(name=hashtag_name(name))


async def ensure(written: Iterable[str]) -> list[int]:
    """The ids of these hashtags, new ones made; the first spelling stays the one that is shown.

    Empty names are left out, and more than `MAX_HASHTAGS` cut off.
    """
    spellings: dict[str, str] = {}
    for spelling in written:
        name = hashtag_name(spelling)
        if name and len(spellings) < MAX_HASHTAGS:
            spellings.setdefault(name, spelling.removeprefix("#")[:255])
    if not spellings:
        return []
    now = to_milliseconds(clock.now())
    await db.execute_many(
        "INSERT INTO hashtags (id, name, display_name, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
        [(new_id(), name, spelling, now) for name, spelling in sorted(spellings.items())],
    )
    rows = await db.fetch_all(f"SELECT id FROM hashtags WHERE name IN ({db.marks(spellings)})", tuple(spellings))
    return [int(row[0]) for row in rows]


async def attach(post_id: int, written: Iterable[str]) -> None:
    """Make these the hashtags of a post that has none yet."""
    await db.execute_many(
        "INSERT INTO post_hashtags (id, post_id, hashtag_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(new_id(), post_id, hashtag_id) for hashtag_id in await ensure(written)],
    )


async def replace(post_id: int, written: Iterable[str]) -> None:
    """Make these the hashtags of a post, whatever it carried before."""
    await db.execute("DELETE FROM post_hashtags WHERE post_id = ?", (post_id,))
    await attach(post_id, written)
