"""Update: a post edited, a profile changed."""

from __future__ import annotations

from datetime import timedelta

from activitypub.vocabulary import ACTOR_TYPES, NOTE_TYPES
from federation import resolve
from federation.inbound.handlers.create import create, delivered_note
from federation.inbound.handlers.registry import Received, handles
from federation.received_notes import incoming, known_post
from node import clock
from node.errors import Forbidden
from node.services import posts

YOUNG = timedelta(hours=24)


@handles("Update", *NOTE_TYPES)
async def update_post(received: Received) -> None:
    """Change a post of the sender's. One never seen is taken in if it is young: its Create may have been overtaken.

    Whose it is says our database, not the document; audience and author stay what they were (CVE-2024-37903).
    """
    note = delivered_note(received)
    post = await known_post(note.id)
    if post is None:
        if note.published is not None and clock.now() - note.published < YOUNG:
            await create(received)
        return
    if post.account_id != received.actor.id:
        raise Forbidden("the post is somebody else's", post=note.id)
    await posts.receive_edit(post, await incoming(note, received.actor, None))


@handles("Update", *ACTOR_TYPES)
async def update_actor(received: Received) -> None:
    """A profile is read again from its origin rather than believed as delivered; only its owner can ask for it."""
    if received.object_id != received.actor.uri:
        raise Forbidden("the profile is somebody else's")
    await resolve.refresh(received.actor.uri, budget=received.budget)
