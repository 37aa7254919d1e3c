"""Hashtags: one row for all spellings of a name, linked to the posts that carry it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from node import clock, db
from node.errors import Invalid, NotFound
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
    ids = await _ids(spellings)
    missing = spellings.keys() - ids.keys()
    if missing:
        await _insert({name: spellings[name] for name in sorted(missing)})
        ids = await _ids(spellings)
    return list(ids.values())


async def _ids(names: Collection[str]) -> dict[str, int]:
    if not names:
        return {}
    rows = await db.fetch_all(f"SELECT name, id FROM hashtags WHERE name IN ({db.marks(len(names))})", tuple(names))
    return {row[0]: int(row[1]) for row in rows}


async def _insert(spellings: Mapping[str, str]) -> None:
    """In the order of the names, so that two transactions with the same new ones do not wait for each other."""
    now = to_milliseconds(clock.now())
    await db.execute_many(
        "INSERT INTO hashtags (id, name, display_name, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
        [(new_id(), name, spelling, now) for name, spelling in spellings.items()],
    )


async def spell(hashtag_id: int, written: str) -> None:
    """Write a hashtag in another way, of the same letters. Raises `NotFound`, `Invalid` (display_name)."""
    hashtag = await Hashtag.get_or_none(id=hashtag_id)
    if hashtag is None:
        raise NotFound()
    spelling = written.strip().removeprefix("#")
    if hashtag_name(spelling) != hashtag.name:
        raise Invalid("display_name", "does not match the previous name")
    await Hashtag.filter(id=hashtag_id).update(display_name=spelling)


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
