"""Activities that overtake each other, come twice, late, or in another shape than usual: the end is the same."""

from __future__ import annotations

from typing import Any

import pytest

from node import clock
from node.models.posts import Post
from node.services import follows, taken_back
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.test_received_activities import followed, met


@pytest.fixture
def ann(peer: Peer) -> Person:
    return peer.person("ann")


async def things(node: Node) -> tuple[int, int, int, int]:
    """How many likes, shares, follows and blocks there are."""
    return (
        await node.count("likes"),
        await node.count("posts", "shared_post_id IS NOT NULL"),
        await node.count("follows"),
        await node.count("blocks"),
    )


@pytest.mark.parametrize("kind", ["Like", "EmojiReact", "Announce", "Follow", "Block"])
@pytest.mark.parametrize("embedded", [True, False])
async def test_what_was_undone_before_it_came_does_not_come(node: Node, ann: Person, kind: str, embedded: bool) -> None:
    me = await builders.local_account()
    post = await builders.post(me)
    await met(node, ann)
    what = me.uri if kind in ("Follow", "Block") else post.uri
    before = await things(node)
    activity = ann.activity(kind, what, to=[PUBLIC], cc=[])
    await node.take(ann.activity("Undo", activity if embedded else activity["id"]), ann)
    await node.take(activity, ann)
    assert sum(await things(node)) == sum(before)
    again = ann.activity(kind, what, to=[PUBLIC], cc=[])
    await node.take(again, ann)
    assert sum(await things(node)) == sum(before) + 1, "another one is another one"
    await node.take(again, ann)
    assert sum(await things(node)) == sum(before) + 1


async def test_nobody_else_can_take_back_what_has_not_come_yet(node: Node, peer: Peer, ann: Person) -> None:
    eve, me = peer.person("eve", key=1), await builders.local_account()
    await followed(node, ann, me)
    await met(node, eve)
    post = await builders.post(me)
    like, note = ann.activity("Like", post.uri), ann.note()
    for forged in (eve.activity("Undo", like["id"]), eve.activity("Delete", note["id"])):
        await node.take(forged, eve)
    await node.take(like, ann)
    await node.take(ann.create(note), ann)
    assert (await builders.fresh(post)).likes_count == 1
    assert await Post.filter(uri=note["id"]).exists()


async def test_what_was_taken_back_is_forgotten_after_a_while(node: Node, ann: Person, held_clock: HeldClock) -> None:
    account = await met(node, ann)
    await taken_back.remember(account.id, f"{ann.uri}#1")
    held_clock.advance(13 * 86_400)
    await taken_back.forget_old()
    assert await taken_back.is_remembered(account.id, f"{ann.uri}#1")
    held_clock.advance(2 * 86_400)
    await taken_back.forget_old()
    assert not await taken_back.is_remembered(account.id, f"{ann.uri}#1")


async def test_a_deleted_post_that_is_given_back_is_read_from_its_origin(node: Node, peer: Peer, ann: Person) -> None:
    await followed(node, ann, await builders.local_account())
    note = peer.serve(ann.note("<p>true</p>"))
    await node.take(ann.create(note), ann)
    deletion = ann.activity("Delete", {"id": note["id"], "type": "Tombstone"})
    await node.take(deletion, ann)
    peer.documents[f"/notes/{note['id'].rpartition('/')[2]}"] = {"id": note["id"], "type": "Tombstone"}
    await node.take(ann.create(note), ann)
    assert not await Post.filter(uri=note["id"]).exists()
    peer.serve(note)
    await node.take(ann.activity("Undo", deletion), ann)
    assert (await Post.get(uri=note["id"])).content == "<p>true</p>"


@pytest.mark.parametrize("found", ["still there", "tombstone", "410", "404", "404 of a private one"])
async def test_a_deletion_by_somebody_else_of_that_server_is_looked_up(
    node: Node, peer: Peer, ann: Person, found: str
) -> None:
    moderator = peer.person("mod", key=1)
    await followed(node, ann, await builders.local_account())
    private = {"to": [ann.followers], "cc": []} if "private" in found else {}
    note = peer.serve(ann.note(**private))
    await node.take(ann.create(note), ann)
    path = f"/notes/{note['id'].rpartition('/')[2]}"
    if found == "tombstone":
        peer.documents[path] = {"id": note["id"], "type": "Tombstone"}
    elif found != "still there":
        peer.documents[path] = int(found[:3])
    await node.take(moderator.activity("Delete", note["id"]), moderator)
    assert await Post.filter(uri=note["id"]).exists() == (found in ("still there", "404 of a private one"))


