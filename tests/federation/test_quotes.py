"""Quotes between servers: asked for, allowed, refused, taken back (FEP-044f)."""

from __future__ import annotations

from typing import Any

from node.models.accounts import Account
from node.models.posts import Post
from node.models.quotes import Quote
from node.services import posts, quotes
from node.services.interaction_policies import Policies
from node.services.posts import Draft
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import CONTEXT, PUBLIC, Peer, Person
from tests.federation.test_published import follower, only
from tests.federation.test_received_activities import followed


def stamp_of(author: Person, quoting: str, quoted: str, **changes: Any) -> dict[str, Any]:
    """The approval of a quote, as the author's server serves it."""
    return {
        "@context": CONTEXT,
        "id": f"{author.origin}/stamps/1",
        "type": "QuoteAuthorization",
        "attributedTo": author.uri,
        "interactingObject": quoting,
        "interactionTarget": quoted,
        **changes,
    }


def quoting(person: Person, quoted: str, **values: Any) -> dict[str, Any]:
    """A post over there that quotes another."""
    return person.note("<p>Look</p>", quote=quoted, **values)


def request(person: Person, post: dict[str, Any], quoted: str, **values: Any) -> dict[str, Any]:
    """The request to quote."""
    return person.activity("QuoteRequest", quoted, instrument=post, **values)


async def quote_in(uri: str) -> Quote:
    return await Quote.get(post__uri=uri)


async def answers(node: Node, peer: Peer) -> list[dict[str, Any]]:
    await node.deliver()
    return [activity for activity in peer.received if activity["type"] in ("Accept", "Reject")]


async def open_post(node: Node, **values: Any) -> tuple[Account, Post]:
    me = await builders.local_account()
    return me, await builders.post(me, **values)


async def test_a_request_to_quote_an_open_post_is_accepted_with_a_stamp_that_can_be_read(
    node: Node, peer: Peer
) -> None:
    ann = peer.person("ann")
    me, post = await open_post(node)
    note = quoting(ann, post.uri)
    asked = request(ann, note, post.uri)
    await node.take(asked, ann)
    quote = await quote_in(note["id"])
    assert (quote.state, quote.quoted_post_id, quote.quoted_account_id) == ("accepted", post.id, me.id)
    assert (await builders.fresh(post)).quotes_count == 1
    assert [told[0] for told in await builders.told(me)] == ["quote"]
    [accept] = await answers(node, peer)
    assert accept["object"] == {
        **{key: asked[key] for key in ("id", "type", "actor", "object")},
        "instrument": note["id"],
    }
    stamp = await (await node.get(accept["result"].removeprefix("http://here.example"))).get_json()
    del stamp["@context"]
    assert stamp == {
        "id": accept["result"],
        "type": "QuoteAuthorization",
        "attributedTo": me.uri,
        "interactingObject": note["id"],
        "interactionTarget": post.uri,
    }
    await node.take(request(ann, note, post.uri), ann)
    assert [answer["result"] for answer in await answers(node, peer)] == [accept["result"]] * 2
    assert (await builders.fresh(post)).quotes_count == 1


async def test_a_post_that_comes_before_its_request_and_one_without_any_are_judged_by_the_same_policy(
    node: Node, peer: Peer
) -> None:
    ann = peer.person("ann")
    me, post = await open_post(node)
    closed = await builders.post(me, policies=Policies(quote="nobody"))
    await followed(node, ann, me)
    for number, (quoted, state) in enumerate(((post, "accepted"), (closed, "rejected"))):
        note = ann.note(quoteUrl=quoted.uri) if number else quoting(ann, quoted.uri)
        await node.take(ann.create(note), ann)
        assert (await quote_in(note["id"])).state == state
        await node.take(request(ann, note["id"], quoted.uri), ann)
    assert [answer["type"] for answer in await answers(node, peer)] == ["Accept", "Reject"]


