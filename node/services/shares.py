"""Shares (boosts): a post shown on to one's own followers. A share is itself a post, with `shared_post`."""

from __future__ import annotations

from datetime import datetime

from node import clock, db, events, urls
from node.errors import Conflict, Forbidden, Invalid
from node.ids import id_at, new_id
from node.models.accounts import Account
from node.models.posts import DIRECT, FOLLOWERS, MEMBERS, PUBLIC, UNLISTED, VISIBILITIES, Post
from node.services import notifications, post_removal, post_rows, timelines
from node.services.interaction_policies import permits
from node.services.visibility import narrower, visible_original


async def share(
    account: Account,
    post_id: int,
    *,
    uri: str | None = None,
    visibility: str | None = None,
    published: datetime | None = None,
) -> Post:
    """Share a post `account` may see; sharing twice returns the share there is. Returns the share.

    Public and unlisted posts can be shared; one's own followers-only posts too, to the same followers. The audience is
    never wider than the original's. `uri` and `published` are those of a remote Announce. Records `PostPublished` or
    `PostReceived` and notifies a local author.

    Raises `NotFound` when the post is hidden from `account`, `Forbidden` when it may not be shared, `Invalid` for an
    unknown visibility, `Conflict` when `uri` is another post's.
    """
    original = await visible_original(account, post_id)
    if not await permits(original.share_policy, original.account_id, account.id):
        raise Forbidden("The author does not allow this post to be shared")
    made = _share_of(account, original, uri, _audience(account, original, visibility), published)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM posts WHERE id = ?{db.for_update()}", (original.id,))
        known = await Post.filter(account_id=account.id, shared_post_id=original.id).first()
        if known is not None:
            return known
        if not await post_rows.insert(made):
            raise Conflict("this uri is another post's", uri=made.uri)
        await post_rows.count_in(made)
        await timelines.fan_out(made, account)
        await notifications.notify(notifications.REBLOG, original.account_id, account.id, original.id)
        fact = events.PostPublished if account.is_local else events.PostReceived
        await events.record(fact(post_id=made.id))
    return made


async def unshare(account: Account, post_id: int) -> Post | None:
    """Take back the share of a post (named by the original's id or the share's). Records `PostDeleted` when local.

    Returns the share that went, `None` when there was none.
    """
    async with db.transaction():
        known = await Post.filter(account_id=account.id, shared_post_id=post_id).first()
        if known is None:
            known = await Post.get_or_none(id=post_id, account_id=account.id, shared_post_id__isnull=False)
        if known is None:
            return None
        await post_removal.remove(known)
        await db.execute(
            "DELETE FROM notifications WHERE kind = ? AND from_account_id = ? AND post_id = ?",
            (notifications.REBLOG, account.id, known.shared_post_id),
        )
    return known


def _audience(account: Account, original: Post, wanted: str | None) -> str:
    if wanted is not None and (wanted not in VISIBILITIES or wanted == MEMBERS):
        raise Invalid("visibility", "is not included in the list", code="ERR_INCLUSION")
    is_own = original.account_id == account.id
    shareable = (PUBLIC, UNLISTED, FOLLOWERS) if is_own else (PUBLIC, UNLISTED)
    if original.visibility not in shareable or wanted == DIRECT:
        raise Forbidden()
    return narrower(wanted or PUBLIC, original.visibility)


def _share_of(account: Account, original: Post, uri: str | None, visibility: str, published: datetime | None) -> Post:
    now = clock.now()
    moment = min(published, now) if published is not None else now
    number = new_id() if published is None else id_at(moment)
    return Post(
        id=number,
        account_id=account.id,
        uri=uri or urls.activity(account.uri, "shares", number),
        shared_post_id=original.id,
        conversation_id=original.conversation_id,
        visibility=visibility,
        is_local=account.is_local,
        created_at=moment,
        fetched_at=None if account.is_local else now,
    )
