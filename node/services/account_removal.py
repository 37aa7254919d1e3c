"""What an account leaves behind is cleared away in the background, in batches small enough not to hold others up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from node import db, jobs
from node.models.accounts import Account
from node.models.graph import Follow
from node.models.posts import Post
from node.services import counters, follow_rows, media, notifications, post_rows, remote_media

PURGE: Final = "purge_account"
BATCH: Final = 100


async def _purge(payload: dict[str, Any]) -> None:
    """Remove everything a deleted account made and did; its row stays, so that its name is never given away again.

    Its remote followers stay too, for the deletion must still reach them. May be run again from anywhere within.
    """
    account = await Account.get_or_none(id=payload["account_id"])
    if account is None or account.suspended_at is None:
        return
    for remove_some in (_remove_posts, _remove_likes, _remove_follows):
        await _until_done(remove_some, account)
    async with db.transaction():
        await notifications.forget_from(account.id)
        for statement in _REMAINS:
            await db.execute(statement, (account.id,))
    await _until_done(_remove_files, account)
    await _remove_pictures(account)


_REMAINS: Final = (
    "DELETE FROM notifications WHERE account_id = ?",
    "DELETE FROM notification_policies WHERE account_id = ?",
    "DELETE FROM notification_permissions WHERE account_id = ?",
    "DELETE FROM notification_permissions WHERE from_account_id = ?",
    "DELETE FROM notification_requests WHERE account_id = ?",
    "DELETE FROM notification_requests WHERE from_account_id = ?",
    "DELETE FROM push_subscriptions WHERE account_id = ?",
    "DELETE FROM home_entries WHERE account_id = ?",
    "DELETE FROM filters WHERE account_id = ?",
    "DELETE FROM lists WHERE account_id = ?",
    "DELETE FROM conversations WHERE account_id = ?",
    "DELETE FROM list_members WHERE account_id = ?",
    "DELETE FROM close_friends WHERE account_id = ?",
    "DELETE FROM close_friends WHERE member_id = ?",
    "DELETE FROM tag_follows WHERE account_id = ?",
    "DELETE FROM featured_tags WHERE account_id = ?",
    "DELETE FROM poll_votes WHERE account_id = ?",
    "DELETE FROM scheduled_posts WHERE account_id = ?",
    "DELETE FROM drafts WHERE account_id = ?",
    "DELETE FROM resumable_uploads WHERE account_id = ?",
    "DELETE FROM bookmarks WHERE account_id = ?",
    "DELETE FROM thread_mutes WHERE account_id = ?",
    "DELETE FROM blocks WHERE account_id = ?",
    "DELETE FROM blocks WHERE target_id = ?",
    "DELETE FROM mutes WHERE account_id = ?",
    "DELETE FROM mutes WHERE target_id = ?",
    "DELETE FROM account_domain_blocks WHERE account_id = ?",
    "DELETE FROM account_warnings WHERE target_id = ?",
    "DELETE FROM account_severances WHERE account_id = ?",
    "DELETE FROM severed_follows WHERE account_id = ?",
    "DELETE FROM held_posts WHERE account_id = ?",
    "DELETE FROM account_moves WHERE account_id = ?",
    "DELETE FROM taken_back WHERE account_id = ?",
    "DELETE FROM account_notes WHERE account_id = ?",
    "DELETE FROM account_notes WHERE target_id = ?",
    "DELETE FROM endorsements WHERE account_id = ?",
    "DELETE FROM endorsements WHERE target_id = ?",
    "DELETE FROM dismissed_suggestions WHERE account_id = ?",
    "DELETE FROM dismissed_suggestions WHERE target_id = ?",
    "DELETE FROM albums WHERE account_id = ?",
    "DELETE FROM places WHERE owner_id = ?",
    "DELETE FROM account_collections WHERE account_id = ?",
    "DELETE FROM account_collection_items WHERE account_id = ?",
)


async def _until_done(remove_some: Callable[[Account], Awaitable[int]], account: Account) -> None:
    while await remove_some(account):
        pass


async def _remove_posts(account: Account) -> int:
    async with db.transaction():
        posts = await Post.filter(account_id=account.id).limit(BATCH)
        for post in posts:
            await post_rows.remove(post)
    return len(posts)


async def _remove_likes(account: Account) -> int:
    async with db.transaction():
        rows = await db.fetch_all("SELECT id, post_id FROM likes WHERE account_id = ? LIMIT ?", (account.id, BATCH))
        for row in rows:
            await counters.count_like(int(row["post_id"]), -1)
        await db.execute_many("DELETE FROM likes WHERE id = ?", [(row["id"],) for row in rows])
    return len(rows)


async def _remove_follows(account: Account) -> int:
    async with db.transaction():
        follows = await Follow.filter(account_id=account.id).limit(BATCH)
        if not follows:
            to_it = Follow.filter(target_id=account.id)
            follows = await (to_it.filter(account__domain="") if account.is_local else to_it).limit(BATCH)
        for follow in follows:
            await follow_rows.remove(follow)
    return len(follows)


async def _remove_files(account: Account) -> int:
    """Its photographs and films, which are in no post any more; and what is kept of them here, if it is of another server."""
    async with db.transaction():
        rows = await db.fetch_all(
            "SELECT id FROM media_files WHERE account_id = ? AND post_id IS NULL LIMIT ?", (account.id, BATCH)
        )
        ids = [int(row[0]) for row in rows]
        await remote_media.forget_pictures(ids)
        return await media.remove(ids)


async def _remove_pictures(account: Account) -> None:
    keys = [key for key in (account.avatar_key, account.header_key) if key]
    async with db.transaction():
        await Account.filter(id=account.id).update(avatar_key=None, header_key=None)
        await remote_media.forget_profile(account.id)
        if keys:
            await jobs.enqueue(media.PURGE, {"keys": keys})


jobs.register(PURGE, _purge)
