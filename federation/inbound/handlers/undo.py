"""Undo: a follow, like, share or block is taken back."""

from __future__ import annotations

from activitypub.types import Activity
from federation.inbound import origins
from federation.inbound.handlers.registry import ANY, Received, handles
from federation.received_notes import known_post
from node.errors import Forbidden, NotFound
from node.models.accounts import Account
from node.models.graph import Block, Follow, Like
from node.models.posts import Post
from node.services import accounts, blocks, follows, likes, posts, shares, taken_back


@handles("Undo", "Follow", "Like", "EmojiReact", "Announce", "Block", "Accept", "Delete")
async def undo(received: Received) -> None:
    """Take back what the embedded activity did. It is found by its kind and object, since ids are not always kept.

    When it did nothing yet, its id is remembered: it may still be on its way.
    """
    inner = received.inner
    if inner.actor != received.actor.uri:
        raise Forbidden("only one's own activities can be undone")
    if inner.object_id is None:
        raise NotFound()
    if inner.type == "Accept":
        await _undo_accept(received)
    elif inner.type == "Delete":
        await _undo_deletion(inner.object_id, received)
    elif not await _take_back(received.actor, inner, inner.object_id) and inner.id is not None:
        await taken_back.remember(received.actor.id, inner.id)


async def _take_back(actor: Account, inner: Activity, object_id: str) -> bool:
    """Returns whether there was anything to take back."""
    match inner.type:
        case "Follow":
            target = await _local(object_id)
            is_there = await Follow.filter(account_id=actor.id, target_id=target.id).exists()
            await follows.unfollow(actor, target)
        case "Block":
            target = await _local(object_id)
            is_there = await Block.filter(account_id=actor.id, target_id=target.id).exists()
            await blocks.unblock(actor, target)
        case "Like" | "EmojiReact":
            post = await known_post(object_id)
            is_there = post is not None and await Like.filter(account_id=actor.id, post_id=post.id).exists()
            if post is not None:
                await likes.unlike(actor, post.id)
        case _:
            is_there = await _unshare(actor, inner)
    return is_there


@handles("Undo", ANY)
async def undo_by_id(received: Received) -> None:
    """Take back what is only named by its id: the follow, like, block or share of the sender's that has it."""
    uri, actor = received.object_id, received.actor
    if (follow := await Follow.get_or_none(uri=uri, account_id=actor.id).select_related("target")) is not None:
        await follows.unfollow(actor, follow.target)
    elif (like := await Like.get_or_none(uri=uri, account_id=actor.id)) is not None:
        await likes.unlike(actor, like.post_id)
    elif (block := await Block.get_or_none(uri=uri, account_id=actor.id).select_related("target")) is not None:
        await blocks.unblock(actor, block.target)
    elif (share := await Post.get_or_none(uri=uri, account_id=actor.id, shared_post_id__isnull=False)) is not None:
        await shares.unshare(actor, share.id)
    else:
        await taken_back.remember(actor.id, uri)


async def _unshare(actor: Account, inner: Activity) -> bool:
    share = await Post.get_or_none(uri=inner.id, account_id=actor.id) if inner.id is not None else None
    if share is None and inner.object_id is not None:
        share = await Post.get_or_none(account_id=actor.id, shared_post__uri=inner.object_id)
    return share is not None and share.shared_post_id is not None and await shares.unshare(actor, share.id) is not None


async def _undo_deletion(uri: str, received: Received) -> None:
    """A post is back (FEP-4f05): it is read from its origin, where it is one again."""
    await posts.receive_return(uri, received.actor)
    await origins.look_up_later(uri, because=received.activity.id)


async def _undo_accept(received: Received) -> None:
    """The sender no longer wants the follower it had accepted."""
    accepted = received.inner.object
    follower_uri = accepted.get("actor") if accepted is not None else None
    if not isinstance(follower_uri, str):
        raise NotFound()
    await follows.rejected_by_remote(received.actor, await _local(follower_uri))


async def _local(uri: str) -> Account:
    account = await accounts.by_uri(uri)
    if account is None or not account.is_local:
        raise NotFound()
    return account
