"""Relays of both kinds: joined, left; what they name is fetched from its own server, what is public here goes to them."""

from __future__ import annotations

from typing import Any

import pytest

from federation import domain_lists
from federation.wiring import FETCH_QUEUE
from node import jobs, urls
from node.errors import Invalid
from node.models.accounts import Account, User
from node.models.domain_lists import DraftEntry, ListDraft, ListSubscription
from node.models.graph import Follow
from node.models.posts import Post
from node.models.relays import ACCEPTED, IDLE, PENDING, Relay
from node.services import posts, relays
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.peers import response


async def admin() -> int:
    """Somebody who decides."""
    account = await builders.local_account()
    await User.filter(account_id=account.id).update(role="admin")
    return account.id


async def fetched(node: Node) -> None:
    """Work through what is fetched in the background."""
    await node.process()
    await jobs.Worker(FETCH_QUEUE, 2).run_until_idle()


async def joined(node: Node, peer: Peer, kind: str = "mastodon") -> tuple[Person, Relay, dict[str, Any]]:
    """A relay that was asked, as it stands, and the Follow it got."""
    actor = peer.person("relay", type="Application")
    address = f"{peer.origin}/inbox" if kind == "mastodon" else actor.uri
    relay = await relays.add(await admin(), address, kind)
    await node.deliver()
    return actor, relay, peer.received[-1]


async def test_a_relay_is_asked_and_only_the_relay_itself_lets_this_node_in(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    actor, relay, follow = await joined(node, peer)
    assert (follow["type"], follow["actor"], follow["object"]) == ("Follow", urls.instance_actor(), PUBLIC)
    assert (await builders.fresh(relay)).state == PENDING
    mallory = stranger.person("mallory", key=1)
    for answer in ("Accept", "Reject"):
        await node.take(mallory.activity(answer, follow), mallory)
    assert (await builders.fresh(relay)).state == PENDING and not await relays.is_let_in_by(mallory.uri)
    await node.take(actor.activity("Accept", follow["id"]), actor)
    assert (await builders.fresh(relay)).state == ACCEPTED and await relays.is_let_in_by(actor.uri)
    await relays.switch(await admin(), relay.id, on=False)
    await node.deliver()
    undo = peer.received[-1]
    assert (undo["type"], undo["object"]["id"], undo["object"]["object"]) == ("Undo", follow["id"], PUBLIC)
    assert (await builders.fresh(relay)).state == IDLE and not await relays.is_let_in_by(actor.uri)
    for address, kind in (("relay", "mastodon"), (relay.address, "mastodon"), (f"{peer.origin}/x", "odd")):
        with pytest.raises(Invalid):
            await relays.add(await admin(), address, kind)
    for address in (urls.shared_inbox(), f"{peer.origin}/a b", "https://me@relay.example/inbox"):
        with pytest.raises(Invalid):
            await relays.add(await admin(), address)


async def test_what_a_relay_passes_on_is_taken_from_its_own_server_if_everybody_may_read_it(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    actor, _, follow = await joined(node, peer)
    await node.take(actor.activity("Accept", follow), actor)
    ann = stranger.person("ann", key=1)
    real = stranger.serve(ann.note("<p>really</p>"))
    secret = stranger.serve(ann.note("<p>for few</p>", to=[ann.followers], cc=[]))
    forged = real | {"content": "<p>forged</p>"}
    create = ann.create(forged)
    await node.take(create, actor)
    await node.take(actor.activity("Announce", secret["id"], to=[PUBLIC]), actor)
    second = stranger.serve(ann.note("<p>announced</p>"))
    await node.take(actor.activity("Announce", second["id"], to=[PUBLIC]), actor)
    await fetched(node)
    assert {post.content for post in await Post.all()} == {"<p>really</p>", "<p>announced</p>"}
    assert await Post.filter(shared_post_id__isnull=False).count() == 0 == await Follow.all().count()
    other = peer.person("other", key=2)
    third = stranger.serve(ann.note("<p>by a stranger</p>"))
    await node.receive(ann.create(third), other)
    await node.take(other.activity("Announce", third["id"], to=[PUBLIC]), other)
    await fetched(node)
    assert await Post.filter(uri=third["id"]).count() == 0


async def test_public_posts_go_to_relays_and_nothing_else_does(node: Node, peer: Peer, stranger: Peer) -> None:
    actor, _, follow = await joined(node, peer)
    await node.take(actor.activity("Accept", follow), actor)
    lite, relay, asked = await joined(node, stranger, "litepub")
    assert asked["object"] == lite.uri
    await node.take(lite.activity("Accept", asked), lite)
    back = lite.follow(urls.instance_actor())
    await node.take(back, lite)
    await node.deliver()
    assert stranger.received[-1]["type"] == "Accept" and stranger.received[-1]["object"]["id"] == back["id"]
    assert await Follow.all().count() == 0
    me = await builders.local_account()
    before, before_lite = len(peer.received), len(stranger.received)
    post = await builders.post(me, "for all")
    for visibility in ("unlisted", "followers"):
        await builders.post(me, "for fewer", visibility=visibility)
    await node.deliver()
    await posts.delete(me, post.id)
    await node.deliver()
    assert [(one["type"], one["actor"]) for one in peer.received[before:]] == [("Create", me.uri), ("Delete", me.uri)]
    announce, undo = stranger.received[before_lite:]
    assert (announce["type"], announce["actor"], announce["object"]) == ("Announce", urls.instance_actor(), post.uri)
    assert (undo["type"], undo["actor"], undo["object"]["type"]) == ("Undo", urls.instance_actor(), "Announce")
    assert (undo["object"]["id"], undo["object"]["object"]) == (announce["id"], post.uri)
    await relays.remove(await admin(), relay.id)
    eve = stranger.person("eve", key=2)
    await node.take(eve.follow(urls.instance_actor()), eve)
    await node.deliver()
    assert sorted(one["type"] for one in stranger.received[before_lite + 2 :]) == ["Reject", "Undo"]
    assert await Account.filter(uri=eve.uri).exists()


async def test_a_list_of_domains_is_read_once_a_day_and_nothing_of_it_holds_unasked(node: Node, peer: Peer) -> None:
    peer.documents["/blocks.csv"] = response(200, b"#domain,#severity\nevil.example,suspend\n", "text/csv")
    peer.documents["/huge.csv"] = response(200, b"a.example\n" * 100_000, "text/csv")
    good = await ListSubscription.create(url=f"{peer.origin}/blocks.csv")
    huge = await ListSubscription.create(url=f"{peer.origin}/huge.csv")
    missing = await ListSubscription.create(url=f"{peer.origin}/nothing.csv")
    await domain_lists.check_due()
    await domain_lists.check_due()
    assert sorted(peer.asked) == ["/blocks.csv", "/huge.csv", "/nothing.csv"]
    (draft,) = await ListDraft.all()
    assert (draft.state, draft.source) == ("waiting", good.url)
    assert [entry.domain for entry in await DraftEntry.all()] == ["evil.example"]
    assert await node.count("domain_rules") == 0
    assert (await builders.fresh(good)).error == ""
    assert (await builders.fresh(huge)).error and "404" in (await builders.fresh(missing)).error
