"""Home timelines: written when a post is, so that reading one is a walk along an index.

Entries are kept for local readers whose timeline is complete (`User.home_built_at`). That of somebody who has been
away for long is dropped, and rebuilt when they come back (`ensure_built`).
"""

from __future__ import annotations

from datetime import timedelta

from node import clock, db
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import Post

MAX_ENTRIES = 800
SLACK = 100
"""How far a timeline may grow beyond `MAX_ENTRIES` before it is trimmed."""
FILL = 20
AWAY = timedelta(days=30)
FEW_FOLLOWERS = 500

# What belongs into a home timeline: the post `p` of somebody the reader follows (`f`). `o` is what a share shares.
# Shares only where the follow wants them, comments only among people the reader follows, nothing of those the reader
# muted or blocked (or whose domain), nor of those who block the reader, only languages that the follow wants, and no
# direct messages, which have a place of their own.
_FOLLOWED = """
    FROM posts p
    JOIN follows f ON f.target_id = p.account_id AND f.accepted = TRUE
    JOIN users u ON u.account_id = f.account_id AND u.home_built_at IS NOT NULL
    LEFT JOIN posts o ON o.id = p.shared_post_id
    WHERE p.visibility <> 'direct'
    AND (p.shared_post_id IS NULL OR f.show_shares = TRUE)
    AND ((p.parent_id IS NULL AND p.parent_uri IS NULL)
        OR p.parent_account_id = f.account_id OR p.parent_account_id = p.account_id
        OR EXISTS (SELECT 1 FROM follows pf
            WHERE pf.account_id = f.account_id AND pf.target_id = p.parent_account_id AND pf.accepted = TRUE))
    AND (f.languages IS NULL OR COALESCE(o.language, p.language) IS NULL
        OR REPLACE(f.languages, ' ' || LOWER(COALESCE(o.language, p.language)) || ' ', '') <> f.languages)
    AND NOT EXISTS (SELECT 1 FROM mutes m
        WHERE m.account_id = f.account_id AND m.target_id IN (p.account_id, o.account_id)
        AND (m.expires_at IS NULL OR m.expires_at > ?))
    AND NOT EXISTS (SELECT 1 FROM blocks b
        WHERE b.account_id = f.account_id AND b.target_id IN (p.account_id, o.account_id))
    AND NOT EXISTS (SELECT 1 FROM blocks b
        WHERE b.account_id IN (p.account_id, o.account_id) AND b.target_id = f.account_id)
    AND NOT EXISTS (SELECT 1 FROM account_domain_blocks d JOIN accounts da ON da.domain = d.domain
        WHERE d.account_id = f.account_id AND da.id IN (p.account_id, o.account_id))
"""
_INSERT = "INSERT INTO home_entries (account_id, post_id) "


async def fan_out(post: Post, author: Account) -> None:
    """Put a new post into the home timelines of its author and of the followers it is for: one statement."""
    await db.execute_later(
        f"{_INSERT} SELECT f.account_id, p.id {_FOLLOWED} AND p.id = ?"
        " UNION ALL SELECT p.account_id, p.id FROM posts p"
        " JOIN users u ON u.account_id = p.account_id AND u.home_built_at IS NOT NULL"
        " WHERE p.id = ? AND p.visibility <> 'direct'"
        " ON CONFLICT DO NOTHING",
        (_now(), post.id, post.id),
        is_short=author.followers_count <= FEW_FOLLOWERS,
    )


async def fill_from(reader_id: int, account_id: int) -> None:
    """Put the newest posts of somebody the reader has just begun to follow into the reader's timeline."""
    await db.execute_later(
        f"{_INSERT} SELECT account_id, id FROM (SELECT f.account_id AS account_id, p.id AS id {_FOLLOWED}"
        " AND p.account_id = ? AND f.account_id = ? ORDER BY p.id DESC LIMIT ?) newest WHERE TRUE ON CONFLICT DO NOTHING",
        (_now(), account_id, reader_id, FILL),
    )


async def forget(reader_id: int, account_id: int, *, shares_too: bool = False) -> None:
    """Take the posts of `account_id` out of the reader's timeline; with `shares_too` also others' shares of them."""
    shared = " OR o.account_id = ?" if shares_too else ""
    await db.execute_later(
        "DELETE FROM home_entries WHERE account_id = ? AND EXISTS (SELECT 1 FROM posts p"
        " LEFT JOIN posts o ON o.id = p.shared_post_id"
        f" WHERE p.id = home_entries.post_id AND (p.account_id = ?{shared}))",
        (reader_id, account_id, account_id) if shares_too else (reader_id, account_id),
    )


async def forget_everywhere(account_id: int) -> None:
    """Take the posts of `account_id`, and others' shares of them, out of every reader's timeline."""
    await db.execute(
        "DELETE FROM home_entries WHERE post_id IN (SELECT p.id FROM posts p WHERE p.account_id = ?"
        " UNION ALL SELECT s.id FROM posts s JOIN posts o ON o.id = s.shared_post_id WHERE o.account_id = ?)",
        (account_id, account_id),
    )


async def trim(account_id: int) -> None:
    """Keep the newest `MAX_ENTRIES` of a timeline."""
    await db.execute(
        "DELETE FROM home_entries WHERE account_id = ? AND post_id <= ("
        "SELECT post_id FROM home_entries WHERE account_id = ? ORDER BY post_id DESC LIMIT 1 OFFSET ?)",
        (account_id, account_id, MAX_ENTRIES),
    )


async def trim_all() -> int:
    """Trim every timeline that has grown too long; periodic. Returns how many there were."""
    rows = await db.fetch_all(
        "SELECT account_id FROM home_entries GROUP BY account_id HAVING COUNT(*) > ?", (MAX_ENTRIES + SLACK,)
    )
    for row in rows:
        await trim(int(row[0]))
    return len(rows)


async def rebuild(reader: Account) -> None:
    """Write the reader's home timeline anew from the posts that are there; from now on it is kept up."""
    async with db.transaction():
        await db.execute("UPDATE users SET home_built_at = ? WHERE account_id = ?", (_now(), reader.id))
        await db.execute("DELETE FROM home_entries WHERE account_id = ?", (reader.id,))
        await db.execute(
            f"{_INSERT} SELECT account_id, id FROM (SELECT f.account_id AS account_id, p.id AS id {_FOLLOWED}"
            " AND f.account_id = ? ORDER BY p.id DESC LIMIT ?) newest WHERE TRUE ON CONFLICT DO NOTHING",
            (_now(), reader.id, MAX_ENTRIES),
        )
        await db.execute(
            f"{_INSERT} SELECT account_id, id FROM (SELECT p.account_id AS account_id, p.id AS id FROM posts p"
            " WHERE p.account_id = ? AND p.visibility <> 'direct' ORDER BY p.id DESC LIMIT ?) own WHERE TRUE"
            " ON CONFLICT DO NOTHING",
            (reader.id, MAX_ENTRIES),
        )
        await trim(reader.id)


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
    return len(rows)


def _now() -> int:
    return to_milliseconds(clock.now())
