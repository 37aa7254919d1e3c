"""Home timelines: written when a post is, so that reading one is a walk along an index; the lists' along with them.

Entries are kept for local readers whose timeline is complete (`User.home_built_at`). That of somebody who has been
away for long is dropped, and rebuilt when they come back (`ensure_built`).
"""

from __future__ import annotations

from datetime import timedelta

from node import clock, db
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import Post
from node.services import list_timelines
from node.services.feed_rules import FOLLOWED, TAGGED

MAX_ENTRIES = 800
SLACK = 100
"""How far a timeline may grow beyond `MAX_ENTRIES` before it is trimmed."""
FILL = 20
AWAY = timedelta(days=30)
FEW_FOLLOWERS = 500

_INSERT = "INSERT INTO home_entries (account_id, post_id) "


async def fan_out(post: Post, author: Account) -> None:
    """Put a new post into the home timelines of its author, of the followers it is for and of those who follow its
    hashtags, which it must have already: one statement; and one more for lists.
    """
    is_short = author.followers_count <= FEW_FOLLOWERS
    await db.execute_later(
        f"{_INSERT} SELECT f.account_id, p.id {FOLLOWED} AND p.id = ?"
        " UNION ALL SELECT p.account_id, p.id FROM posts p"
        " JOIN users u ON u.account_id = p.account_id AND u.home_built_at IS NOT NULL"
        " WHERE p.id = ? AND p.visibility <> 'direct'"
        f" UNION ALL SELECT tf.account_id, p.id {TAGGED} AND p.id = ?"
        " ON CONFLICT DO NOTHING",
        (_now(), post.id, post.id, _now(), post.id),
        is_short=is_short,
    )
    await list_timelines.fan_out(post.id, is_short=is_short)


async def fill_from(reader_id: int, account_id: int) -> None:
    """Put the newest posts of somebody the reader has just begun to follow into the reader's timeline and lists."""
    await db.execute_later(
        f"{_INSERT} SELECT account_id, id FROM (SELECT f.account_id AS account_id, p.id AS id {FOLLOWED}"
        " AND p.account_id = ? AND f.account_id = ? ORDER BY p.id DESC LIMIT ?) newest WHERE TRUE ON CONFLICT DO NOTHING",
        (_now(), account_id, reader_id, FILL),
    )
    await list_timelines.fill_from(reader_id, account_id, FILL)


async def forget(reader_id: int, account_id: int, *, shares_too: bool = False) -> None:
    """Take the posts of `account_id` out of the reader's timeline and lists; with `shares_too` also others' shares of
    them.
    """
    await forget_at_home(reader_id, account_id, shares_too=shares_too)
    await list_timelines.forget(reader_id, account_id, shares_too=shares_too)


async def forget_at_home(reader_id: int, account_id: int, *, shares_too: bool = False) -> None:
    """`forget`, but in the home timeline only."""
    shared = " OR o.account_id = ?" if shares_too else ""
    await db.execute_later(
        "DELETE FROM home_entries WHERE account_id = ? AND EXISTS (SELECT 1 FROM posts p"
        " LEFT JOIN posts o ON o.id = p.shared_post_id"
        f" WHERE p.id = home_entries.post_id AND (p.account_id = ?{shared}))",
        (reader_id, account_id, account_id) if shares_too else (reader_id, account_id),
    )


async def forget_listed(reader_id: int, list_id: int) -> None:
    """Take what the members of a list posted and shared out of the reader's home timeline."""
    await db.execute(
        "DELETE FROM home_entries WHERE account_id = ? AND EXISTS (SELECT 1 FROM posts p"
        " JOIN list_members lm ON lm.account_id = p.account_id AND lm.list_id = ?"
        " WHERE p.id = home_entries.post_id AND p.account_id <> ?)",
        (reader_id, list_id, reader_id),
    )


async def fill_listed(reader_id: int, list_id: int) -> None:
    """Put the newest posts of a list's members into the reader's home timeline."""
    await db.execute(
        f"{_INSERT} SELECT account_id, id FROM (SELECT f.account_id AS account_id, p.id AS id {FOLLOWED}"
        " AND f.account_id = ? AND p.account_id IN (SELECT x.account_id FROM list_members x WHERE x.list_id = ?)"
        " ORDER BY p.id DESC LIMIT ?) newest WHERE TRUE ON CONFLICT DO NOTHING",
        (_now(), reader_id, list_id, MAX_ENTRIES),
    )


