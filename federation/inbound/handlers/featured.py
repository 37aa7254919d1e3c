"""Add and Remove: what somebody elsewhere shows on their profile."""

from __future__ import annotations

import contextlib

from activitypub.parse import read_hashtag
from activitypub.types import Hashtag
from federation import account_collections, resolve
from federation.inbound.handlers.registry import Received, handles, is_of
from federation.received_notes import known_post
from node.errors import Forbidden, NotFound
from node.models.account_collections import AccountCollection
from node.models.accounts import Account
from node.services import people_in_pictures, pins, received_collections, tags


@handles("Add")
async def add(received: Received) -> None:
    """A post of the sender's is pinned, or a hashtag shown. Stories and albums are not kept here."""
    if (tag := _hashtag(received)) is not None:
        if _is_featured_tags(received.actor, received.activity.target):
            await tags.receive_featured(received.actor, [tag.name], all_of_them=False)
        return
    if await _is_about_collections(received):
        return
    if not _is_featured(received.actor, received.activity.target):
        return
    if not is_of(received.object_id, received.actor):
        raise Forbidden("only one's own posts are pinned")
    post = await resolve.resolve_post(received.object_id, budget=received.budget)
    await pins.receive_pin(received.actor, post)


@handles("Remove")
async def remove(received: Received) -> None:
    """A post is pinned no longer, a hashtag no longer shown, or the sender no longer to be tagged in a post."""
    if received.activity.object_id == received.actor.uri:
        post = await known_post(received.activity.target or "")
        if post is not None and post.is_local:
            with contextlib.suppress(NotFound):
                await people_in_pictures.leave(received.actor, post.id)
        return
    if (tag := _hashtag(received)) is not None:
        if _is_featured_tags(received.actor, received.activity.target):
            await tags.unfeature(received.actor, tag.name)
        return
    if received.activity.target == received.actor.featured_collections_url is not None:
        await received_collections.remove(received.actor, received.object_id)
        return
    if await _is_about_collections(received):
        return
    if not _is_featured(received.actor, received.activity.target):
        return
    post = await known_post(received.object_id)
    if post is not None:
        await pins.receive_unpin(received.actor, post)


async def _is_about_collections(received: Received) -> bool:
    """Whether it is about a collection of accounts of the sender's, or what is in one; that is read from its origin."""
    actor, target = received.actor, received.activity.target
    uri: str | None = None
    if target is not None and target == actor.featured_collections_url:
        uri = received.object_id
    elif target is not None and await AccountCollection.exists(uri=target, account_id=actor.id):
        uri = target
    if uri is None or not is_of(uri, actor):
        return False
    await account_collections.read_soon(actor, uri)
    return True


def _hashtag(received: Received) -> Hashtag | None:
    return None if received.activity.object is None else read_hashtag(received.activity.object)


def _is_featured(actor: Account, target: str | None) -> bool:
    return target is not None and target == actor.featured_url


def _is_featured_tags(actor: Account, target: str | None) -> bool:
    """Mastodon names `featured` for hashtags too."""
    return target is not None and target in (actor.featured_tags_url, actor.featured_url)
