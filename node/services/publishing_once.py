"""Publishing that bears being asked for twice: a client that heard no answer asks again under the same key."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from node import clock, db
from node.models.accounts import Account
from node.models.posts import Post
from node.services import posts

REMEMBERED = timedelta(hours=1)


async def publish_once(author: Account, draft: posts.Draft, key: str) -> Post:
    """`posts.publish`, or the post that was made under the same `key` by the same author within the hour.

    The key stands in the post's row, written in the transaction that publishes it, so that it survives restarts.
    Raises what `posts.publish` raises; a refused draft leaves its key free.
    """
    mark = mark_of(author, key)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (author.id,))
        known = await _known(mark)
        if known is not None:
            return known
        post = await posts.publish(author, draft)
        await db.execute("UPDATE posts SET idempotency_mark = ? WHERE id = ?", (mark, post.id))
    return post


def mark_of(author: Account, key: str) -> str:
    """What stands in the post's row for the author's key."""
    return hashlib.sha256(f"{author.id}:{key}".encode()).hexdigest()


async def published_under(author: Account, key: str) -> Post | None:
    """The post that was made under this key within the hour."""
    return await _known(mark_of(author, key))


async def _known(mark: str) -> Post | None:
    """The post under this mark. One that is too old gives the mark back."""
    post = await Post.get_or_none(idempotency_mark=mark)
    if post is None or post.created_at > clock.now() - REMEMBERED:
        return post
    await db.execute("UPDATE posts SET idempotency_mark = NULL WHERE id = ?", (post.id,))
    return None