async def forget_hashtag(reader_id: int, hashtag_id: int) -> None:
    """Take out of the reader's timeline what was there for this hashtag alone."""
    await db.execute_later(
        "DELETE FROM home_entries WHERE account_id = ? AND EXISTS (SELECT 1 FROM posts p"
        " JOIN post_hashtags ph ON ph.post_id = p.id AND ph.hashtag_id = ?"
        " WHERE p.id = home_entries.post_id AND p.account_id <> ?"
        " AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ? AND f.target_id = p.account_id"
        " AND f.accepted = TRUE)"
        " AND NOT EXISTS (SELECT 1 FROM post_hashtags x JOIN tag_follows tf ON tf.hashtag_id = x.hashtag_id"
        " WHERE x.post_id = p.id AND tf.account_id = ?))",
        (reader_id, hashtag_id, reader_id, reader_id, reader_id),
    )


async def trim(account_id: int) -> None:
    """Keep the newest `MAX_ENTRIES` of a timeline."""
    await db.execute(
        "DELETE FROM home_entries WHERE account_id = ? AND post_id <= ("
        "SELECT post_id FROM home_entries WHERE account_id = ? ORDER BY post_id DESC LIMIT 1 OFFSET ?)",
        (account_id, account_id, MAX_ENTRIES),
    )


async def trim_all() -> int:
    """Trim every timeline and list that has grown too long; periodic. Returns how many there were."""
    rows = await db.fetch_all(
        "SELECT account_id FROM home_entries GROUP BY account_id HAVING COUNT(*) > ?", (MAX_ENTRIES + SLACK,)
    )
    for row in rows:
        await trim(int(row[0]))
    return len(rows) + await list_timelines.trim_all(MAX_ENTRIES, SLACK)


async def rebuild(reader: Account) -> None:
    """Write the reader's home timeline and lists anew from the posts that are there; from now on they are kept up."""
    async with db.transaction():
        await db.execute("UPDATE users SET home_built_at = ? WHERE account_id = ?", (_now(), reader.id))
        await db.execute("DELETE FROM home_entries WHERE account_id = ?", (reader.id,))
        await db.execute(
            f"{_INSERT} SELECT account_id, id FROM (SELECT f.account_id AS account_id, p.id AS id {FOLLOWED}"
            " AND f.account_id = ? ORDER BY p.id DESC LIMIT ?) newest WHERE TRUE ON CONFLICT DO NOTHING",
            (_now(), reader.id, MAX_ENTRIES),
        )
        await db.execute(
            f"{_INSERT} SELECT account_id, id FROM (SELECT p.account_id AS account_id, p.id AS id FROM posts p"
            " WHERE p.account_id = ? AND p.visibility <> 'direct' ORDER BY p.id DESC LIMIT ?) own WHERE TRUE"
            " ON CONFLICT DO NOTHING",
            (reader.id, MAX_ENTRIES),
        )
        await db.execute(
            f"{_INSERT} SELECT account_id, id FROM (SELECT tf.account_id AS account_id, p.id AS id {TAGGED}"
            " AND tf.account_id = ? ORDER BY p.id DESC LIMIT ?) tagged WHERE TRUE ON CONFLICT DO NOTHING",
            (_now(), reader.id, MAX_ENTRIES),
        )
        await trim(reader.id)
        await list_timelines.rebuild(reader.id, MAX_ENTRIES)


async def ensure_built(reader: Account) -> None:
    """Rebuild the reader's home timeline if it had been dropped. Call it before a home timeline is read."""
    row = await db.fetch_one("SELECT home_built_at FROM users WHERE account_id = ?", (reader.id,))
    if row is not None and row[0] is None:
        await rebuild(reader)


async def drop_quiet() -> int:
    """Drop the timelines of people who have not been here for `AWAY`; periodic. Returns how many."""
    before = to_milliseconds(clock.now() - AWAY)
    rows = await db.fetch_all(
        "SELECT account_id FROM users WHERE home_built_at < ? AND (last_active_at IS NULL OR last_active_at < ?) LIMIT 1000",
        (before, before),
    )
    for row in rows:
        async with db.transaction():
            await db.execute("UPDATE users SET home_built_at = NULL WHERE account_id = ?", (row[0],))
            await db.execute("DELETE FROM home_entries WHERE account_id = ?", (row[0],))
            await list_timelines.drop(int(row[0]))
    return len(rows)


def _now() -> int:
    return to_milliseconds(clock.now())