async def test_who_may_not_quote_is_told_so_and_nothing_is_kept(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    me = await builders.local_account()
    hidden = await builders.post(me, visibility="followers")
    limited = await builders.post(me, policies=Policies(quote="followers"))
    for post in (hidden, limited):
        await node.take(request(ann, quoting(ann, post.uri), post.uri), ann)
    assert [answer["type"] for answer in await answers(node, peer)] == ["Reject", "Reject"]
    assert await node.count("quotes") == 0
    await follower(node, ann, me)
    await node.take(request(ann, quoting(ann, limited.uri), limited.uri), ann)
    assert (await answers(node, peer))[-1]["result"]


async def test_a_quote_taken_back_loses_its_stamp_and_cannot_be_had_again(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    me, post = await open_post(node)
    note = quoting(ann, post.uri)
    await node.take(request(ann, note, post.uri), ann)
    [accept] = await answers(node, peer)
    quoting_post = await Post.get(uri=note["id"])
    await quotes.revoke(me, post.id, quoting_post.id)
    await node.deliver()
    deletion = only(peer, "Delete")
    assert (deletion["actor"], deletion["object"]["type"]) == (me.uri, "QuoteAuthorization")
    assert deletion["object"]["id"] == accept["result"]
    assert (await node.get(accept["result"].removeprefix("http://here.example"))).status_code == 404
    await node.take(request(ann, note, post.uri), ann)
    without = {key: value for key, value in note.items() if key != "quote"}
    await node.take(ann.activity("Update", without), ann)
    assert not await Quote.exists(post_id=quoting_post.id)
    await node.take(ann.activity("Update", note), ann)
    await node.take(request(ann, note, post.uri), ann)
    assert (await quote_in(note["id"])).state == "rejected"
    assert [answer["type"] for answer in await answers(node, peer)] == ["Accept", "Reject", "Reject"]
    assert (await builders.fresh(post)).quotes_count == 0


async def received_quotable(node: Node, peer: Peer) -> tuple[Account, Person, Post]:
    """Somebody here, somebody they follow over there, and a post of the latter that anybody may quote."""
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = peer.serve(ann.note(interactionPolicy={"canQuote": {"automaticApproval": PUBLIC}}))
    await node.take(ann.create(note), ann)
    return me, ann, await Post.get(uri=note["id"])


async def test_a_quote_among_people_here_that_is_taken_back_is_out_of_the_document_at_once(
    node: Node, peer: Peer
) -> None:
    me, post = await open_post(node)
    bob = await builders.local_account()
    await follower(node, peer.person("ann"), bob)
    mine = await posts.publish(bob, Draft(text="Look", quoted_post_id=post.id))
    path = mine.uri.removeprefix("http://here.example")
    assert (await (await node.get(path)).get_json())["quote"] == post.uri
    await quotes.revoke(me, post.id, mine.id)
    document = await (await node.get(path)).get_json()
    assert "quote" not in document and "quote-inline" not in document["content"]
    await node.deliver()
    update = only(peer, "Update")
    assert (update["object"]["id"], update["object"].get("quote")) == (mine.uri, None)


async def test_we_ask_before_we_quote_and_show_it_when_it_is_approved(node: Node, peer: Peer) -> None:
    me, ann, quoted = await received_quotable(node, peer)
    await follower(node, peer.person("ben"), me)
    mine = await posts.publish(me, Draft(text="Look", quoted_post_id=quoted.id))
    await node.deliver()
    sent = only(peer, "Create")["object"]
    assert [sent[key] for key in ("quote", "_misskey_quote", "quoteUrl", "quoteUri")] == [quoted.uri] * 4
    assert f'<span class="quote-inline">RE: <a href="{quoted.uri}">' in sent["content"]
    assert "quoteAuthorization" not in sent
    [link] = [tag for tag in sent["tag"] if tag["type"] == "Link"]
    assert (link["href"], link["rel"]) == (quoted.uri, "https://misskey-hub.net/ns#_misskey_quote")
    asked = only(peer, "QuoteRequest")
    assert (asked["actor"], asked["object"], asked["instrument"]["id"]) == (me.uri, quoted.uri, mine.uri)
    assert (await quote_in(mine.uri)).state == "pending"
    inner = {**asked, "instrument": mine.uri}
    eve = peer.person("eve")
    stamp = f"{peer.origin}/stamps/1"
    await node.take(eve.activity("Accept", inner, result=stamp), eve)
    await node.take(ann.activity("Accept", inner), ann)
    await node.take(ann.activity("Accept", inner, result="http://third.example/stamps/1"), ann)
    assert (await quote_in(mine.uri)).state == "pending"
    await node.take(ann.activity("Accept", inner, result=stamp), ann)
    quote = await quote_in(mine.uri)
    assert (quote.state, quote.stamp_uri) == ("accepted", stamp)
    await node.deliver()
    update = only(peer, "Update")["object"]
    assert (update["id"], update["quoteAuthorization"], "updated" in update) == (mine.uri, stamp, False)
    await node.take(eve.activity("Delete", stamp), eve)
    assert (await quote_in(mine.uri)).state == "accepted"
    await node.take(ann.activity("Delete", {"id": stamp, "type": "QuoteAuthorization"}), ann)
    assert (await quote_in(mine.uri)).state == "revoked"
    await node.deliver()
    last = [activity for activity in peer.received if activity["type"] == "Update"][-1]["object"]
    assert "quote" not in last and "quote-inline" not in last["content"]


async def test_a_refusal_may_name_the_request_alone(node: Node, peer: Peer) -> None:
    me, ann, quoted = await received_quotable(node, peer)
    mine = await posts.publish(me, Draft(text="Look", quoted_post_id=quoted.id))
    await node.deliver()
    await node.take(ann.activity("Reject", only(peer, "QuoteRequest")["id"]), ann)
    assert (await quote_in(mine.uri)).state == "rejected"


async def test_a_quote_between_others_is_shown_once_its_stamp_has_been_read(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    await followed(node, ann, await builders.local_account())
    quoted = stranger.serve(bob.note())
    note = quoting(ann, quoted["id"])
    await node.take(ann.create(note), ann)
    quote = await quote_in(note["id"])
    assert (quote.state, (await Post.get(id=quote.quoted_post_id)).uri) == ("pending", quoted["id"])
    stamp = stranger.serve(stamp_of(bob, note["id"], quoted["id"]))
    await node.take(ann.activity("Update", {**note, "quoteAuthorization": stamp["id"]}), ann)
    quote = await quote_in(note["id"])
    assert (quote.state, quote.stamp_uri) == ("accepted", stamp["id"])
    await node.take(bob.activity("Delete", stamp["id"]), bob)
    assert (await quote_in(note["id"])).state == "revoked"


async def test_ones_own_posts_are_quoted_without_asking_and_chains_end(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    await followed(node, ann, await builders.local_account())
    deepest = peer.serve(ann.note())
    deep = peer.serve(quoting(ann, deepest["id"]))
    note = quoting(ann, deep["id"])
    await node.take(ann.create(note), ann)
    assert (await quote_in(note["id"])).state == "accepted"
    assert (await quote_in(deep["id"])).state == "pending"
    assert not await Post.exists(uri=deepest["id"])


async def test_what_posts_say_about_quoting_is_read_and_written(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    said = {
        "public": {"automaticApproval": [PUBLIC], "manualApproval": []},
        "followers": {"automaticApproval": ann.followers},
        "following": {"automaticApproval": [f"{ann.uri}/following"]},
        "nobody": {"automaticApproval": [ann.uri]},
    }
    for policy, can_quote in said.items():
        note = ann.note(interactionPolicy={"canQuote": can_quote})
        await node.take(ann.create(note), ann)
        post = await Post.get(uri=note["id"])
        assert (post.quote_policy, post.quote_by_hand) == (policy, False)
    note = ann.note(interactionPolicy={"canQuote": {"manualApproval": [PUBLIC]}})
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert (post.quote_policy, post.quote_by_hand) == ("nobody", True)
    mine = await posts.publish(me, Draft(text="Look", quoted_post_id=post.id))
    assert (await quote_in(mine.uri)).state == "pending"
    changed = {**note, "interactionPolicy": {"canReply": {"always": [ann.uri]}}, "capabilities": {"announce": "[]"}}
    await node.take(ann.activity("Update", changed), ann)
    post = await Post.get(uri=note["id"])
    assert (post.quote_policy, post.quote_by_hand, post.comments_disabled, post.share_policy) == (
        *("nobody", False),
        *(True, "nobody"),
    )
    ours = await builders.post(me, policies=Policies(quote="following", comment="nobody", share="nobody"))
    document = await (await node.get(ours.uri.removeprefix("http://here.example"))).get_json()
    assert document["interactionPolicy"]["canQuote"]["automaticApproval"] == [f"{me.uri}/following"]
    assert document["interactionPolicy"]["canReply"]["automaticApproval"] == [me.uri]
    assert (document["commentsEnabled"], document["capabilities"]) == (
        False,
        {"announce": "[]", "like": PUBLIC, "reply": "[]"},
    )


async def test_numbers_that_cannot_be_are_nowhere(node: Node, peer: Peer) -> None:
    me, post = await open_post(node)
    for number in (0, 2**63, 10**30):
        mine = me.uri.removeprefix("http://here.example")
        for path in (f"{mine}/quote_authorizations/{number}", f"/ap/users/{number}", f"/ap/posts/{number}/likes"):
            assert (await node.get(path)).status_code == 404
        ann = peer.person("ann")
        await node.take(ann.activity("Accept", f"{me.uri}#quote_requests/{number}", result=f"{ann.uri}/1"), ann)
    assert (await builders.fresh(post)).quotes_count == 0
