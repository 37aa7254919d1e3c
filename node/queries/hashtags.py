"""Hashtags as their entities show them: one statement for any number, and one for how they were used of late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from node import clock, db
from node.cache import BoundedCache
from node.ids import first_id_at
from node.queries.conditions import Condition
from node.queries.statuses import Page

DAY_MILLISECONDS: Final = 86_400_000
DAYS: Final = 7
COUNTED_EVERY: Final = 300.0
MAX_RECENT_POSTS: Final = 1_000
MAX_RELATED: Final = 30


class HashtagRow(NamedTuple):
    """A hashtag, and what the viewer does with it; `cursor` is what a list is paged by."""

    cursor: int
    id: int
    name: str
    display_name: str
    following: bool
    featuring: bool


class Use(NamedTuple):
    """How often a hashtag was used on a day (its number since 1970), and by how many."""

    day: int
    uses: int
    accounts: int


class FeaturedRow(NamedTuple):
    """A hashtag an account shows: how many of its posts anybody may see carry it, and the newest's time."""

    id: int
    name: str
    display_name: str
    posts: int
    last_post_at: int | None


class RelatedRow(NamedTuple):
    """A hashtag that stands beside another, and how often."""

    name: str
    together: int


_uses: BoundedCache[int, list[Use]] = BoundedCache(5_000, COUNTED_EVERY)


def forget_all() -> None:
    """Count uses anew."""
    _uses.clear()


def columns_of(viewer_id: int | None, cursor: str) -> Condition:
    """The columns of a `HashtagRow`, for a query with hashtags `t`."""
    if viewer_id is None:
        return Condition(f"{cursor}, t.id, t.name, t.display_name, FALSE, FALSE")
    return Condition(
        f"{cursor}, t.id, t.name, t.display_name,"
        " EXISTS (SELECT 1 FROM tag_follows tf WHERE tf.account_id = ? AND tf.hashtag_id = t.id),"
        " EXISTS (SELECT 1 FROM featured_tags ft WHERE ft.account_id = ? AND ft.hashtag_id = t.id)",
        (viewer_id, viewer_id),
    )


async def by_names(viewer_id: int | None, names: Sequence[str]) -> list[HashtagRow]:
    """The hashtags of these names (lower case) that are known, in the order asked for."""
    if not names:
        return []
    shown = columns_of(viewer_id, "t.id")
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM hashtags t WHERE t.name IN ({db.marks(names)})", (*shown.parameters, *names)
    )
    found = {row[2]: row_of(row) for row in rows}
    return [found[name] for name in names if name in found]


async def followed(viewer_id: int, page: Page) -> list[HashtagRow]:
    """The hashtags the viewer follows, newest follow first; the cursor is the follow's."""
    shown = columns_of(viewer_id, "x.id")
    bounds, values = page.condition("x.id")
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM tag_follows x JOIN hashtags t ON t.id = x.hashtag_id"
        f" WHERE x.account_id = ?{bounds}{page.order('x.id')}",
        (*shown.parameters, viewer_id, *values),
    )
    found = [row_of(row) for row in rows]
    return found[::-1] if page.upwards else found


def row_of(row: db.Row) -> HashtagRow:
    """A row of `columns_of`."""
    return HashtagRow(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]))


async def recently_used(viewer_id: int, limit: int) -> list[HashtagRow]:
    """What the viewer's newest posts carry most often, without what the viewer's profile shows already."""
    shown = columns_of(viewer_id, "t.id")
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM (SELECT ph.hashtag_id AS id, COUNT(*) AS uses FROM"
        " (SELECT p.id FROM posts p WHERE p.account_id = ? AND p.visibility IN ('public', 'unlisted')"
        " ORDER BY p.id DESC LIMIT ?) newest JOIN post_hashtags ph ON ph.post_id = newest.id"
        " WHERE NOT EXISTS (SELECT 1 FROM featured_tags x WHERE x.account_id = ? AND x.hashtag_id = ph.hashtag_id)"
        " GROUP BY ph.hashtag_id ORDER BY COUNT(*) DESC, ph.hashtag_id DESC LIMIT ?) used"
        " JOIN hashtags t ON t.id = used.id ORDER BY used.uses DESC, used.id DESC",
        (*shown.parameters, viewer_id, MAX_RECENT_POSTS, viewer_id, limit),
    )
    return [row_of(row) for row in rows]


