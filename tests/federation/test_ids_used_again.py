"""Servers that use the id of an activity again: Pixelfed for every follow of one account, GoToSocial for every edit."""

from __future__ import annotations

from typing import Any

import pytest

from node import clock, db
from node.models.posts import Post
from node.services import follows
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.test_passed_on import signed
from tests.federation.test_received_activities import followed, met


@pytest.fixture
def ann(peer: Peer) -> Person:
    return peer.person("ann")


@pytest.mark.parametrize(
    ("kind", "table"),
    [("Follow", "follows"), ("Like", "likes"), ("Block", "blocks"), ("Announce", "posts")],
)
async def test_what_was_undone_can_be_done_again_under_its_id(
    node: Node, ann: Person, held_clock: HeldClock, kind: str, table: str
) -> None:
    which = "shared_post_id IS NOT NULL" if kind == "Announce" else "1 = 1"
    me = await builders.local_account()
    deed = ann.activity(kind, me.uri if kind in ("Follow", "Block") else (await builders.post(me)).uri)
    deed["to"] = [PUBLIC]
    inner: dict[str, Any] = {name: deed[name] for name in ("id", "type", "actor", "object")}
    undo = ann.activity("Undo", inner)
    for _ in range(3):
        await node.take(deed, ann)
        assert await node.count(table, which) == 1
        held_clock.advance(60)
        await node.take(undo, ann)
        assert await node.count(table, which) == 0
        held_clock.advance(60)


async def test_a_follow_that_is_said_again_is_answered_again(
    node: Node, peer: Peer, ann: Person, held_clock: HeldClock
) -> None:
    follow = ann.follow((await builders.local_account()).uri)
    for _ in range(2):
        await node.take(follow, ann)
        held_clock.advance(60)
    await node.deliver()
    assert [(answer["type"], answer["object"]["id"]) for answer in peer.received] == [("Accept", follow["id"])] * 2
    assert await node.count("follows") == 1


async def test_a_second_follow_is_accepted_under_the_id_of_the_first_answer(node: Node, ann: Person) -> None:
    me, account = await builders.local_account(), await met(node, ann)
    answer = ann.activity("Accept", {})
    for _ in range(2):
        follow = await follows.follow(me, account)
        inner = {"id": follow.uri, "type": "Follow", "actor": me.uri, "object": ann.uri}
        await node.take({**answer, "object": inner}, ann)
        assert await node.count("follows", "accepted = TRUE") == 1
        await follows.unfollow(me, account)


async def test_a_post_is_edited_twice_under_one_id(node: Node, ann: Person, held_clock: HeldClock) -> None:
    await followed(node, ann, await builders.local_account())
    note = ann.note("<p>one</p>")
    await node.take(ann.create(note), ann)
    edits = []
    for text in ("two", "three"):
        held_clock.advance(60)
        moment = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        edit = {"content": f"<p>{text}</p>", "updated": moment}
        edits.append({**ann.activity("Update", {**note, **edit}, to=[PUBLIC]), "id": f"{note['id']}#Update"})
        await node.take(edits[-1], ann)
        assert (await Post.get(uri=note["id"])).content == f"<p>{text}</p>"
    held_clock.advance(60)
    await node.take(edits[0], ann)
    assert (await Post.get(uri=note["id"])).content == "<p>three</p>", "the newest wins"


async def test_tallies_of_a_poll_come_under_one_id(node: Node, ann: Person) -> None:
    await followed(node, ann, await builders.local_account())

    def standing(first: int, second: int) -> list[dict[str, Any]]:
        counts = {"north": first, "south": second}
        return [
            {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": count}}
            for name, count in counts.items()
        ]

    question = {**ann.note(), "type": "Question", "oneOf": standing(0, 0), "votersCount": 0}
    await node.take(ann.create(question), ann)
    for tally in ((0, 1), (1, 1), (2, 1)):
        asked = {**question, "oneOf": standing(*tally), "votersCount": sum(tally)}
        await node.take({**ann.activity("Update", asked), "id": f"{question['id']}#Update"}, ann)
        row = await db.fetch_one("SELECT voters_count FROM polls")
        assert row is not None and row[0] == sum(tally)


async def test_nobody_passes_on_again_what_has_come_from_its_actor(
    node: Node, peer: Peer, stranger: Peer, held_clock: HeldClock
) -> None:
    """A share taken back and made anew is not taken back by a copy of the old Undo."""
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    mine = await builders.post(await builders.local_account())
    share = bob.activity("Announce", mine.uri, to=[PUBLIC])
    await node.take(share, bob)
    undo = signed(bob.activity("Undo", share), bob)
    await node.take(undo, bob)
    assert not await Post.filter(shared_post_id=mine.id).exists()
    held_clock.advance(3600)
    await node.take(bob.activity("Announce", mine.uri, to=[PUBLIC]), bob)
    await node.take(undo, ann)
    assert await Post.filter(shared_post_id=mine.id).exists()
