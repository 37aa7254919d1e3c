"""Like, and the emoji reactions other software has instead."""

from __future__ import annotations

from federation.inbound.handlers.registry import Received, handles
from federation.received_notes import known_post
from node.errors import NotFound
from node.services import likes


@handles("EmojiReact")
@handles("Like")
async def like(received: Received) -> None:
    """Count it if the post is here; nothing is fetched because somebody liked it."""
    post = await known_post(received.object_id)
    if post is None:
        raise NotFound()
    await likes.like(received.actor, post.id, uri=received.activity.id)