async def uses(hashtag_ids: Sequence[int]) -> dict[int, list[Use]]:
    """How these hashtags were used in public posts in the last `DAYS` days, today first; up to five minutes old.

    One statement for those not counted lately.
    """
    kept = {hashtag_id: _uses.get(hashtag_id) for hashtag_id in hashtag_ids}
    missing = [hashtag_id for hashtag_id, counted in kept.items() if counted is None]
    counted = await _count_uses(missing) if missing else {}
    for hashtag_id, found in counted.items():
        _uses.put(hashtag_id, found)
    return {hashtag_id: counted[hashtag_id] if found is None else found for hashtag_id, found in kept.items()}


async def _count_uses(hashtag_ids: Sequence[int]) -> dict[int, list[Use]]:
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await db.fetch_all(
        f"SELECT ph.hashtag_id, p.created_at / {DAY_MILLISECONDS} AS day, COUNT(*), COUNT(DISTINCT p.account_id)"
        " FROM post_hashtags ph JOIN posts p ON p.id = ph.post_id"
        f" WHERE ph.hashtag_id IN ({db.marks(hashtag_ids)}) AND ph.post_id >= ? AND p.visibility = 'public'"
        f" GROUP BY ph.hashtag_id, p.created_at / {DAY_MILLISECONDS}",
        (*hashtag_ids, first_id_at(midnight - timedelta(days=DAYS - 1))),
    )
    found = {(int(row[0]), int(row[1])): Use(int(row[1]), int(row[2]), int(row[3])) for row in rows}
    return {number: [found.get((number, day.day), day) for day in unused()] for number in hashtag_ids}


def unused() -> list[Use]:
    """The last `DAYS` days of a hashtag that nobody used."""
    today = int(clock.timestamp() * 1000) // DAY_MILLISECONDS
    return [Use(day, 0, 0) for day in range(today, today - DAYS, -1)]


async def featured(account_id: int, only: int | None = None) -> list[FeaturedRow]:
    """The hashtags an account shows on its profile, most used first; of one of them with `only`."""
    wanted = "" if only is None else " AND ft.id = ?"
    rows = await db.fetch_all(
        "SELECT ft.id, t.name, ft.name, COALESCE(used.posts, 0), used.newest FROM featured_tags ft"
        " JOIN hashtags t ON t.id = ft.hashtag_id"
        " LEFT JOIN (SELECT ph.hashtag_id AS id, COUNT(*) AS posts, MAX(p.created_at) AS newest FROM posts p"
        " JOIN post_hashtags ph ON ph.post_id = p.id"
        " WHERE p.account_id = ? AND p.visibility IN ('public', 'unlisted') GROUP BY ph.hashtag_id) used"
        " ON used.id = ft.hashtag_id"
        f" WHERE ft.account_id = ?{wanted} ORDER BY COALESCE(used.posts, 0) DESC, ft.id",
        (account_id, account_id, *(() if only is None else (only,))),
    )
    return [FeaturedRow(row[0], row[1], row[2], int(row[3]), row[4]) for row in rows]


async def related(hashtag_id: int) -> list[RelatedRow]:
    """What stands beside a hashtag in its newest public posts, most often first."""
    rows = await db.fetch_all(
        "SELECT t.name, COUNT(*) FROM (SELECT ph.post_id FROM post_hashtags ph JOIN posts p ON p.id = ph.post_id"
        " WHERE ph.hashtag_id = ? AND p.visibility = 'public' ORDER BY ph.post_id DESC LIMIT ?) newest"
        " JOIN post_hashtags other ON other.post_id = newest.post_id AND other.hashtag_id <> ?"
        " JOIN hashtags t ON t.id = other.hashtag_id GROUP BY t.name ORDER BY COUNT(*) DESC, t.name LIMIT ?",
        (hashtag_id, MAX_RECENT_POSTS, hashtag_id, MAX_RELATED),
    )
    return [RelatedRow(row[0], int(row[1])) for row in rows]
