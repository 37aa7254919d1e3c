"""Reject: what somebody here asked for, or did, is not wanted: a follow, a quote, a comment, a like, a share."""

from __future__ import annotations

from federation.inbound.handlers.accept import asker
from federation.inbound.handlers.feature import is_feature_request, reject_feature
from federation.inbound.handlers.quote import is_quote_request, reject_quote
from federation.inbound.handlers.registry import ANY, Received, handles
from node.services import follows, relays, turning_down


@handles("Reject", "Follow", ANY)
async def reject(received: Received) -> None:
    """A request is turned away, or a follower removed: both read alike. So does GoToSocial's refusal of a comment, like
    or share of one of its posts, which names just the id."""
    if is_feature_request(received.activity.object_id):
        await reject_feature(received)
        return
    if is_quote_request(received.activity.object_id):
        await reject_quote(received)
        return
    if await relays.answered(received.actor.uri, received.activity.object_id, accepted=False):
        return
    if received.activity.object_id is not None and await turning_down.turn_down(
        received.actor, received.activity.object_id
    ):
        return
    follower, uri = await asker(received)
    await follows.rejected_by_remote(received.actor, follower, uri)
