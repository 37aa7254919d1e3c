"""Bookmarks: posts people keep for themselves. Nobody is told, nothing is counted."""

from __future__ import annotations

from node import clock, db
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import Post
from node.services.visibility import visible_original


async def keep(account: Account, post_id: int) -> Post:
    """Keep a post that `account` may see (a share stands for what it shares), once. Returns the post kept.

    Raises `NotFound` when it is hidden from `account`.
    """
    post = await visible_original(account, post_id)
    await db.execute(
        "INSERT INTO bookmarks (id, account_id, post_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (new_id(), account.id, post.id, to_milliseconds(clock.now())),
    )
    return post


async def drop(account: Account, post_id: int) -> None:
    """No longer keep a post; nothing happens when it was not kept."""
    await db.execute(
        "DELETE FROM bookmarks WHERE account_id = ? AND post_id = COALESCE("
        "(SELECT shared_post_id FROM posts WHERE id = ?), ?)",
        (account.id, post_id, post_id),
    )
