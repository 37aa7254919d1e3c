"""Pinned posts: what somebody shows first on their profile."""

from __future__ import annotations

from typing import Final

from node import clock, db
from node.errors import BASE, Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, DIRECT, Post
from node.services.visibility import visible_post

MAX_PINS: Final = 5


async def pin(account: Account, post_id: int) -> Post:
    """Show one of the account's own posts first on its profile. Pinning twice changes nothing.

    Raises `NotFound` when the post is hidden from the account; `Invalid` for a share, another's post, one that only
    those it addresses see, or when `MAX_PINS` are pinned already.
    """
    post = await visible_post(account, post_id)
    _check_can_be_pinned(account, post)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        rows = await db.fetch_all("SELECT post_id FROM pinned_posts WHERE account_id = ?", (account.id,))
        pinned = [int(row[0]) for row in rows]
        if post.id in pinned:
            return post
        if len(pinned) >= MAX_PINS:
            raise _refused("You have already pinned the maximum number of posts", "ERR_TOO_MANY")
        await db.execute(
            "INSERT INTO pinned_posts (id, account_id, post_id, created_at) VALUES (?, ?, ?, ?)",
            (new_id(), account.id, post.id, to_milliseconds(clock.now())),
        )
        await _show_anew(post.id)
    return post


async def unpin(account: Account, post_id: int) -> Post:
    """No longer show a post first; nothing happens when it is not. Raises `NotFound` when it is hidden from the account."""
    post = await visible_post(account, post_id)
    async with db.transaction():
        removed = await db.execute(
            "DELETE FROM pinned_posts WHERE account_id = ? AND post_id = ?", (account.id, post.id)
        )
        if removed:
            await _show_anew(post.id)
    return post


def _check_can_be_pinned(account: Account, post: Post) -> None:
    if post.shared_post_id is not None:
        raise _refused("A boost cannot be pinned")
    if post.account_id != account.id:
        raise _refused("Someone else's post cannot be pinned")
    if post.visibility == DIRECT:
        raise _refused("Posts that are only visible to mentioned users cannot be pinned")
    if post.visibility == ARCHIVED:
        raise _refused("An archived post cannot be pinned")


def _refused(sentence: str, code: str = "ERR_INVALID") -> Invalid:
    """Mastodon's words, which clients show as they are."""
    return Invalid(BASE, sentence, code=code)


async def _show_anew(post_id: int) -> None:
    await db.execute_later("UPDATE posts SET version = version + 1 WHERE id = ?", (post_id,))
