"""Delete: a post, a share or a whole account is gone."""

from __future__ import annotations

from federation.inbound.handlers.registry import Received, handles, is_of
from node.errors import Forbidden
from node.services import accounts, posts


@handles("Delete")
async def delete(received: Received) -> None:
    """Remove what the sender owns. The owner is the one in our database; a post never had leaves a tombstone, so that
    a Create which comes late does not bring it back."""
    if received.object_id == received.actor.uri:
        await accounts.receive_deletion(received.actor)
        return
    if not is_of(received.object_id, received.actor):
        raise Forbidden("the object is on another host than the sender")
    await posts.receive_deletion(received.object_id, received.actor)
