"""Follow: somebody elsewhere wants to follow somebody here."""

from __future__ import annotations

from activitypub.render import render_reject
from activitypub.types import Activity
from federation import relayed
from federation.inbound.handlers.registry import Received, handles
from federation.outbound import audience
from federation.outbound.send import send
from node import urls
from node.errors import Forbidden, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.services import accounts, follows, relays


@handles("Follow")
async def follow(received: Received) -> None:
    """Ask to follow, or follow at once. Who may not is told so, or the request would wait there for ever."""
    target = await accounts.by_uri(received.object_id)
    if target is None or not target.is_local:
        raise NotFound()
    activity = received.activity
    try:
        if target.actor_type == "Application":
            if await relays.is_asked(received.actor.uri):
                await relayed.followed_back(activity, received.actor)
                return
            raise Forbidden("the instance actor is not followed")
        await follows.follow(received.actor, target, uri=activity.id)
    except (Forbidden, NotFound):
        await _reject(activity, received.actor, target)


async def _reject(activity: Activity, follower: Account, target: Account) -> None:
    rejection = render_reject(activity, urls.activity(target.uri, "rejects", new_id()), actor=target.uri)
    await send(target.id, rejection, await audience.accounts([follower.id]))
