"""Add and Remove: what somebody elsewhere shows on their profile."""

from __future__ import annotations

from activitypub.parse import read_hashtag
from activitypub.types import Hashtag
from federation import resolve
from federation.inbound.handlers.registry import Received, handles, is_of
from federation.received_notes import known_post
from node.errors import Forbidden
from node.models.accounts import Account
from node.services import pins, tags


@handles("Add")
async def add(received: Received) -> None:
    """A post of the sender's is pinned, or a hashtag shown. Other collections (stories, albums) are not kept here."""
    if (tag := _hashtag(received)) is not None:
        if _is_featured_tags(received.actor, received.activity.target):
            await tags.receive_featured(received.actor, [tag.name], all_of_them=False)
        return
    if not _is_featured(received.actor, received.activity.target):
        return
    if not is_of(received.object_id, received.actor):
        raise Forbidden("only one's own posts are pinned")
    post = await resolve.resolve_post(received.object_id, budget=received.budget)
    await pins.receive_pin(received.actor, post)


@handles("Remove")
async def remove(received: Received) -> None:
    """A post is pinned no longer, or a hashtag no longer shown."""
    if (tag := _hashtag(received)) is not None:
        if _is_featured_tags(received.actor, received.activity.target):
            await tags.unfeature(received.actor, tag.name)
        return
    if not _is_featured(received.actor, received.activity.target):
        return
    post = await known_post(received.object_id)
    if post is not None:
        await pins.receive_unpin(received.actor, post)


def _hashtag(received: Received) -> Hashtag | None:
    return None if received.activity.object is None else read_hashtag(received.activity.object)


def _is_featured(actor: Account, target: str | None) -> bool:
    return target is not None and target == actor.featured_url


def _is_featured_tags(actor: Account, target: str | None) -> bool:
    """Mastodon names `featured` for hashtags too."""
    return target is not None and target in (actor.featured_tags_url, actor.featured_url)
