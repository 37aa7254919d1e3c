"""A thread somebody looks at is filled with what other servers know of it, within bounds."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from federation import resolve, thread_below
from federation.budget import Budget, TooMuch
from node import clock, db
from node.models.post_readings import PostReading
from node.models.posts import Post
from node.queries import content
from node.services import post_readings
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer


def collection(peer: Peer, path: str, items: list[Any], after: str | None = None) -> str:
    """A collection over there, of one page or, with `after`, leading on to another."""
    url = f"{peer.origin}{path}"
    page = {"type": "CollectionPage", "id": f"{url}/page", "partOf": url, "items": items}
    peer.serve(
        {"type": "Collection", "id": url, "totalItems": len(items), "first": page | ({"next": after} if after else {})}
    )
    return url


async def looked_at(node: Node, post: Post) -> PostReading:
    """Somebody looks at the thread, and what that calls for is done."""
    assert await post_readings.thread_opened(post.id) is not None
    await node.fetch()
    return await PostReading.get(post_id=post.id)


async def known(note: dict[str, Any]) -> Post:
    """The post as it was before anybody looked."""
    return await resolve.resolve_post(note["id"])


async def again_due(post: Post) -> None:
    """As if nobody had looked for long."""
    await db.execute("UPDATE post_readings SET fill_began_at = fill_began_at - 86400000 WHERE post_id = ?", (post.id,))
    post_readings.forget_everything()


async def test_a_thread_is_filled_from_the_replies_of_each_post_each_from_its_own_origin(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    me = await builders.local_account()
    top = ann.note(id=f"{peer.origin}/notes/top")
    below = bob.note(id=f"{stranger.origin}/notes/below", inReplyTo=top["id"], cc=[me.uri])
    below["tag"] = [{"type": "Mention", "href": me.uri, "name": "@me"}]
    deepest = peer.serve(ann.note(id=f"{peer.origin}/notes/deepest", inReplyTo=below["id"]))
    elsewhere = stranger.serve(bob.note(id=f"{stranger.origin}/notes/elsewhere"))
    private = stranger.serve(
        bob.note(id=f"{stranger.origin}/notes/private", inReplyTo=top["id"], to=[bob.followers], cc=[])
    )
    forged = {"type": "Note", "id": f"{stranger.origin}/notes/forged", "attributedTo": bob.uri, "inReplyTo": top["id"]}
    below["replies"] = collection(stranger, "/below/replies", [deepest["id"]])
    second = collection(peer, "/replies/2", [elsewhere["id"], private["id"], "not a url", {"type": "Announce"}])
    top["replies"] = collection(peer, "/replies", [below["id"], forged, below["id"]], after=second)
    stranger.serve(below)
    post = await known(peer.serve(top))
    reading = await looked_at(node, post)
    found = {row.uri: row for row in await Post.filter(conversation_id=post.id)}
    assert set(found) == {top["id"], below["id"], deepest["id"]}
    assert found[deepest["id"]].parent_id == found[below["id"]].id
    assert (reading.found, reading.fill_ended_at is not None) == (2, True)
    # A comment that was fetched is told of when its server delivers it, not before.
    assert await builders.told(me) == []
    # Nobody is asked again so soon, and then only for what is new.
    assert await post_readings.thread_opened(post.id) is None
    asked = len(stranger.asked)
    await again_due(post)
    reading = await looked_at(node, post)
    assert reading.found == 0
    assert len(stranger.asked) - asked <= 5


async def test_the_context_of_a_thread_names_its_posts_in_any_order(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    top = ann.note(id=f"{peer.origin}/notes/top")
    one = stranger.serve(bob.note(id=f"{stranger.origin}/notes/1", inReplyTo=top["id"]))
    two = stranger.serve(bob.note(id=f"{stranger.origin}/notes/2", inReplyTo=one["id"]))
    top["context"] = collection(peer, "/contexts/1", [two["id"], one["id"], top["id"]])
    post = await known(peer.serve(top))
    assert (await looked_at(node, post)).found == 2
    assert (await Post.get(uri=two["id"])).conversation_id == post.id


async def test_whose_thread_it_is_may_tell_of_it_to_those_who_look_at_a_comment(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    top = peer.serve(ann.note(id=f"{peer.origin}/notes/top"))
    comment = bob.note(id=f"{stranger.origin}/notes/1", inReplyTo=top["id"])
    answer = peer.serve(ann.note(id=f"{peer.origin}/notes/2", inReplyTo=comment["id"]))
    comment["context"] = collection(peer, "/contexts/1", [top["id"], comment["id"], answer["id"]])
    await known(top)
    post = await known(stranger.serve(comment))
    assert (await looked_at(node, post)).found == 1
    assert (await Post.get(uri=answer["id"])).parent_id == post.id


async def test_a_post_looked_at_is_brought_up_to_date(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    note = ann.note(id=f"{peer.origin}/notes/1")
    post = await known(peer.serve(note))
    likes = f"{peer.origin}/likes"
    peer.serve({"type": "Collection", "id": likes, "totalItems": 7})
    later = (clock.now() + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shares = {"type": "Collection", "totalItems": 10**12}
    await db.execute("UPDATE posts SET created_at = created_at - 60000")
    peer.serve(note | {"content": "<p>Edited</p>", "updated": later, "likes": likes, "shares": shares})
    await looked_at(node, post)
    now = await builders.fresh(post)
    assert (now.content, now.edited_at is not None) == ("<p>Edited</p>", True)
    assert now.version > post.version
    [row] = await content.posts([post.id])
    assert (row["likes_count"], row["shares_count"], row["comments_count"]) == (7, post_readings.MOST, 0)
    # What others count is only shown: nothing here depends on it.
    assert (now.likes_count, now.shares_count) == (0, 0)


async def test_a_post_that_is_gone_there_goes_here_at_once_or_after_a_day_of_404(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    gone = await known(peer.serve(ann.note(id=f"{peer.origin}/notes/gone")))
    missing = await known(peer.serve(ann.note(id=f"{peer.origin}/notes/missing")))
    peer.documents["/notes/gone"], peer.documents["/notes/missing"] = 410, 404
    assert await post_readings.thread_opened(gone.id) is not None
    await looked_at(node, missing)
    assert not await Post.filter(id=gone.id).exists()
    assert await node.count("tombstones", "uri = ?", gone.uri) == 1
    assert await Post.filter(id=missing.id).exists()
    await db.execute("UPDATE post_readings SET missing_since = missing_since - 90000000")
    await again_due(missing)
    assert await post_readings.thread_opened(missing.id) is not None
    await node.fetch()
    assert not await Post.filter(id=missing.id).exists()


async def test_what_is_not_for_everybody_and_what_nobody_elsewhere_answered_is_not_asked_for(
    node: Node, peer: Peer
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    author = await resolve.resolve_actor(ann.uri)
    hidden = await builders.received(author, visibility="followers")
    own = await builders.post(me)
    for post in (hidden, own):
        assert await post_readings.thread_opened(post.id) is None
    # Comments of others on our posts are asked for their replies.
    post_readings.forget_everything()
    comment = ann.note(id=f"{peer.origin}/notes/c", inReplyTo=own.uri)
    answer = peer.serve(ann.note(id=f"{peer.origin}/notes/a", inReplyTo=comment["id"]))
    comment["replies"] = collection(peer, "/replies", [answer["id"]])
    await known(peer.serve(comment))
    assert (await looked_at(node, own)).found == 1
    assert (await Post.get(uri=answer["id"])).conversation_id == own.id


async def test_collections_without_end_in_circles_or_on_other_hosts_end(node: Node, peer: Peer, stranger: Peer) -> None:
    ann = peer.person("ann")
    for number in range(40):
        nobody = [f"{peer.origin}/none/{number}-{item}" for item in range(3)]
        collection(peer, f"/endless/{number}", nobody, after=f"{peer.origin}/endless/{number + 1}")
    collection(peer, "/circle", [], after=f"{peer.origin}/circle")
    collection(stranger, "/far", [f"{stranger.origin}/notes/1"])
    peer.documents["/moved"] = (
        b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + stranger.server.url("/far").encode() + b"\r\n\r\n"
    )
    for path, most in (("/endless/0", 11), ("/circle", 1), (stranger.server.url("/far"), 0), ("/moved", 1)):
        url = path if path.startswith("http") else f"{peer.origin}{path}"
        post = await known(peer.serve(ann.note(replies=url)))
        before = len(peer.asked)
        await looked_at(node, post)
        pages = [asked for asked in peer.asked[before:] if not asked.startswith(("/notes", "/none"))]
        assert len(pages) <= most
    assert [asked for asked in stranger.asked if asked.startswith("/notes")] == []


async def test_a_huge_collection_costs_no_more_than_the_budget(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    many = [f"{peer.origin}/none/{number}" for number in range(3_000)]
    post = await known(peer.serve(ann.note(replies=collection(peer, "/huge", many))))
    asked = len(peer.asked)
    assert (await looked_at(node, post)).found == 0
    assert len(peer.asked) - asked == thread_below.FETCHES_PER_HOST


async def test_a_slow_host_is_given_up_when_it_takes_too_long_in_all(node: Node, peer: Peer, stranger: Peer) -> None:
    budget = Budget()
    for _ in range(3):
        budget.spend(f"{peer.origin}/slow")
        budget.answered(f"{peer.origin}/slow", time.monotonic() - 4)
    with pytest.raises(TooMuch):
        budget.spend(f"{peer.origin}/other")
    budget.spend(f"{stranger.origin}/other")


async def test_while_a_thread_is_filled_everybody_is_told_of_the_same_filling(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    post = await known(peer.serve(ann.note()))
    first = await post_readings.thread_opened(post.id)
    again = await post_readings.thread_opened(post.id)
    assert first is not None and again is not None
    assert (first.key, first.is_running) == (again.key, True)
    assert await node.count("jobs", "kind = 'fill_thread'") == 1
    await node.fetch()
    over = await post_readings.filling(first.key)
    assert over is not None and not over.is_running
    assert await post_readings.filling("0" * 32) is None
