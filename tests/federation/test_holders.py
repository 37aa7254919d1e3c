"""Who else holds a post of ours, and so hears of its edits and its end: those that fetched it, and former followers."""

from __future__ import annotations

from node.models.accounts import Account
from node.services import follows, posts
from node.services.posts import Draft, Edit
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_published import follower
from tests.federation.test_received_activities import met


def heard(peer: Peer, kind: str) -> list[str]:
    """The ids of the objects of such activities the peer got."""
    return [found["object"]["id"] for found in peer.received if found["type"] == kind]


async def test_a_server_that_fetched_a_post_hears_of_its_edit_and_its_end(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    me = await builders.local_account()
    post = await posts.publish(me, Draft(text="First"))
    for _ in range(2):
        assert (await node.get(f"/ap/posts/{post.id}", by=peer.person("ann"))).status_code == 200
    assert (await node.get(f"/ap/posts/{post.id}")).status_code == 200
    assert await node.count("post_fetches") == 1

    await posts.edit(me, post.id, Edit(text="Second"))
    await node.deliver()
    assert heard(peer, "Update") == [post.uri]
    await posts.delete(me, post.id)
    await node.deliver()
    assert heard(peer, "Delete") == [post.uri]
    assert stranger.received == []
    assert await node.count("post_fetches") == 0


async def test_who_could_not_read_a_post_is_not_told_of_it(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    post = await builders.post(me, visibility="followers")
    assert (await node.get(f"/ap/posts/{post.id}", by=peer.person("ann"))).status_code == 404
    await posts.delete(me, post.id)
    await node.deliver()
    assert peer.received == []


async def test_servers_of_former_followers_hear_of_the_end_of_what_they_got(node: Node, peer: Peer) -> None:
    me, ann = await builders.local_account(), peer.person("ann")
    account = await follower(node, ann, me)
    before = [await posts.publish(me, Draft(text="Old", visibility=seen)) for seen in ("public", "followers")]
    await _no_longer(account, me)
    after = await posts.publish(me, Draft(text="New"))
    await node.deliver()

    for post in (*before, after):
        await posts.edit(me, post.id, Edit(text="Changed"))
    await node.deliver()
    assert heard(peer, "Update") == [before[0].uri]
    for post in (*before, after):
        await posts.delete(me, post.id)
    await node.deliver()
    assert sorted(heard(peer, "Delete")) == sorted(post.uri for post in before)


async def test_following_and_leaving_again_and_again_leaves_one_trace(node: Node, peer: Peer) -> None:
    me, people = await builders.local_account(), [peer.person("ann"), peer.person("bea")]
    for person in people * 2:
        account = await met(node, person)
        await builders.following(account, me)
        await _no_longer(account, me)
    assert await node.count("former_audiences") == 1


async def _no_longer(account: Account, me: Account) -> None:
    await follows.unfollow(account, me)
