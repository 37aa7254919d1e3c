"""Accept: the follow somebody here asked for is real now."""

from __future__ import annotations

from activitypub.types import Activity
from federation.inbound.handlers.feature import accept_feature, is_feature_request
from federation.inbound.handlers.quote import accept_quote, is_quote_request
from federation.inbound.handlers.registry import ANY, Received, handles
from node.errors import Forbidden, NotFound
from node.models.accounts import Account
from node.models.graph import Follow
from node.services import accounts, follows, relays


@handles("Accept", "Follow", ANY)
async def accept(received: Received) -> None:
    """Only the one who was asked can accept (CVE-2025-30741): the follow's target must be the signer."""
    if is_feature_request(received.activity.object_id):
        await accept_feature(received)
        return
    if is_quote_request(received.activity.object_id):
        await accept_quote(received)
        return
    if await relays.answered(received.actor.uri, received.activity.object_id, accepted=True):
        return
    follower, uri = await asker(received)
    await follows.accepted_by_remote(received.actor, follower, uri)


async def asker(received: Received) -> tuple[Account, str | None]:
    """Who of us asked to follow the sender, by the Follow that is embedded or named, and that Follow's id.

    Raises `NotFound` when nobody did, `Forbidden` when the Follow was not for the sender.
    """
    if received.activity.object is None:
        follow = await Follow.get_or_none(uri=received.object_id).select_related("account")
        if follow is None or follow.target_id != received.actor.id:
            raise NotFound()
        return follow.account, follow.uri
    inner = received.inner
    _check(inner, received.actor)
    follower = await accounts.by_uri(inner.actor)
    if follower is None or not follower.is_local:
        raise NotFound()
    return follower, inner.id


def _check(inner: Activity, sender: Account) -> None:
    if inner.type != "Follow" or inner.object_id != sender.uri:
        raise Forbidden("the follow was not for the sender")
