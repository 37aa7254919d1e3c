"""What profiles show first, between servers: pinned posts and hashtags."""

from __future__ import annotations

from typing import Any

from federation import featured, resolve
from federation.budget import Budget
from node.models.accounts import Account
from node.models.hashtags import FeaturedTag
from node.models.posts import Post
from node.services import pins, tags
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import CONTEXT, Peer, Person
from tests.federation.test_published import follower
from tests.federation.test_received_activities import followed


def with_collections(peer: Peer, name: str) -> Person:
    """Somebody over there whose profile has both collections."""
    uri = f"{peer.origin}/users/{name}"
    return peer.person(name, featured=f"{uri}/pinned", featuredTags=f"{uri}/tags")


def collection(url: str, items: list[Any]) -> dict[str, Any]:
    return {"@context": CONTEXT, "id": url, "type": "OrderedCollection", "orderedItems": items}


async def pinned(account: Account) -> list[str]:
    """The ids of what an account shows first."""
    rows = await Post.filter(pin__account_id=account.id).order_by("-pin__id")
    return [post.uri for post in rows]


async def shown_tags(account: Account) -> set[str]:
    return {tag.name for tag in await FeaturedTag.filter(account_id=account.id)}


async def test_posts_are_pinned_and_unpinned_by_their_author_also_without_an_id(node: Node, peer: Peer) -> None:
    ann, eve = with_collections(peer, "ann"), with_collections(peer, "eve")
    account = await followed(node, ann, await builders.local_account())
    first, second = peer.serve(ann.note()), peer.serve(ann.note())
    for note in (first, second, first):
        add = ann.activity("Add", note["id"], target=ann.extra["featured"])
        del add["id"]
        await node.take(add, ann)
    assert await pinned(account) == [second["id"], first["id"]]
    foreign = peer.serve(eve.note())
    await node.take(ann.activity("Add", foreign["id"], target=ann.extra["featured"]), ann)
    await node.take(ann.activity("Add", peer.serve(ann.note())["id"], target=f"{ann.uri}/stories"), ann)
    await node.take(eve.activity("Remove", first["id"], target=ann.extra["featured"]), eve)
    assert await pinned(account) == [second["id"], first["id"]]
    await node.take(ann.activity("Remove", second["id"], target=ann.extra["featured"]), ann)
    assert await pinned(account) == [first["id"]]


async def test_hashtags_are_shown_and_no_longer(node: Node, peer: Peer) -> None:
    ann = with_collections(peer, "ann")
    account = await followed(node, ann, await builders.local_account())
    tag = {"type": "Hashtag", "name": "#Grebe", "href": f"{peer.origin}/tags/grebe"}
    for target in ("featured", "featuredTags"):
        await node.take(ann.activity("Add", tag, target=ann.extra[target]), ann)
    assert await shown_tags(account) == {"Grebe"}
    await node.take(ann.activity("Remove", {**tag, "name": "#grebe"}, target=ann.extra["featured"]), ann)
    assert await shown_tags(account) == set()


async def test_what_a_profile_shows_first_is_read_when_the_profile_is(node: Node, peer: Peer) -> None:
    ann, eve = with_collections(peer, "ann"), peer.person("eve")
    account = await followed(node, ann, await builders.local_account())
    notes = [peer.serve(ann.note()) for _ in range(3)]
    foreign = peer.serve(eve.note())
    items = [notes[1]["id"], foreign["id"], {**notes[0], "content": "<p>A forgery</p>"}, "nonsense"]
    peer.serve(collection(ann.extra["featured"], items))
    tags_url = ann.extra["featuredTags"]
    peer.serve(collection(tags_url, [{"type": "Hashtag", "name": "#grebe"}, {"type": "Note"}, "https://x.example/"]))
    await resolve.refresh(ann.uri)
    await node.process()
    assert await pinned(account) == [notes[1]["id"], notes[0]["id"]]
    assert (await Post.get(uri=notes[0]["id"])).content == "<p>A grebe</p>"
    assert await shown_tags(account) == {"grebe"}
    first = {"type": "OrderedCollectionPage", "orderedItems": [notes[2]["id"]]}
    peer.serve({"id": ann.extra["featured"], "type": "OrderedCollection", "first": first})
    peer.documents[f"/users/{ann.name}/tags"] = 500
    await featured.refresh(await builders.fresh(account), Budget())
    assert await pinned(account) == [notes[2]["id"]]
    assert await shown_tags(account) == {"grebe"}


async def test_our_pins_and_hashtags_are_told_to_the_servers_of_followers(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    await follower(node, peer.person("ann"), me)
    post, hidden = await builders.post(me), await builders.post(me, visibility="followers")
    await pins.pin(me, post.id)
    await pins.pin(me, hidden.id)
    await tags.feature(me, "Grebe")
    await node.deliver()
    adds = [activity for activity in peer.received if activity["type"] == "Add"]
    assert [add["object"] for add in adds] == [
        post.uri,
        {"type": "Hashtag", "href": "http://here.example/tags/grebe", "name": "#Grebe"},
    ]
    assert {(add["actor"], add["target"]) for add in adds} == {(me.uri, f"{me.uri}/featured")}
    await pins.unpin(me, post.id)
    await tags.unfeature(me, "grebe")
    await pins.pin(me, post.id)
    await node.deliver()
    kinds = [activity["type"] for activity in peer.received]
    assert (kinds.count("Remove"), kinds.count("Add")) == (2, 3)
    assert len({activity["id"] for activity in peer.received}) == len(peer.received)


async def test_the_hashtags_of_a_profile_can_be_read(node: Node) -> None:
    me = await builders.local_account()
    await tags.feature(me, "Grebe")
    path = me.uri.removeprefix("http://here.example")
    actor = await (await node.get(path)).get_json()
    shown = await (await node.get(actor["featuredTags"].removeprefix("http://here.example"))).get_json()
    assert (shown["type"], shown["totalItems"]) == ("Collection", 1)
    [item] = shown["items"]
    assert (item["type"], item["name"]) == ("Hashtag", "#Grebe")
