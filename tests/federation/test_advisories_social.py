"""What has gone wrong elsewhere, tried here: audiences, follows, suspensions, ownership, endless objects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from federation import resolve
from federation.resolve_errors import ResolveError, Unresolvable
from node import clock
from node.models.accounts import Account
from node.models.posts import Post
from node.services import accounts, follows
from node.services.visibility import may_see
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.test_received_activities import followed, met


@pytest.fixture
def ann(peer: Peer) -> Person:
    return peer.person("ann")


@pytest.fixture
def eve(peer: Peer) -> Person:
    """Somebody else on the same server."""
    return peer.person("eve", key=1)


@pytest.fixture
def mallory(stranger: Peer) -> Person:
    """Somebody on another server."""
    return stranger.person("mallory", key=2)


def later() -> str:
    return (clock.now() + timedelta(minutes=1)).isoformat()


async def test_no_crafted_activity_widens_the_audience_of_a_stored_post(
    node: Node, peer: Peer, ann: Person, eve: Person, mallory: Person
) -> None:
    """CVE-2024-37903."""
    reader, outsider = await builders.local_account(), await builders.local_account()
    await followed(node, ann, reader)
    await followed(node, eve, outsider)
    await met(node, mallory)
    note = ann.note("<p>For few</p>", to=[ann.followers], cc=[])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    mention = [{"type": "Mention", "href": outsider.uri, "name": f"@{outsider.username}@here.example"}]
    wide = note | {"to": [PUBLIC], "cc": [outsider.uri], "tag": mention}
    for by, activity in (
        (ann, ann.create(wide)),
        (ann, ann.activity("Update", wide | {"updated": later()}, to=[PUBLIC])),
        (ann, ann.activity("Announce", wide, to=[PUBLIC], cc=[outsider.uri])),
        (eve, eve.activity("Announce", note["id"], to=[PUBLIC])),
        (eve, eve.activity("Create", wide, to=[outsider.uri])),
        (mallory, mallory.activity("Create", wide, to=[outsider.uri])),
        (mallory, mallory.activity("Like", wide, to=[PUBLIC], cc=[outsider.uri])),
    ):
        await node.take(activity, by)
    post = await builders.fresh(post)
    assert post.visibility == "followers"
    assert await may_see(reader, post)
    assert not await may_see(outsider, post)
    assert not await may_see(None, post)
    assert await node.count("mentions", "post_id = ?", post.id) == 0
    assert await builders.told(outsider) == []


async def test_a_deletion_goes_by_the_owner_not_by_the_id(
    node: Node, peer: Peer, ann: Person, eve: Person, mallory: Person
) -> None:
    """Hollo 0.8.2."""
    me = await builders.local_account()
    await followed(node, ann, me)
    ours, note = await builders.post(me), peer.serve(ann.note())
    await node.take(ann.create(note), ann)
    for by in (eve, mallory):
        for what in (note["id"], {"id": note["id"], "type": "Tombstone", "attributedTo": by.uri}, ours.uri, ann.uri):
            await node.take(by.activity("Delete", what), by)
        for what in ([note["id"], by.uri], {"type": "Tombstone", "url": note["id"]}):
            await node.receive(by.activity("Delete", what), by)
            await node.process()
    assert await node.count("posts") == 2
    assert (await Account.get(uri=ann.uri)).suspended_at is None


async def test_an_update_creates_no_post_of_somebody_else(
    node: Node, peer: Peer, ann: Person, eve: Person, mallory: Person
) -> None:
    """Hollo 0.8.3."""
    me = await builders.local_account()
    await followed(node, ann, me)
    for by in (eve, mallory):
        await followed(node, by, me)
        for note in (
            ann.note("<p>forged</p>"),
            ann.note("<p>forged</p>", id=f"{by.origin}/notes/x"),
            by.note("<p>forged</p>", id=f"{peer.origin}/notes/y", attributedTo=[ann.uri, by.uri]),
            by.note("<p>forged</p>", id="http://here.example/ap/posts/12345", attributedTo=me.uri),
        ):
            await node.take(by.activity("Update", note | {"updated": clock.now().isoformat()}), by)
    written = {post.account_id for post in await Post.all()}
    assert (await Account.get(uri=ann.uri)).id not in written
    assert me.id not in written


async def test_what_is_embedded_in_a_share_is_not_kept(
    node: Node, peer: Peer, ann: Person, eve: Person, mallory: Person
) -> None:
    """Hollo 0.8.5."""
    me = await builders.local_account()
    await followed(node, mallory, me)
    await met(node, ann)
    for embedded in (
        ann.note("<p>never written</p>"),
        mallory.note("<p>never served</p>"),
        ann.note("<p>ours?</p>", id="http://here.example/ap/posts/99", attributedTo=me.uri),
    ):
        await node.take(mallory.activity("Announce", embedded, to=[PUBLIC], cc=[mallory.followers]), mallory)
    assert await node.count("posts") == 0


async def test_a_follow_of_a_locked_account_elsewhere_is_not_accepted_here(
    node: Node, peer: Peer, ann: Person, eve: Person
) -> None:
    """CVE-2025-30741."""
    me, friend = await builders.local_account(), await builders.local_account()
    account = await followed(node, ann, friend)
    for locked in (True, False):
        ann.extra["manuallyApprovesFollowers"] = locked
        await resolve.refresh(ann.uri)
        follow = await follows.follow(me, await builders.fresh(account))
        assert not follow.accepted
    await follows.follow(me, await builders.fresh(account), notify=True)
    with pytest.raises(Exception, match="not found"):
        await follows.accept(await builders.fresh(account), me.id)
    forged = {"id": follow.uri, "type": "Follow", "actor": me.uri, "object": ann.uri}
    await met(node, eve)
    await node.take(eve.activity("Accept", forged), eve)
    await node.take(eve.activity("Accept", follow.uri), eve)
    note = ann.note(to=[ann.followers], cc=[])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert not (await builders.fresh(follow)).accepted
    assert await may_see(friend, post)
    assert not await may_see(me, post)
    assert await builders.home_of(me) == []
    assert await builders.told(me) == []


async def test_somebody_suspended_here_comes_back_by_no_other_path(
    node: Node, peer: Peer, stranger: Peer, ann: Person, eve: Person
) -> None:
    """GHSA-5h2f-wg8j-xqwp."""
    me = await builders.local_account()
    await followed(node, eve, me)
    ours = await builders.post(me)
    account = await followed(node, ann, me)
    note = peer.serve(ann.note("<p>kept out</p>"))
    await Account.filter(id=account.id).update(suspended_at=clock.now())
    answer = peer.serve(eve.note(inReplyTo=note["id"]))

    await node.take(eve.activity("Announce", note["id"], to=[PUBLIC]), eve)
    await node.take(eve.create(answer), eve)
    for wanted in (note["id"],):
        with pytest.raises(ResolveError):
            await resolve.resolve_post(wanted)
    for activity in (
        ann.create(ann.note(inReplyTo=ours.uri)),
        ann.activity("Like", ours.uri),
        ann.follow(me.uri),
        ann.activity("Update", ann.document()),
        ann.activity("Move", ann.uri, target=eve.uri),
    ):
        await node.take(activity, ann)
    assert not await Post.filter(account_id=account.id).exists()
    assert (await builders.fresh(ours)).likes_count == 0
    assert (await resolve.refresh(ann.uri)).suspended_at is not None

    await node.take(ann.activity("Delete", ann.uri), ann)
    assert (await resolve.refresh(ann.uri)).suspended_at is not None
    peer.documents["/users/ann"] = 410
    with pytest.raises(ResolveError):
        await resolve.refresh(ann.uri)
    again = peer.person("ann2", key=3, preferredUsername="ann")
    peer.handles[f"ann@{peer.host}"] = again.uri
    with pytest.raises(Unresolvable):
        await resolve.resolve_actor(again.uri)
    assert (await node.receive(again.follow(me.uri), again)).status_code == 401
    del peer.documents["/users/ann"]
    peer.handles.clear()
    assert (await resolve.refresh(ann.uri)).suspended_at is not None
    holder = await accounts.by_handle("ann", peer.host)
    assert holder is not None and holder.id == account.id


async def test_endless_objects_end(node: Node, peer: Peer, ann: Person) -> None:
    """PeerTube, CVE-2025-32947: an inbox that follows an object into itself."""
    me = await builders.local_account()
    await followed(node, ann, me)
    loop, first, second = (f"{peer.origin}/notes/{name}" for name in ("loop", "first", "second"))
    peer.serve(ann.note(id=loop, inReplyTo=loop))
    peer.serve(ann.note(id=first, inReplyTo=second))
    peer.serve(ann.note(id=second, inReplyTo=first))
    peer.serve(ann.activity("Announce", f"{peer.origin}/a/1", id=f"{peer.origin}/a/1", to=[PUBLIC]))

    def nested(kind: str, depth: int) -> dict[str, Any]:
        inner: Any = ann.uri
        for _ in range(depth):
            inner = ann.activity(kind, inner, to=[PUBLIC])
        return inner  # type: ignore[no-any-return]

    for activity in (
        *(ann.activity("Announce", uri, to=[PUBLIC]) for uri in (loop, first, f"{peer.origin}/a/1")),
        *(nested(kind, 9) for kind in ("Announce", "Undo", "Create", "Accept", "Delete", "Update", "Flag", "Move")),
        ann.activity("Undo", ann.activity("Undo", ann.activity("Like", ann.uri))),
    ):
        await node.take(activity, ann)
    assert (await node.receive(nested("Undo", 40), ann)).status_code == 400
    assert len(peer.asked) < 60
    assert await node.count("jobs", "state = 'failed' OR (state = 'waiting' AND queue = 'inbox')") == 0


async def test_what_is_fetched_belongs_to_where_it_was_fetched(
    node: Node, peer: Peer, stranger: Peer, ann: Person, mallory: Person
) -> None:
    """Misskey CVE-2023-49079."""
    me = await builders.local_account()
    await followed(node, mallory, me)
    await met(node, ann)
    for number, forged in enumerate(
        (
            ann.note("<p>forged</p>"),
            ann.note("<p>forged</p>", id=f"{stranger.origin}/notes/f1"),
            mallory.note("<p>forged</p>", id=f"{stranger.origin}/notes/f2", attributedTo=ann.uri),
            ann.document(),
        )
    ):
        stranger.documents[f"/notes/f{number}"] = forged
        uri = f"{stranger.origin}/notes/f{number}"
        await node.take(mallory.activity("Announce", uri, to=[PUBLIC]), mallory)
        await node.take(mallory.activity("Create", uri, to=[PUBLIC]), mallory)
    assert not await Post.filter(account__uri=ann.uri).exists()
    stranger.documents["/users/ann"] = ann.document() | {"movedTo": mallory.uri, "name": "Forged"}
    for uri in (f"{stranger.origin}/users/ann",):
        with pytest.raises(ResolveError):
            await resolve.resolve_actor(uri)
    account = await Account.get(uri=ann.uri)
    assert (account.display_name, account.moved_to_uri) == ("Ann", None)
