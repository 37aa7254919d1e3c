"""Attacks on quotes that hit others: GHSA-q4g8-82c5-9h33, CVE-2026-33869, GHSA-8h43-rcqj-wpc6."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.posts import Post
from node.models.quotes import Quote
from node.services.posts import Draft, publish
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_published import only
from tests.federation.test_quotes import open_post, quote_in, quoting, received_quotable, request, stamp_of
from tests.federation.test_received_activities import followed


@pytest.mark.parametrize(
    "forgery",
    [
        {"type": "Note"},
        {"interactingObject": "http://third.example/notes/1"},
        {"interactionTarget": "{bob}/notes/other"},
        {"attributedTo": "{bob}/users/somebody-else"},
        {"interactingObject": None},
        {"id": "{bob}/stamps/another"},
    ],
)
async def test_a_stamp_that_is_for_something_else_approves_nothing_and_spoils_nothing(
    node: Node, peer: Peer, stranger: Peer, forgery: dict[str, Any]
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    await followed(node, ann, await builders.local_account())
    quoted = stranger.serve(bob.note())
    note = quoting(ann, quoted["id"])
    changes = {key: value and value.replace("{bob}", bob.origin) for key, value in forgery.items()}
    true = stamp_of(bob, note["id"], quoted["id"])
    stranger.documents["/stamps/1"] = {**true, **changes}
    await node.take(ann.create({**note, "quoteAuthorization": true["id"]}), ann)
    quote = await quote_in(note["id"])
    assert (quote.state, quote.stamp_uri) == ("pending", None)
    stranger.serve(true)
    await node.take(ann.activity("Update", {**note, "quoteAuthorization": true["id"]}), ann)
    assert (await quote_in(note["id"])).state == "accepted"


async def test_a_stamp_on_the_quoters_own_server_is_not_even_fetched(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    await followed(node, ann, await builders.local_account())
    quoted = stranger.serve(bob.note())
    note = quoting(ann, quoted["id"], quoteAuthorization=f"{peer.origin}/stamps/mine")
    peer.serve(stamp_of(bob, note["id"], quoted["id"], id=f"{peer.origin}/stamps/mine"))
    await node.take(ann.create(note), ann)
    assert (await quote_in(note["id"])).state == "pending"
    assert "/stamps/mine" not in peer.asked


async def test_a_claimed_stamp_of_ours_opens_no_post_that_may_not_be_quoted(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    me, post = await open_post(node, visibility="unlisted")
    secret = await builders.post(me, visibility="followers")
    await followed(node, ann, me)
    open_note = quoting(ann, post.uri)
    await node.take(request(ann, open_note, post.uri), ann)
    stamp = (await quote_in(open_note["id"])).stamp_uri
    note = quoting(ann, secret.uri, quoteAuthorization=stamp)
    await node.take(ann.create(note), ann)
    quote = await quote_in(note["id"])
    assert (quote.state, quote.stamp_uri) == ("rejected", None)
    await node.take(ann.activity("Update", note), ann)
    assert (await quote_in(note["id"])).state == "rejected"


async def test_only_the_quoting_posts_own_author_asks_for_it(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, eve, bob = peer.person("ann"), peer.person("eve"), stranger.person("bob")
    _, post = await open_post(node)
    foreign = quoting(ann, post.uri)
    await node.take(request(eve, foreign, post.uri), eve)
    await node.take(request(bob, foreign, post.uri), bob)
    other = await builders.post(await builders.local_account())
    await node.take(request(ann, quoting(ann, other.uri), post.uri), ann)
    await node.deliver()
    assert [activity["type"] for activity in peer.received + stranger.received] == []
    assert (await builders.fresh(post)).quotes_count == 0


async def test_an_accept_sent_before_anything_was_asked_changes_nothing_later(node: Node, peer: Peer) -> None:
    me, ann, quoted = await received_quotable(node, peer)
    eve = peer.person("eve")
    other = peer.serve(eve.note(interactionPolicy={"canQuote": {"automaticApproval": []}}))
    mine = await publish(me, Draft(text="Look", quoted_post_id=quoted.id))
    await node.deliver()
    asked = only(peer, "QuoteRequest")
    forged = {**asked, "object": other["id"], "instrument": mine.uri}
    await node.take(eve.activity("Accept", forged, result=f"{peer.origin}/stamps/9"), eve)
    await node.take(eve.activity("Accept", asked["id"], result=f"{peer.origin}/stamps/9"), eve)
    await node.take(eve.activity("Reject", asked["id"]), eve)
    quote = await quote_in(mine.uri)
    assert (quote.state, quote.stamp_uri) == ("pending", None)
    await node.take(ann.activity("Accept", asked["id"], result=f"{peer.origin}/stamps/1"), ann)
    assert (await quote_in(mine.uri)).state == "accepted"
    assert await Quote.all().count() == 1
    assert await Post.get(id=mine.id)
