"""Comments arrive before what they answer: they are kept, and the thread above them is fetched in the background."""

from __future__ import annotations

import pytest

from federation.budget import Background, TooMuch
from federation.resolve_errors import TryLater
from node import db
from node.models.posts import Post
from node.services import comment_limits, posts
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.peers import response
from tests.federation.test_received_activities import followed


async def make_due() -> None:
    """As if every pause were over."""
    await db.execute("UPDATE jobs SET run_at = 0 WHERE state = 'waiting'")


def chain(peer: Peer, person: Person, length: int) -> list[str]:
    """A thread over there, each post answering the one before; their ids from the top down."""
    ids: list[str] = []
    for number in range(length):
        above = ids[-1] if ids else None
        ids.append(peer.serve(person.note(id=f"{peer.origin}/notes/t{number}", inReplyTo=above))["id"])
    return ids


async def test_a_reply_is_there_before_its_parent_and_hung_onto_it_when_that_comes(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob, me = peer.person("ann"), stranger.person("bob"), await builders.local_account()
    await followed(node, ann, me)
    await followed(node, bob, me)
    top = stranger.serve(bob.note(to=[bob.followers], cc=[PUBLIC]))
    reply = ann.note(inReplyTo=top["id"], tag=[{"type": "Mention", "href": me.uri, "name": "@me"}], cc=[me.uri])
    stranger.documents[top["id"].removeprefix(stranger.origin)] = 503
    await node.take(ann.create(reply), ann)
    orphan = await Post.get(uri=reply["id"])
    assert (orphan.parent_id, orphan.parent_uri, orphan.visibility) == (None, top["id"], "public")
    assert [kind for kind, _, _ in await builders.told(me)] == ["mention"]
    assert await node.count("home_entries", "post_id = ?", orphan.id) == 0
    assert await node.count("jobs", "kind = 'fetch_parent' AND state = 'waiting'") == 1
    stranger.serve(top)
    await make_due()
    await node.fetch()
    found = await Post.get(id=orphan.id).select_related("parent")
    assert found.parent is not None
    assert (found.parent.uri, found.parent_uri, found.visibility) == (top["id"], None, "unlisted")
    assert found.conversation_id == found.parent.id
    assert found.parent.comments_count == 1
    # Both are followed, so the comment belongs into the reader's home; of what was fetched nobody is told.
    assert await node.count("home_entries", "post_id = ?", orphan.id) == 1
    assert [kind for kind, _, _ in await builders.told(me)] == ["mention"]


async def test_a_parent_that_never_comes_is_given_up_after_a_few_attempts(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    stranger.documents["/notes/gone"] = 410
    for path, attempts in (("/notes/missing", 6), ("/notes/gone", 1)):
        reply = ann.note(inReplyTo=f"{stranger.origin}{path}")
        await node.take(ann.create(reply), ann)
        for _ in range(8):
            await make_due()
            await node.fetch()
        assert stranger.asked.count(path) == attempts
        assert (await Post.get(uri=reply["id"])).parent_uri == f"{stranger.origin}{path}"
    assert await node.count("jobs", "kind = 'fetch_parent' AND state <> 'done'") == 0


async def test_a_thread_is_fetched_a_hundred_levels_up_a_budget_at_a_time(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    ids = chain(peer, ann, 130)
    await node.take(ann.create(ann.note(inReplyTo=ids[-1])), ann)
    first = await node.count("posts")
    assert first == 31
    for _ in range(8):
        await make_due()
        await node.fetch()
    assert await node.count("posts") == 101
    assert not await Post.filter(uri=ids[0]).exists()
    root = await Post.get(uri=ids[30])
    assert await node.count("posts", "conversation_id = ?", root.id) == 101


async def test_threads_in_a_circle_end_and_never_close(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    one, two, own = (f"{peer.origin}/notes/{name}" for name in ("one", "two", "own"))
    peer.serve(ann.note(id=two, inReplyTo=one))
    await node.take(ann.create(peer.serve(ann.note(id=one, inReplyTo=two))), ann)
    await node.take(ann.create(peer.serve(ann.note(id=own, inReplyTo=own))), ann)
    first, second, itself = await Post.get(uri=one), await Post.get(uri=two), await Post.get(uri=own)
    assert (first.parent_id, second.parent_id, itself.parent_id) == (None, first.id, None)
    assert len(peer.asked) < 12


async def test_what_is_not_for_everybody_is_not_fetched_for_a_stranger(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob, me = peer.person("ann"), stranger.person("bob"), await builders.local_account()
    await followed(node, ann, me)
    for addressed in ([bob.followers], [ann.uri]):
        hidden = stranger.serve(bob.note(to=addressed, cc=[]))
        reply = ann.note(inReplyTo=hidden["id"])
        await node.take(ann.create(reply), ann)
        assert not await Post.filter(uri=hidden["id"]).exists()
        assert (await Post.get(uri=reply["id"])).parent_uri == hidden["id"]


async def test_an_orphan_and_what_answers_it_become_as_narrow_as_the_parent(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    author = await followed(node, ann, me)
    top = builders.incoming(author, visibility="followers")
    orphan = await builders.received(author, parent_uri=top.uri)
    below = await builders.received(author, parent=orphan)
    deepest = await builders.received(author, parent=below)
    post = await posts.receive(top)
    for comment in (orphan, below, deepest):
        now = await builders.fresh(comment)
        assert (now.visibility, now.conversation_id) == ("followers", post.id)


async def test_messages_that_overtake_each_other_end_up_in_one_conversation(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    first = ann.note("<p>first</p>", to=[me.uri], cc=[], tag=[{"type": "Mention", "href": me.uri}])
    second = ann.note("<p>second</p>", to=[me.uri], cc=[], inReplyTo=first["id"], tag=first["tag"])
    for note in (second, first):
        await node.take(ann.create(note), ann)
    assert await node.count("conversations", "account_id = ?", me.id) == 1
    assert await node.count("conversation_posts") == 2
    assert await node.count("notifications", "account_id = ? AND kind = 'mention'", me.id) == 2


async def test_an_orphan_below_a_local_post_is_held_by_its_limits_or_stays_out(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    author = await followed(node, ann, me)
    limited = await builders.post(me)
    await comment_limits.change(me, comment_limits.Changes(keywords=["spam"]))
    middle = builders.incoming(author, parent=limited)
    orphan = await builders.received(author, parent_uri=middle.uri, content_html="<p>spam</p>")
    parent = await posts.receive(middle)
    held = await builders.fresh(orphan)
    assert (held.parent_id, held.held_for) == (parent.id, me.id)
    assert (await builders.fresh(parent)).comments_count == 0
    closed = builders.incoming(author, comments_disabled=True)
    other = await builders.remote_account()
    unwanted = await builders.received(other, parent_uri=closed.uri)
    await posts.receive(closed)
    assert (await builders.fresh(unwanted)).parent_uri == closed.uri


async def test_those_whom_a_fetched_post_concerns_are_told_when_it_is_delivered(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = peer.serve(ann.note(cc=[me.uri], tag=[{"type": "Mention", "href": me.uri, "name": "@me"}]))
    await node.take(ann.activity("Announce", note["id"], to=[PUBLIC]), ann)
    assert await builders.told(me) == []
    for _ in range(2):
        await node.take(ann.create(note), ann)
    assert [kind for kind, _, _ in await builders.told(me)] == ["mention"]


async def test_a_host_that_does_not_answer_is_left_alone(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    for number in range(12):
        stranger.documents[f"/notes/{number}"] = response(503, b"", retry_after="0")
        await node.take(ann.create(ann.note(inReplyTo=f"{stranger.origin}/notes/{number}")), ann)
    assert len(stranger.asked) == 3
    with pytest.raises(TryLater, match="left alone"):
        Background().spend(f"{stranger.origin}/x")
    with pytest.raises(TooMuch):
        budget = Background(10, fetches_per_host=2)
        for _ in range(3):
            budget.spend(f"{peer.origin}/x")
