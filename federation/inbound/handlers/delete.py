"""Delete: a post, a share or a whole account is gone."""

from __future__ import annotations

from federation.inbound import origins
from federation.inbound.handlers.registry import Received, handles, is_of
from federation.received_notes import known_post
from node.errors import Forbidden
from node.services import accounts, posts, received_collections, received_quotes


@handles("Delete")
async def delete(received: Received) -> None:
    """Remove what the sender owns. The owner is the one in our database; a post never had is remembered as gone, so that
    a Create which comes late does not bring it back.

    Somebody else on the author's server, a moderator perhaps, is not believed: the post is looked up where it lives
    (FEP-4f05).
    """
    if received.object_id == received.actor.uri:
        await accounts.receive_deletion(received.actor)
        return
    if not is_of(received.object_id, received.actor):
        raise Forbidden("the object is on another host than the sender")
    post = await known_post(received.object_id)
    if post is not None and not post.is_local and post.account_id != received.actor.id:
        await origins.look_up_later(post.uri, because=received.activity.id)
        return
    for stamps in (received_quotes, received_collections):
        if await stamps.stamp_deleted(received.actor, received.object_id):
            return
    await posts.receive_deletion(received.object_id, received.actor)
