"""What happens here, as others get it: which activity, in which form, to which inboxes."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from activitypub.parse import parse_activity
from activitypub.signatures.encodings import decode_base58btc
from federation.outbound import publish
from node.events import PostPublished
from node.models.accounts import Account
from node.models.graph import Follow
from node.models.posts import Post
from node.services import accounts, blocks, domains, follows, likes, pins, posts, shares
from node.services.accounts import ProfileChanges
from node.services.polls import NewPoll
from node.services.posts import Draft, Edit
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.test_received_activities import met

VARIANTS = {"full": {"key": "media/a/full.jpg", "type": "image/jpeg", "width": 1200, "height": 900, "bytes": 9}}


async def follower(node: Node, person: Person, target: Account) -> Account:
    """Somebody over there who follows somebody here."""
    account = await met(node, person)
    await builders.following(account, target)
    await node.deliver()
    return account


def only(peer: Peer, kind: str) -> dict[str, Any]:
    """The one activity of this kind the peer got."""
    [found] = [activity for activity in peer.received if activity["type"] == kind]
    return found


async def test_a_post_goes_once_to_each_server_with_followers(node: Node, peer: Peer, stranger: Peer) -> None:
    me = await builders.local_account()
    for name in ("ann", "bea"):
        await follower(node, peer.person(name), me)
    await follower(node, stranger.person("bob"), me)
    full = {**VARIANTS["full"], "bytes": 12_345}
    digest = hashlib.sha256(b"a heron").hexdigest()
    picture = await builders.picture(
        me, variants={**VARIANTS, "full": full}, description="A heron", width=1200, height=900, sha256=digest
    )
    post = await posts.publish(me, Draft(text="At dawn #heron", media_ids=(picture.id,), place_name="Oslo"))
    await node.deliver()
    for other in (peer, stranger):
        create = only(other, "Create")
        assert (create["to"], create["cc"]) == ([PUBLIC], [f"{me.uri}/followers"])
        note = create["object"]
        assert (note["id"], note["attributedTo"], note["type"]) == (post.uri, me.uri, "Note")
        [attachment] = note["attachment"]
        assert (attachment["name"], attachment["mediaType"]) == ("A heron", "image/jpeg")
        assert attachment["url"] == "http://here.example/media/media/a/full.jpg"
        assert (attachment["summary"], attachment["size"]) == ("A heron", 12_345)
        assert decode_base58btc(attachment["digestMultibase"]) == b"\x12\x20" + bytes.fromhex(digest)
        assert attachment["digestMultibase"].startswith("zQm")
        assert [tag["name"] for tag in note["tag"]] == ["#heron"]
        assert note["location"]["name"] == "Oslo"
        assert parse_activity(create).object_id == post.uri
        assert other.posted[-1].target == "/inbox"
        assert other.posted[-1].headers["content-type"] == "application/activity+json"


@pytest.mark.parametrize("visibility", ["public", "unlisted", "followers"])
async def test_addressing_says_who_it_is_for(node: Node, peer: Peer, visibility: str) -> None:
    me = await builders.local_account()
    await follower(node, peer.person("ann"), me)
    await builders.post(me, visibility=visibility)
    await node.deliver()
    followers = f"{me.uri}/followers"
    expected = {"public": ([PUBLIC], [followers]), "unlisted": ([followers], [PUBLIC]), "followers": ([followers], [])}
    create = only(peer, "Create")
    assert (create["to"], create["cc"]) == expected[visibility]
    assert (create["object"]["to"], create["object"]["cc"]) == expected[visibility]


async def test_a_direct_post_goes_to_the_personal_inbox_of_the_one_it_is_for_alone(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    me, ann = await builders.local_account(), peer.person("ann")
    await met(node, ann)
    await follower(node, stranger.person("bob"), me)
    await posts.publish(me, Draft(text=f"@{ann.handle} between us", visibility="direct"))
    await node.deliver()
    create = only(peer, "Create")
    assert (create["to"], create["cc"]) == ([ann.uri], [])
    assert [tag["href"] for tag in create["object"]["tag"]] == [ann.uri]
    assert peer.posted[-1].target == "/users/ann/inbox"
    assert "Create" not in [activity["type"] for activity in stranger.received]


async def test_a_comment_goes_to_the_author_of_what_it_answers(node: Node, peer: Peer) -> None:
    me, ann = await builders.local_account(), peer.person("ann")
    account = await met(node, ann)
    parent = await builders.received(account, uri=f"{peer.origin}/notes/p")
    comment = await builders.post(me, "Lovely", parent_id=parent.id)
    await node.deliver()
    note = only(peer, "Create")["object"]
    assert (note["id"], note["inReplyTo"]) == (comment.uri, parent.uri)
    assert ann.uri in note["cc"]
    assert ann.uri in [tag["href"] for tag in note["tag"]]


async def test_nothing_is_rendered_or_stored_when_nobody_elsewhere_is_concerned(node: Node) -> None:
    await builders.post(await builders.local_account())
    await node.publish()
    assert await node.count("outgoing_activities") == 0


async def test_an_edit_a_deletion_a_like_a_share_and_their_undoing(node: Node, peer: Peer) -> None:
    me, ann = await builders.local_account(), peer.person("ann")
    account = await follower(node, ann, me)
    mine = await builders.post(me)
    hers = await builders.received(account, uri=f"{peer.origin}/notes/h")
    await node.publish()
    await posts.edit(me, mine.id, Edit(text="Changed"))
    await likes.like(me, hers.id)
    share = await shares.share(me, hers.id)
    await node.publish()
    await likes.unlike(me, hers.id)
    await shares.unshare(me, hers.id)
    await posts.delete(me, mine.id)
    await node.deliver()

    update = only(peer, "Update")
    assert "Changed" in update["object"]["content"]
    assert update["object"]["updated"]
    assert only(peer, "Delete")["object"]["id"] == mine.uri
    assert only(peer, "Delete")["object"]["type"] == "Tombstone"
    assert (only(peer, "Announce")["id"], only(peer, "Announce")["object"]) == (share.uri, hers.uri)
    undone = {
        activity["object"]["type"]: activity["object"] for activity in peer.received if activity["type"] == "Undo"
    }
    assert undone["Like"]["object"] == hers.uri
    assert (undone["Announce"]["id"], undone["Announce"]["object"]) == (share.uri, hers.uri)


async def test_a_like_names_the_post_by_its_id_and_goes_to_its_author(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    hers = await builders.received(await met(node, peer.person("ann")), uri=f"{peer.origin}/notes/h")
    like = await likes.like(me, hers.id)
    await node.deliver()
    sent = only(peer, "Like")
    assert (sent["id"], sent["actor"], sent["object"]) == (like.uri, me.uri, hers.uri)


async def test_a_follow_and_its_end(node: Node, peer: Peer) -> None:
    me, ann = await builders.local_account(), peer.person("ann")
    account = await met(node, ann)
    follow = await follows.follow(me, account)
    await node.deliver()
    assert only(peer, "Follow")["object"] == ann.uri
    await node.take(ann.activity("Accept", only(peer, "Follow")), ann)
    assert (await Follow.get(id=follow.id)).accepted
    await follows.unfollow(me, account)
    await node.deliver()
    inner = only(peer, "Undo")["object"]
    assert (inner["id"], inner["type"], inner["object"]) == (follow.uri, "Follow", ann.uri)


async def test_a_removed_follower_is_told_by_a_reject(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    account = await follower(node, peer.person("ann"), me)
    await follows.remove_follower(me, account)
    await node.deliver()
    assert only(peer, "Reject")["object"]["actor"] == account.uri


async def test_a_suspended_domain_is_told_that_its_follows_are_over_and_nothing_else(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    ann = await follower(node, peer.person("ann"), me)
    bob = await met(node, peer.person("bob"))
    await builders.following(me, bob)
    await node.deliver()
    peer.server.asked.clear()
    await domains.block(peer.host)
    await builders.post(me)
    await node.process()
    await node.deliver()
    assert {activity["type"] for activity in peer.received} == {"Reject", "Undo"}
    assert only(peer, "Reject")["object"]["actor"] == ann.uri
    assert only(peer, "Undo")["object"]["object"] == bob.uri
    assert await node.count("follows") == 0


async def test_a_block_and_its_end(node: Node, peer: Peer) -> None:
    me, account = await builders.local_account(), await met(node, peer.person("ann"))
    await blocks.block(me, account)
    await node.publish()
    await blocks.unblock(me, account)
    await node.deliver()
    assert [activity["type"] for activity in peer.received] == ["Block", "Undo"]


async def test_a_changed_profile_goes_to_followers_whole(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    await follower(node, peer.person("ann"), me)
    await accounts.update_profile(me, accounts.ProfileChanges(display_name="New name"))
    await node.deliver()
    person = only(peer, "Update")["object"]
    assert (person["id"], person["name"]) == (me.uri, "New name")
    for needed in ("publicKey", "url", "summary", "preferredUsername", "inbox", "outbox", "following", "followers"):
        assert needed in person
    assert person["manuallyApprovesFollowers"] is False


async def test_a_deleted_account_is_taken_leave_of_everywhere(node: Node, peer: Peer, stranger: Peer) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await follower(node, peer.person("ann"), me)
    await follower(node, stranger.person("bob"), other)
    await accounts.delete_local(me)
    await node.deliver()
    for server in (peer, stranger):
        assert only(server, "Delete")["object"] == {"id": me.uri, "type": "Person"}


async def test_nothing_goes_to_a_suspended_domain(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    await follower(node, peer.person("ann"), me)
    await domains.block(peer.host)
    before = len(peer.posted)
    await builders.post(me)
    await node.deliver()
    assert len(peer.posted) == before


async def test_a_fact_published_twice_is_sent_once(node: Node, peer: Peer) -> None:

    me = await builders.local_account()
    await follower(node, peer.person("ann"), me)
    post = await builders.post(me)
    await node.deliver()
    await publish.post_published(PostPublished(post.id))
    await node.deliver()
    assert only(peer, "Create")["object"]["id"] == post.uri
    assert await Post.filter(id=post.id).exists()


def _depth(value: Any) -> int:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if members is None else 1 + max(map(_depth, members), default=0)


async def test_nothing_we_send_is_deeper_than_pixelfed_reads(node: Node, peer: Peer) -> None:
    """It drops what is nested more than eight levels deep, and what has no id or no context."""
    me = await builders.local_account(None, fields_=[{"name": "Site", "value": "<p>x</p>"}])
    ann = peer.person("ann")
    account = await follower(node, ann, me)
    note = peer.serve(ann.note(interactionPolicy={"canQuote": {"automaticApproval": [PUBLIC]}}))
    await builders.following(await builders.local_account(), account)
    await node.take(ann.create(note), ann)
    theirs = await Post.get(uri=note["id"])
    picture = await builders.picture(me, variants=VARIANTS, focus_x=0.5, focus_y=0.5)
    everything = Draft(
        text=f"@{ann.handle} #heron", media_ids=(picture.id,), place_name="Oslo", quoted_post_id=theirs.id
    )
    post = await posts.publish(me, everything)
    poll = await posts.publish(me, Draft(text="Which?", poll=NewPoll(("a", "b"), 3600)))
    await posts.edit(me, post.id, Edit(text="Anew #heron"))
    await likes.like(me, theirs.id)
    await shares.share(me, theirs.id)
    await follows.follow(me, account)
    await pins.pin(me, post.id)
    await accounts.update_profile(me, ProfileChanges(display_name="Me"))
    await node.deliver()
    await posts.delete(me, post.id)
    await likes.unlike(me, theirs.id)
    await node.deliver()
    sent = {activity["type"] for activity in peer.received}
    assert sent >= {"Accept", "Create", "Update", "Delete", "Like", "Undo", "Announce", "Follow", "QuoteRequest", "Add"}
    assert poll.uri in {activity["object"]["id"] for activity in peer.received if activity["type"] == "Create"}
    for activity in peer.received:
        assert _depth(activity) <= 8, activity
        assert activity["id"] and "https://www.w3.org/ns/activitystreams" in activity["@context"]
        assert len(activity["id"]) <= 2048 and "bto" not in activity and "bcc" not in activity
