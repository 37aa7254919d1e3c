"""Pinned comments: what an author shows first under a post."""

from __future__ import annotations

from typing import Final

from node import clock, db
from node.errors import BASE, Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import Post
from node.services.visibility import visible_post

MAX_PINS: Final = 3


async def pin(account: Account, post_id: int, comment_id: int) -> None:
    """Show a comment first under one of the account's own posts. Pinning twice changes nothing.

    Raises `NotFound` when either is hidden from the account or the one is no comment on the other, `Forbidden` for
    another's post, `Invalid` when `MAX_PINS` comments are pinned already.
    """
    comment = await _comment(account, post_id, comment_id)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM posts WHERE id = ?{db.for_update()}", (post_id,))
        rows = await db.fetch_all("SELECT comment_id FROM pinned_comments WHERE post_id = ?", (post_id,))
        pinned = [int(row[0]) for row in rows]
        if comment.id in pinned:
            return
        if len(pinned) >= MAX_PINS:
            raise Invalid(BASE, "You have already pinned the maximum number of comments", code="ERR_TOO_MANY")
        await db.execute(
            "INSERT INTO pinned_comments (id, post_id, comment_id, created_at) VALUES (?, ?, ?, ?)",
            (new_id(), post_id, comment.id, to_milliseconds(clock.now())),
        )
        await _show_anew(comment.id)


async def unpin(account: Account, post_id: int, comment_id: int) -> None:
    """Show a comment in its turn again; nothing happens when it is not pinned. Raises as `pin` does."""
    comment = await _comment(account, post_id, comment_id)
    async with db.transaction():
        if await db.execute("DELETE FROM pinned_comments WHERE comment_id = ?", (comment.id,)):
            await _show_anew(comment.id)


async def _comment(account: Account, post_id: int, comment_id: int) -> Post:
    post = await visible_post(account, post_id)
    comment = await visible_post(account, comment_id)
    if comment.parent_id != post.id:
        raise NotFound
    if post.account_id != account.id:
        raise Forbidden
    return comment


async def _show_anew(comment_id: int) -> None:
    await db.execute_later("UPDATE posts SET version = version + 1 WHERE id = ?", (comment_id,))
