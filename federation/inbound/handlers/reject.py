"""Reject: a follow somebody here asked for, or had, is not wanted."""

from __future__ import annotations

from federation.inbound.handlers.accept import asker
from federation.inbound.handlers.feature import is_feature_request, reject_feature
from federation.inbound.handlers.quote import is_quote_request, reject_quote
from federation.inbound.handlers.registry import ANY, Received, handles
from node.services import follows, relays


@handles("Reject", "Follow", ANY)
async def reject(received: Received) -> None:
    """A request is turned away, or a follower removed: both read alike (federation reference §8)."""
    if is_feature_request(received.activity.object_id):
        await reject_feature(received)
        return
    if is_quote_request(received.activity.object_id):
        await reject_quote(received)
        return
    if await relays.answered(received.actor.uri, received.activity.object_id, accepted=False):
        return
    follower, uri = await asker(received)
    await follows.rejected_by_remote(received.actor, follower, uri)
