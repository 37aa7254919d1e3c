"""Undo: a follow, like, share or block is taken back."""

from __future__ import annotations

from activitypub.types import Activity
from federation.inbound.handlers.registry import ANY, Received, handles
from federation.received_notes import known_post
from node.errors import Forbidden, NotFound
from node.models.accounts import Account
from node.models.graph import Block, Follow, Like
from node.models.posts import Post
from node.services import accounts, blocks, follows, likes, shares


@handles("Undo", "Follow", "Like", "EmojiReact", "Announce", "Block", "Accept")
async def undo(received: Received) -> None:
    """Take back what the embedded activity did. It is found by its kind and object, since ids are not always kept."""
    inner = received.inner
    if inner.actor != received.actor.uri:
        raise Forbidden("only one's own activities can be undone")
    if inner.object_id is None:
        raise NotFound()
    match inner.type:
        case "Follow":
            await follows.unfollow(received.actor, await _local(inner.object_id))
        case "Block":
            await blocks.unblock(received.actor, await _local(inner.object_id))
        case "Like" | "EmojiReact":
            await likes.unlike(received.actor, (await _post(inner.object_id)).id)
        case "Announce":
            await _unshare(received.actor, inner)
        case "Accept":
            await _undo_accept(received)


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


async def _unshare(actor: Account, inner: Activity) -> None:
    share = await Post.get_or_none(uri=inner.id, account_id=actor.id) if inner.id is not None else None
    if share is None and inner.object_id is not None:
        share = await Post.get_or_none(account_id=actor.id, shared_post__uri=inner.object_id)
    if share is not None and share.shared_post_id is not None:
        await shares.unshare(actor, share.id)


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


async def _post(uri: str) -> Post:
    post = await known_post(uri)
    if post is None:
        raise NotFound()
    return post
