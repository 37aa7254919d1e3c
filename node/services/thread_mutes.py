"""Muting a thread: hearing no more of what is said in it, while it can still be seen."""

from __future__ import annotations

from node import clock, db
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import Post
from node.services.visibility import visible_post


async def mute(account: Account, post_id: int) -> Post:
    """Let the local `account` be told nothing more about the thread of a post. Muting twice changes nothing.

    Raises `NotFound` when the post is hidden from the account.
    """
    post = await visible_post(account, post_id)
    await db.execute(
        "INSERT INTO thread_mutes (id, account_id, conversation_id, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (new_id(), account.id, _thread_of(post), to_milliseconds(clock.now())),
    )
    return post


async def unmute(account: Account, post_id: int) -> Post:
    """Be told about the thread again; nothing happens when it is not muted. Raises `NotFound` as `mute` does."""
    post = await visible_post(account, post_id)
    await db.execute(
        "DELETE FROM thread_mutes WHERE account_id = ? AND conversation_id = ?", (account.id, _thread_of(post))
    )
    return post


def _thread_of(post: Post) -> int:
    return int(post.conversation_id or post.id)
