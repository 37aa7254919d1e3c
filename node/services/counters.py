"""The counters that stand in rows. Each change bumps the row's `version`, since others can see it.

Several rows are always changed in the order of their ids, so that two transactions never wait for each other.
"""

from __future__ import annotations

from node import db
from node.models.posts import PUBLIC, UNLISTED


async def count_follow(follower_id: int, target_id: int, by: int) -> None:
    """A follow became real (`by` 1) or ended (-1)."""
    columns = {follower_id: "following_count", target_id: "followers_count"}
    for account_id in sorted(columns):
        column = columns[account_id]
        await db.execute_later(
            f"UPDATE accounts SET {column} = CASE WHEN {column} + ? < 0 THEN 0 ELSE {column} + ? END,"
            " version = version + 1 WHERE id = ?",
            (by, by, account_id),
        )


async def count_like(post_id: int, by: int) -> None:
    """A like came or went."""
    await _count("likes_count", post_id, by)


async def count_share(post_id: int, by: int) -> None:
    """A share came or went."""
    await _count("shares_count", post_id, by)


async def count_quote(post_id: int, by: int) -> None:
    """An accepted quote came or went."""
    await _count("quotes_count", post_id, by)


async def uncount_quote_by(quoting_id: int) -> None:
    """A post that perhaps quotes another is about to go."""
    await db.execute_later(
        "UPDATE posts SET quotes_count = CASE WHEN quotes_count > 0 THEN quotes_count - 1 ELSE 0 END,"
        " version = version + 1 WHERE id = (SELECT quoted_post_id FROM quotes WHERE post_id = ? AND state = 'accepted')",
        (quoting_id,),
    )


async def count_comments(parent_id: int, visibility: str, by: int) -> None:
    """Comments of that visibility came or went. Those narrower than their parent are not counted: a number tells too."""
    if visibility in (PUBLIC, UNLISTED):
        await _count("comments_count", parent_id, by)
    else:
        await _count("comments_count", parent_id, by, visibility)


async def _count(column: str, post_id: int, by: int, visibility: str | None = None) -> None:
    sql = (
        f"UPDATE posts SET {column} = CASE WHEN {column} + ? < 0 THEN 0 ELSE {column} + ? END,"
        " version = version + 1 WHERE id = ?"
    )
    if visibility is None:
        await db.execute_later(sql, (by, by, post_id))
    else:
        await db.execute_later(f"{sql} AND visibility = ?", (by, by, post_id, visibility))
