"""Pinned posts: what somebody shows first on their profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import clock, db, events
from node.errors import BASE, Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, DIRECT, Post
from node.services.visibility import visible_post

MAX_PINS: Final = 5
MAX_RECEIVED_PINS: Final = 20


async def pin(account: Account, post_id: int) -> Post:
    """Show one of the account's own posts first on its profile. Pinning twice changes nothing.

    Raises `NotFound` when the post is hidden from the account; `Invalid` for a share, another's post, one that only
    those it addresses see, or when `MAX_PINS` are pinned already.
    """
    post = await visible_post(account, post_id)
    _check_can_be_pinned(account, post)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        pinned = await _pinned(account)
        if post.id in pinned:
            return post
        if len(pinned) >= MAX_PINS:
            raise _refused("You have already pinned the maximum number of posts", "ERR_TOO_MANY")
        pin_id = await _insert(account, post.id)
        await events.record(events.PostPinned(account_id=account.id, post_id=post.id, pin_id=pin_id, is_pinned=True))
    return post


async def unpin(account: Account, post_id: int) -> Post:
    """No longer show a post first; nothing happens when it is not. Raises `NotFound` when it is hidden from the account."""
    post = await visible_post(account, post_id)
    async with db.transaction():
        pin_id = await _delete(account, post.id)
        if pin_id is not None:
            await events.record(
                events.PostPinned(account_id=account.id, post_id=post.id, pin_id=pin_id, is_pinned=False)
            )
    return post


async def receive_pin(account: Account, post: Post) -> None:
    """The server of a remote account says that it shows a post of its own first; twice changes nothing.

    Raises `Invalid` as `pin` does.
    """
    _check_can_be_pinned(account, post)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        pinned = await _pinned(account)
        if post.id not in pinned and len(pinned) < MAX_RECEIVED_PINS:
            await _insert(account, post.id)


async def receive_unpin(account: Account, post: Post) -> None:
    """It no longer does."""
    async with db.transaction():
        await _delete(account, post.id)


async def receive_pins(account: Account, posts: Sequence[Post]) -> None:
    """Everything the server of a remote account lists as shown first, the first one first. What cannot be is left out."""
    wanted = [post.id for post in posts if post.account_id == account.id and post.visibility not in (DIRECT, ARCHIVED)]
    wanted = list(dict.fromkeys(wanted))[:MAX_RECEIVED_PINS]
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        pinned = await _pinned(account)
        if pinned == wanted:
            return
        for post_id in pinned:
            await _delete(account, post_id)
        for post_id in reversed(wanted):
            await _insert(account, post_id)


async def _pinned(account: Account) -> list[int]:
    """What is shown first, in its order."""
    rows = await db.fetch_all(
        "SELECT post_id FROM pinned_posts WHERE account_id = ? ORDER BY id DESC LIMIT 100", (account.id,)
    )
    return [int(row[0]) for row in rows]


async def _insert(account: Account, post_id: int) -> int:
    pin_id = new_id()
    await db.execute(
        "INSERT INTO pinned_posts (id, account_id, post_id, created_at) VALUES (?, ?, ?, ?)",
        (pin_id, account.id, post_id, to_milliseconds(clock.now())),
    )
    await _show_anew(post_id)
    return pin_id


async def _delete(account: Account, post_id: int) -> int | None:
    """The id of the pin that was; `None` when there was none."""
    rows = await db.fetch_all(
        "DELETE FROM pinned_posts WHERE account_id = ? AND post_id = ? RETURNING id", (account.id, post_id)
    )
    if not rows:
        return None
    await _show_anew(post_id)
    return int(rows[0][0])


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
