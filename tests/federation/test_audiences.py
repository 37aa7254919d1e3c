"""Posts for members between servers: who is told, of whom, at which inbox, and who is told that it is over."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from node import db
from node.models.accounts import Account
from node.models.posts import Post
from node.services import blocks, close_friends, posts
from node.services.posts import Draft, Edit
from node.services.visibility import may_see
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_published import follower


def kinds(peer: Peer, since: int = 0) -> list[str]:
    return [str(activity["type"]) for activity in peer.received[since:]]


async def test_each_server_is_told_of_its_own_members_alone(node: Node, peer: Peer, stranger: Peer) -> None:
    me = await builders.local_account()
    ann, bea, bob, nobody = peer.person("ann"), peer.person("bea"), stranger.person("bob"), peer.person("nobody")
    accounts = [await follower(node, person, me) for person in (ann, bea, bob, nobody)]
    local = await builders.local_account("cleo")
    await builders.following(local, me)
    members = [*accounts[:3], local]
    await close_friends.add(me, [account.id for account in members])
    seen_here, seen_there = len(peer.received), len(stranger.received)
    post = await posts.publish(me, Draft(text="For few", visibility="close_friends"))
    await node.deliver()

    def names_nobody_else(document: dict[str, Any], allowed: set[str]) -> None:
        said = json.dumps(document)
        everybody = {ann.uri, bea.uri, bob.uri, nobody.uri, local.uri}
        assert {uri for uri in everybody if uri in said} == allowed

    hers = [activity for activity in peer.received[seen_here:] if activity["type"] == "Create"]
    assert {request.target for request in peer.posted[-2:]} == {
        urlsplit(uri).path + "/inbox" for uri in (ann.uri, bea.uri)
    }
    for create in hers:
        assert (create["to"], create.get("cc", []), create["object"].get("tag", [])) == ([ann.uri, bea.uri], [], [])
        names_nobody_else(create, {ann.uri, bea.uri})
    [his] = [activity for activity in stranger.received[seen_there:] if activity["type"] == "Create"]
    names_nobody_else(his, {bob.uri})
    assert "signature" not in his
    assert "proof" not in his
    for path in (urlsplit(post.uri).path, urlsplit(post.uri).path + "/activity"):
        answers = [await node.get(path, by=by) for by in (ann, bob, nobody, None)]
        assert [answer.status_code for answer in answers] == [200, 200, 404, 404]
        names_nobody_else(json.loads(await answers[0].get_data()), {ann.uri, bea.uri})
        names_nobody_else(json.loads(await answers[1].get_data()), {bob.uri})

    seen_here, seen_there = len(peer.received), len(stranger.received)
    await posts.edit(me, post.id, Edit(text="For few, again"))
    await node.deliver()
    assert (kinds(peer, seen_here), kinds(stranger, seen_there)) == (["Update"] * 2, ["Update"])
    names_nobody_else(stranger.received[-1], {bob.uri})

    await close_friends.remove(me, [accounts[0].id, accounts[2].id])
    await node.deliver()
    update, delete = peer.received[-1], stranger.received[-1]
    assert (update["type"], update["to"]) == ("Update", [bea.uri])
    assert (delete["type"], delete["to"], delete["object"]["id"]) == ("Delete", [bob.uri], post.uri)
    path = urlsplit(post.uri).path
    assert [(await node.get(path, by=by)).status_code for by in (ann, bea, bob)] == [404, 200, 404]
    seen_here, seen_there = len(peer.received), len(stranger.received)
    await posts.delete(me, post.id)
    await node.deliver()
    assert (kinds(peer, seen_here), kinds(stranger, seen_there)) == (["Delete"], [])
    assert bea.uri not in json.dumps(peer.received[-1])
    blocked = await posts.publish(me, Draft(text="More", visibility="close_friends"))
    await node.deliver()
    await blocks.block(me, accounts[1])
    await node.deliver()
    assert {"Delete", "Block"} <= set(kinds(peer, seen_here + 1))
    assert (await node.get(urlsplit(blocked.uri).path, by=bea)).status_code == 404


async def test_what_is_for_some_who_are_not_named_is_received_as_for_members(node: Node, peer: Peer) -> None:
    me, other, third = [await builders.local_account(name) for name in ("me", "other", "third")]
    ann = peer.person("ann")
    account = await Account.get(id=(await follower(node, ann, me)).id)
    for reader in (me, other, third):
        await builders.following(reader, account)
    note = ann.note("For few", to=[me.uri, other.uri], cc=[])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert post.visibility == "members"
    assert [post.id in await builders.home_of(reader) for reader in (me, other, third)] == [True, True, False]
    assert await db.fetch_all("SELECT id FROM conversations", ()) == []
    comment = await posts.publish(me, Draft(text="Fine", parent_id=post.id))
    assert comment.visibility == "members"
    assert [await may_see(reader, comment) for reader in (other, third, account)] == [True, False, True]
