"""Polls between servers: theirs shown and voted in here, ours asked and answered there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from node import clock
from node.models.accounts import Account
from node.models.polls import Poll
from node.models.posts import Post
from node.services import polls, posts
from node.services.polls import NewPoll
from node.services.posts import Draft
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer, Person
from tests.federation.test_published import follower, only
from tests.federation.test_received_activities import followed


def question(person: Person, votes: tuple[int, ...] = (0, 0), choices: str = "oneOf", **values: Any) -> dict[str, Any]:
    """A poll of somebody over there."""
    options = [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": count}}
        for name, count in zip(("Sea", "Hills"), votes, strict=True)
    ]
    end = (clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return person.note("<p>Where to?</p>", type="Question", endTime=end, **{choices: options}, **values)


def vote(person: Person, option: str, post: Post, **values: Any) -> dict[str, Any]:
    """A vote of somebody over there as others send it: a Note with a name and nothing else."""
    note = person.note("", name=option, inReplyTo=post.uri, to=[f"{post.uri}/author"], cc=[])
    del note["content"]
    return {**note, **values}


async def tallies(post: Post) -> tuple[list[int], int | None]:
    poll = await Poll.get(post_id=post.id)
    return poll.tallies, poll.voters_count


async def test_a_poll_from_elsewhere_is_held_as_its_server_tells_it(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    asked = question(ann, (3, 1), "anyOf", votersCount=4)
    await node.take(ann.create(asked), ann)
    post = await Post.get(uri=asked["id"])
    poll = await Poll.get(post_id=post.id)
    assert (poll.options, poll.multiple, await tallies(post)) == (["Sea", "Hills"], True, ([3, 1], 4))
    assert poll.expires_at is not None and poll.expires_at > clock.now()
    await node.take(ann.activity("Update", {**question(ann, (5, 1), "anyOf", votersCount=6), "id": asked["id"]}), ann)
    assert await tallies(post) == ([5, 1], 6)
    assert (await builders.fresh(post)).edited_at is None
    closed = {**question(ann, (6, 2), "anyOf", votersCount=7, closed="2026-01-01T00:00:00Z"), "id": asked["id"]}
    await node.take(ann.activity("Update", closed), ann)
    assert polls.has_ended((await builders.fresh(poll)).expires_at)


async def test_tallies_of_an_older_text_change_nothing_and_an_edit_brings_its_own(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    asked = question(ann)
    await node.take(ann.create(asked), ann)
    post = await Post.get(uri=asked["id"])
    later = (clock.now() + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    edited = {**question(ann, (2, 2)), "id": asked["id"], "updated": later, "content": "<p>Where now?</p>"}
    await node.take(ann.activity("Update", edited), ann)
    assert await tallies(post) == ([2, 2], None)
    await node.take(ann.activity("Update", {**question(ann, (1, 0)), "id": asked["id"]}), ann)
    assert await tallies(post) == ([2, 2], None)
    await node.take(ann.activity("Update", ann.note(id=asked["id"], updated="2199-01-01T00:00:00Z")), ann)
    assert not await Poll.exists(post_id=post.id)


async def test_our_votes_go_to_the_author_alone_one_for_each_choice(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    asked = question(ann, choices="anyOf")
    await node.take(ann.create(asked), ann)
    poll = await Poll.get(post__uri=asked["id"])
    await polls.vote(me, poll.id, (1, 0))
    await node.deliver()
    votes = [activity for activity in peer.received if activity["type"] == "Create"]
    assert sorted(vote["object"]["name"] for vote in votes) == ["Hills", "Sea"]
    for sent in votes:
        note = sent["object"]
        assert (note["inReplyTo"], note["attributedTo"], note["to"], note["cc"]) == (asked["id"], me.uri, [ann.uri], [])
        assert "content" not in note
        assert sent["to"] == [ann.uri]
    assert len({sent["id"] for sent in votes} | {sent["object"]["id"] for sent in votes}) == 4
    assert {asked.target for asked in peer.posted if b'"votes' in asked.body or b"#votes" in asked.body} == {
        "/users/ann/inbox"
    }


async def asked_here(node: Node, person: Person, **values: Any) -> tuple[Account, Post]:
    """Somebody here with a follower over there, and a poll of theirs."""
    me = await builders.local_account()
    await follower(node, person, me)
    poll = NewPoll(("Sea", "Hills"), 3600, **values)
    return me, await posts.publish(me, Draft(text="Where to?", poll=poll))


async def test_a_poll_of_ours_is_a_question_and_its_votes_are_told(
    node: Node, peer: Peer, held_clock: HeldClock
) -> None:
    ann, ben = peer.person("ann"), peer.person("ben")
    me, post = await asked_here(node, ann)
    await node.deliver()
    sent = only(peer, "Create")["object"]
    assert sent["type"] == "Question"
    assert [(option["name"], option["replies"]["totalItems"]) for option in sent["oneOf"]] == [("Sea", 0), ("Hills", 0)]
    assert (sent["endTime"], sent["votersCount"], "closed" in sent) == ("2026-11-22T13:00:00Z", 0, False)
    for person, option in ((ann, "Sea"), (ben, "Hills"), (ben, "Hills")):
        await node.take(person.create(vote(person, option, post)), person)
    assert await tallies(post) == ([1, 1], 2)
    await node.deliver()
    assert [activity["type"] for activity in peer.received].count("Update") == 1
    held_clock.advance(polls.SECONDS_BETWEEN_TALLIES)
    await node.process()
    await node.deliver()
    _, told = [activity["object"] for activity in peer.received if activity["type"] == "Update"]
    assert [option["replies"]["totalItems"] for option in told["oneOf"]] == [1, 1]
    assert (told["id"], told["votersCount"], "updated" in told) == (post.uri, 2, False)
    held_clock.advance(3600)
    await node.process()
    await node.deliver()
    ended = [activity for activity in peer.received if activity["type"] == "Update"][-1]["object"]
    assert ended["closed"] == ended["endTime"]
    assert ("poll", me.id, post.id) in await builders.told(me)
    await node.take(ann.create(vote(ann, "Hills", post)), ann)
    assert await tallies(post) == ([1, 1], 2)


async def test_votes_that_do_not_count(node: Node, peer: Peer) -> None:
    ann, ben = peer.person("ann"), peer.person("ben")
    _, post = await asked_here(node, ann)
    first = ann.create(vote(ann, "Sea", post))
    for sent, by in (
        (first, ann),
        (first, ann),
        (ann.create(vote(ann, "Hills", post)), ann),
        (ben.create(vote(ben, "The moon", post)), ben),
        (ben.create(vote(ann, "Hills", post)), ben),
        (ben.create({**vote(ben, "Hills", post), "inReplyTo": f"{post.uri}0"}), ben),
    ):
        await node.take(sent, by)
    assert await tallies(post) == ([1, 0], 1)
    assert await node.count("posts") == 1


async def test_several_votes_may_come_in_one_activity(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    _, post = await asked_here(node, ann, multiple=True)
    both = [vote(ann, "Sea", post), vote(ann, "Hills", post)]
    await node.take(ann.activity("Create", both, to=[post.uri]), ann)
    assert await tallies(post) == ([1, 1], 1)


async def test_tallies_that_are_kept_back_are_told_nobody_before_the_end(
    node: Node, peer: Peer, held_clock: HeldClock
) -> None:
    ann = peer.person("ann")
    _, post = await asked_here(node, ann, hide_totals=True)
    await node.take(ann.create(vote(ann, "Sea", post)), ann)
    held_clock.advance(600)
    await node.process()
    await node.deliver()
    assert [option["replies"]["totalItems"] for option in only(peer, "Create")["object"]["oneOf"]] == [0, 0]
    assert "Update" not in [activity["type"] for activity in peer.received]
    held_clock.advance(3600)
    await node.process()
    await node.deliver()
    assert [option["replies"]["totalItems"] for option in only(peer, "Update")["object"]["oneOf"]] == [1, 0]
