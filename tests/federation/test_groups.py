"""Groups pass on what happens in them (FEP-1b12); what they pass on is read where it lives."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.accounts import Account
from node.models.posts import Post
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.test_received_activities import followed, met


@pytest.fixture
def group(peer: Peer) -> Person:
    return peer.person("birds", type="Group")


@pytest.fixture
def bob(stranger: Peer) -> Person:
    return stranger.person("bob", key=1)


def passing_on(group: Person, activity: dict[str, Any]) -> dict[str, Any]:
    return group.activity("Announce", activity, to=[PUBLIC], cc=[group.followers])


async def shares_of(account: Account) -> list[str]:
    rows = await Post.filter(account_id=account.id, shared_post_id__not_isnull=True).select_related("shared_post")
    return [row.shared_post.uri for row in rows if row.shared_post is not None]


async def test_a_post_in_a_group_is_shown_as_shared_by_it(
    node: Node, stranger: Peer, group: Person, bob: Person
) -> None:
    me = await builders.local_account()
    account = await followed(node, group, me)
    page = stranger.serve(bob.note("<p>true</p>", type="Page", name="Herons", audience=group.uri))
    forged = page | {"name": "Forged"}
    await node.take(passing_on(group, bob.create(forged)), group)
    await node.take(group.activity("Announce", page["id"], to=[PUBLIC], cc=[group.followers]), group)
    assert await shares_of(account) == [page["id"]]
    post = await Post.get(uri=page["id"])
    assert "Herons" in post.content and "Forged" not in post.content
    assert len(await builders.home_of(me)) == 1

    stranger.serve(page | {"name": "Egrets", "updated": "2036-01-01T00:00:00Z"})
    await node.take(passing_on(group, bob.activity("Update", page | {"name": "Forged again"})), group)
    assert "Egrets" in (await builders.fresh(post)).content

    await node.take(passing_on(group, bob.activity("Delete", page["id"])), group)
    assert await Post.filter(uri=page["id"]).exists(), "it is still served where it lives"
    stranger.documents[f"/notes/{page['id'].rpartition('/')[2]}"] = 410
    await node.take(passing_on(group, bob.activity("Delete", page["id"])), group)
    assert not await Post.filter(uri=page["id"]).exists()
    assert await shares_of(account) == []


async def test_a_comment_in_a_group_stands_in_its_thread(
    node: Node, stranger: Peer, group: Person, bob: Person
) -> None:
    account = await followed(node, group, await builders.local_account())
    page = stranger.serve(bob.note(type="Page", name="Herons"))
    comment = stranger.serve(bob.note("<p>Where?</p>", inReplyTo=page["id"]))
    await node.take(passing_on(group, bob.create(page)), group)
    await node.take(passing_on(group, bob.create(comment)), group)
    assert await shares_of(account) == [page["id"]]
    stored = await Post.get(uri=comment["id"]).select_related("parent")
    assert stored.parent is not None and stored.parent.uri == page["id"]


async def test_only_a_group_somebody_follows_passes_activities_on(
    node: Node, peer: Peer, stranger: Peer, group: Person, bob: Person
) -> None:
    ann, me = peer.person("ann", key=2), await builders.local_account()
    await met(node, group)
    page = stranger.serve(bob.note())
    asked = len(stranger.asked)
    await node.take(passing_on(group, bob.create(page)), group)
    await followed(node, ann, me)
    await node.take(passing_on(ann, bob.create(page)), ann)
    assert await node.count("posts") == 0
    assert len(stranger.asked) == asked

    ours = await builders.post(me)
    comment = stranger.serve(bob.note(inReplyTo=ours.uri))
    await node.take(passing_on(group, bob.create(comment)), group)
    assert (await builders.fresh(ours)).comments_count == 1, "an answer to us is for us"
    assert [kind for kind, _, _ in await builders.told(me)] == ["mention"]


async def test_a_like_in_a_group_counts_for_posts_of_ours_if_its_own_server_says_so(
    node: Node, stranger: Peer, group: Person, bob: Person
) -> None:
    me = await builders.local_account()
    await followed(node, group, me)
    ours = await builders.post(me)
    like = bob.activity("Like", ours.uri, id=f"{stranger.origin}/likes/1")
    undo = bob.activity("Undo", like, id=f"{stranger.origin}/undos/1")
    await node.take(passing_on(group, like), group)
    stranger.serve(like | {"object": f"{ours.uri}0"})
    await node.take(passing_on(group, like), group)
    assert (await builders.fresh(ours)).likes_count == 0
    stranger.serve(like)
    await node.take(passing_on(group, like), group)
    await node.take(passing_on(group, like), group)
    assert (await builders.fresh(ours)).likes_count == 1
    await node.take(passing_on(group, undo), group)
    assert (await builders.fresh(ours)).likes_count == 1
    stranger.serve(undo)
    await node.take(passing_on(group, undo), group)
    assert (await builders.fresh(ours)).likes_count == 0


async def test_who_names_a_group_posts_to_it(node: Node, peer: Peer, group: Person) -> None:
    me = await builders.local_account()
    account = await followed(node, group, me)
    post = await builders.post(me, f"A heron for @{group.handle}")
    await node.deliver()
    created = peer.received[-1]
    assert created["type"] == "Create"
    assert created["object"]["audience"] == group.uri
    assert group.uri in created["cc"]
    await node.take(passing_on(group, created), group)
    assert await shares_of(account) == [post.uri]