@pytest.mark.parametrize("shape", ["embedded", "in a list"])
async def test_objects_may_be_embedded_or_stand_in_a_list(node: Node, peer: Peer, ann: Person, shape: str) -> None:
    me = await builders.local_account()
    post = await builders.post(me)

    def written(uri: str, kind: str) -> Any:
        return {"id": uri, "type": kind} if shape == "embedded" else [uri]

    await node.take(ann.activity("Follow", written(me.uri, "Person")), ann)
    await node.take(ann.activity("Like", written(post.uri, "Note")), ann)
    await node.take(ann.activity("Announce", written(post.uri, "Note"), to=[PUBLIC], cc=[]), ann)
    assert await things(node) == (1, 1, 1, 0)
    await node.take(ann.activity("Block", written(me.uri, "Person")), ann)
    assert (await things(node))[2:] == (0, 1)


async def test_activities_without_an_id_are_told_apart_by_what_they_do(node: Node, peer: Peer, ann: Person) -> None:
    me = await builders.local_account()
    await followed(node, ann, me)
    note, like = ann.note(), ann.activity("Like", (await builders.post(me)).uri)
    await node.take(ann.create(note), ann)
    await node.take(like, ann)
    for activity in (ann.activity("Undo", like), ann.activity("Delete", note["id"])) * 2:
        await node.take({name: value for name, value in activity.items() if name != "id"}, ann)
    assert await node.count("likes") == 0
    assert not await Post.filter(uri=note["id"]).exists()


async def test_a_follower_may_be_turned_away_and_let_in_in_any_order(node: Node, peer: Peer, ann: Person) -> None:
    me = await builders.local_account()
    follow = await follows.follow(me, await met(node, ann))
    embedded = {"id": follow.uri, "type": "Follow", "actor": me.uri, "object": ann.uri}
    accept = ann.activity("Accept", embedded)
    await node.take(accept, ann)
    await node.take(ann.activity("Undo", accept), ann)
    assert await node.count("follows") == 0
    await node.take(ann.activity("Accept", embedded), ann)
    await node.take(ann.activity("Reject", embedded), ann)
    assert await node.count("follows") == 0, "nothing is accepted that nobody asks for"


@pytest.mark.parametrize("who", ["moved", "suspended", "the node"])
async def test_a_follow_of_somebody_who_is_not_followed_is_rejected(
    node: Node, peer: Peer, ann: Person, who: str
) -> None:
    me = await builders.local_account()
    values = {"moved": {"moved_to_uri": f"{peer.origin}/users/x"}, "suspended": {"suspended_at": clock.now()}}
    if who in values:
        await type(me).filter(id=me.id).update(**values[who])
    target = "http://here.example/actor" if who == "the node" else me.uri
    follow = ann.follow(target)
    await node.take(follow, ann)
    await node.deliver()
    (rejection,) = peer.received
    assert (rejection["type"], rejection["actor"], rejection["object"]["id"]) == ("Reject", target, follow["id"])
    assert await node.count("follows") == 0


async def test_foreign_identity_schemes_are_passed_over(node: Node, peer: Peer) -> None:
    statement = {
        "type": "VerifiableIdentityStatement",
        "subject": "did:key:z6Mk",
        "proof": {"type": "DataIntegrityProof"},
    }
    ann = peer.person(
        "ann",
        attachment=[statement, {"type": "PropertyValue", "name": "Site", "value": "x"}],
        gateways=["https://gateway.example"],
        alsoKnownAs=["ap://did:key:z6Mk/actor", "did:key:z6Mk"],
    )
    account = await met(node, ann)
    assert [field["name"] for field in account.fields_] == ["Site"]
    assert account.also_known_as == []
    answer = await node.receive(ann.activity("Like", "ap://did:key:z6Mk/objects/1"), ann)
    assert answer.status_code == 400
