"""Likes, of people here and elsewhere."""

from __future__ import annotations

from node import db, events, urls
from node.errors import Conflict
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Like
from node.services import counters, notifications
from node.services.visibility import visible_original


async def like(account: Account, post_id: int, *, uri: str | None = None) -> Like:
    """Let `account` like a post it may see (a share stands for what it shares). Liking twice changes nothing.

    `uri` is the Like activity of a remote account. Records `PostLiked` for a local one and notifies a local author.
    Raises `NotFound` when the post is hidden from `account`, `Conflict` when `uri` is another like's.
    """
    post = await visible_original(account, post_id)
    number = new_id()
    made = Like(
        id=number, account_id=account.id, post_id=post.id, uri=uri or urls.activity(account.uri, "likes", number)
    )
    async with db.transaction():
        if not await _insert(made):
            known = await Like.get_or_none(account_id=account.id, post_id=post.id)
            if known is None:
                raise Conflict("this uri is another like's", uri=made.uri)
            return known
        await counters.count_like(post.id, 1)
        await notifications.notify(notifications.FAVOURITE, post.account_id, account.id, post.id)
        if account.is_local:
            await events.record(events.PostLiked(like_id=made.id))
    return made


async def unlike(account: Account, post_id: int) -> None:
    """Take a like back; nothing happens when there is none. Records `PostUnliked` for a local account.

    Works whether or not the post can still be seen: one's own like can always be taken back.
    """
    async with db.transaction():
        rows = await db.fetch_all(
            "DELETE FROM likes WHERE account_id = ? AND post_id = COALESCE("
            "(SELECT shared_post_id FROM posts WHERE id = ?), ?) RETURNING uri, post_id",
            (account.id, post_id, post_id),
        )
        if not rows:
            return
        uri, original_id = str(rows[0][0]), int(rows[0][1])
        await counters.count_like(original_id, -1)
        await db.execute(
            "DELETE FROM notifications WHERE kind = ? AND from_account_id = ? AND post_id = ?",
            (notifications.FAVOURITE, account.id, original_id),
        )
        if account.is_local:
            await events.record(events.PostUnliked(account_id=account.id, post_id=original_id, uri=uri))


async def _insert(made: Like) -> bool:
    added = await db.execute(
        "INSERT INTO likes (id, account_id, post_id, uri, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (made.id, made.account_id, made.post_id, made.uri, to_milliseconds(made.created_at)),
    )
    made._saved_in_db = added > 0
    return made._saved_in_db
