"""Announce: somebody shares a post with their followers."""

from __future__ import annotations

from activitypub.types import visibility_of
from federation import relayed, resolve, signed_gets
from federation.inbound.handlers.registry import Received, handles
from federation.received_notes import known_post
from node import db
from node.models.posts import Post
from node.services import relays, shares


@handles("Announce")
async def announce(received: Received) -> None:
    """Share the post as its own server shows it: an embedded copy is a hint and never read (Hollo 0.8.5)."""
    actor = received.actor
    if await relays.is_let_in_by(actor.uri):
        await relayed.fetch_soon(received.object_id)
        return
    post = await known_post(received.object_id)
    if post is None and not await has_followers_here(actor.id):
        return
    if post is None:
        # One's own followers-only post may be shared to those who follow now, and only they may read it.
        await signed_gets.ask_as_addressee(received.budget, received.activity, actor)
        post = await resolve.resolve_post(received.object_id, budget=received.budget)
    await share(received, post)


async def share(received: Received, post: Post) -> None:
    """Show the post as shared by the sender, to those the activity is for, their followers at least."""
    activity, actor = received.activity, received.actor
    visibility = visibility_of(activity.to, activity.cc, actor.followers_url)
    await shares.share(
        actor,
        post.id,
        uri=activity.id,
        visibility="followers" if visibility == "direct" else visibility,
        published=activity.published,
    )


async def has_followers_here(account_id: int) -> bool:
    """Whether anybody here follows the account."""
    row = await db.fetch_one(
        "SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id"
        " WHERE f.target_id = ? AND f.accepted = TRUE AND a.domain = '' LIMIT 1",
        (account_id,),
    )
    return row is not None
