"""What goes to relays and comes from them: public posts, which are always fetched from their own server."""

from __future__ import annotations

from typing import Any, Final

from activitypub.render import render_accept, render_announce, render_follow, render_undo
from activitypub.types import Activity
from activitypub.vocabulary import PUBLIC
from federation import resolve
from federation.budget import Background
from federation.outbound.documents import LocalPost
from federation.outbound.send import send
from federation.received_notes import known_post
from node import clock, jobs, urls
from node.events import RelayJoined, RelayLeft
from node.ids import new_id
from node.models.accounts import Account
from node.models.relays import LITEPUB, MASTODON, PENDING, Relay
from node.services import relays

FETCH: Final = "fetch_relayed_post"


async def joined(event: RelayJoined) -> None:
    """Follow of Public, to the relay's inbox; of the relay's actor where it has one to be followed."""
    relay = await Relay.get_or_none(id=event.relay_id)
    if relay is None or relay.follow_uri is None or relay.state != PENDING:
        return
    inbox = relay.inbox_url
    if relay.kind == LITEPUB:
        inbox = (await resolve.resolve_actor(relay.address)).inbox_url
        await relays.located(relay, inbox)
    await _send(render_follow(relay.follow_uri, actor=urls.instance_actor(), followed=_followed(relay)), {inbox})


async def left(event: RelayLeft) -> None:
    """Undo of the Follow."""
    followed = PUBLIC if event.kind == MASTODON else event.address
    undone = Activity(event.follow_uri, "Follow", urls.instance_actor(), object_id=followed)
    await _send(render_undo(undone, f"{event.follow_uri}/undo"), {event.inbox_url})


def _followed(relay: Relay) -> str:
    return PUBLIC if relay.kind == MASTODON else relay.address


async def followed_back(follow: Activity, relay: Account) -> None:
    """A relay of the litepub kind follows the node in turn: that is how it hears of the posts here."""
    accept = render_accept(
        follow, urls.activity(urls.instance_actor(), "accepts", new_id()), actor=urls.instance_actor()
    )
    await _send(accept, {relay.inbox_url})


def is_for_relays(post: LocalPost) -> bool:
    """Whether a post of this node goes to relays: what everybody may read, but no shares."""
    return post.visibility == "public" and post.shared_uri is None and not post.is_hidden


async def inboxes() -> set[str]:
    """Where activities about public posts go as they are."""
    return await relays.inboxes(MASTODON)


async def announce(post: LocalPost) -> None:
    """Tell the relays that want to hear of posts by the node's own Announce."""
    wanted = await relays.inboxes(LITEPUB)
    if not wanted or not is_for_relays(post):
        return
    document = render_announce(
        _announcement(post.uri),
        actor=urls.instance_actor(),
        announced=post.uri,
        published=post.note.published or clock.now(),
        to=(PUBLIC,),
        cc=(urls.followers(urls.instance_actor()),),
    )
    await _send(document, wanted)


async def announced_post_is_gone(post_uri: str) -> None:
    """Undo of that Announce, to the same relays."""
    wanted = await relays.inboxes(LITEPUB)
    if wanted:
        announced = Activity(
            _announcement(post_uri), "Announce", urls.instance_actor(), object_id=post_uri, to=(PUBLIC,)
        )
        await _send(render_undo(announced, f"{_announcement(post_uri)}/undo"), wanted)


def _announcement(post_uri: str) -> str:
    return f"{post_uri}#relayed"


async def _send(document: dict[str, Any], wanted: set[str]) -> None:
    node_itself = await Account.get(uri=urls.instance_actor())
    await send(node_itself.id, document, wanted)


async def is_passed_on(activity: Activity, sender_uri: str) -> bool:
    """Whether somebody else's new post comes by a relay; then it is fetched in the background.

    The relay's word counts for nothing but that there is such a post.
    """
    if activity.type != "Create" or activity.object_id is None or not await relays.is_let_in_by(sender_uri):
        return False
    await fetch_soon(activity.object_id)
    return True


async def fetch_soon(uri: str) -> None:
    """Have a post that a relay named fetched from its own server, once."""
    if not urls.is_local(uri) and len(uri) <= 2048 and await known_post(uri) is None:
        await jobs.enqueue(FETCH, {"uri": uri}, key=f"{FETCH}:{uri}")


async def fetch(payload: dict[str, Any]) -> None:
    """The job: what everybody may read is taken in, nothing else. Raises `Drop` for what cannot be had."""
    try:
        await resolve.resolve_post(payload["uri"], budget=Background(), only_public=True)
    except resolve.Unresolvable as error:
        raise jobs.Drop(str(error)) from error
