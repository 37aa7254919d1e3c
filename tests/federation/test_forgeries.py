"""Speaking for others: every way of it is refused and changes nothing (federation reference §13, rules 1–3 and 7)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from federation import fetching, resolve
from federation.fetching import NeedsNetwork
from federation.resolve_errors import Gone, ResolveError, TryLater, Unresolvable
from node import clock, db
from node.models.accounts import Account
from node.models.posts import Post
from node.services import accounts, domains
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.peers import response
from tests.federation.test_received_activities import followed, met


@pytest.fixture
async def ann(node: Node, peer: Peer) -> Person:
    """Somebody over there whom somebody here follows, so that her posts are welcome."""
    person = peer.person("ann")
    await followed(node, person, await builders.local_account())
    return person


@pytest.fixture
async def eve(node: Node, peer: Peer) -> Person:
    """Somebody else on the same host, followed too, with a key of her own."""
    person = peer.person("eve", key=1)
    await followed(node, person, await builders.local_account())
    return person


async def posted(node: Node, ann: Person, **values: Any) -> Post:
    note = ann.note(**values)
    await node.take(ann.create(note), ann)
    return await Post.get(uri=note["id"])


async def test_a_post_of_another_actor_is_not_taken_from_the_sender(node: Node, ann: Person, eve: Person) -> None:
    note = ann.note()
    await node.take(eve.activity("Create", note, to=[PUBLIC]), eve)
    assert await node.count("posts") == 0


async def test_a_post_on_another_host_than_the_sender_is_not_taken(node: Node, ann: Person, stranger: Peer) -> None:
    for note in (
        ann.note(id=f"{stranger.origin}/notes/1"),
        ann.note(id=f"{stranger.origin}/notes/1", attributedTo=f"{stranger.origin}/users/bob"),
        ann.note(id="http://here.example/ap/posts/77"),
        {key: value for key, value in ann.note().items() if key != "id"},
    ):
        await node.take(ann.activity("Create", note, to=[PUBLIC]), ann)
    assert await node.count("posts") == 0


async def test_an_edit_by_another_than_the_author_changes_nothing(node: Node, ann: Person, eve: Person) -> None:
    post = await posted(node, ann)
    later = (clock.now() + timedelta(minutes=1)).isoformat()
    changed = ann.note(id=post.uri, content="<p>forged</p>", updated=later)
    await node.take(eve.activity("Update", changed), eve)
    await node.take(eve.activity("Update", changed | {"attributedTo": eve.uri}), eve)
    post = await builders.fresh(post)
    assert post.content == "<p>A grebe</p>"
    assert post.account_id == (await Account.get(uri=ann.uri)).id


async def test_an_edit_cannot_touch_a_post_of_ours(node: Node, ann: Person) -> None:
    ours = await builders.post(await builders.local_account(), "ours")
    await node.take(ann.activity("Update", ann.note(id=ours.uri, content="<p>forged</p>")), ann)
    await node.take(ann.activity("Delete", ours.uri), ann)
    assert "ours" in (await builders.fresh(ours)).content


async def test_a_deletion_by_another_than_the_author_changes_nothing(
    node: Node, peer: Peer, ann: Person, eve: Person, stranger: Peer
) -> None:
    note = peer.serve(ann.note())
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    bob = stranger.person("bob", key=2)
    await node.take(eve.activity("Delete", post.uri), eve)
    await node.take(bob.activity("Delete", {"id": post.uri, "type": "Tombstone"}), bob)
    assert await node.count("posts") == 1
    assert await node.count("tombstones") == 0


async def test_an_account_is_deleted_or_updated_by_nobody_else(node: Node, ann: Person, eve: Person) -> None:
    await node.take(eve.activity("Delete", ann.uri), eve)
    await node.take(eve.activity("Update", ann.document() | {"name": "forged"}), eve)
    account = await Account.get(uri=ann.uri)
    assert (account.suspended_at, account.display_name) == (None, "Ann")


async def test_nobody_undoes_what_another_did(node: Node, ann: Person, eve: Person) -> None:
    ours = await builders.post(await builders.local_account())
    like = ann.activity("Like", ours.uri)
    announce = ann.activity("Announce", ours.uri, to=[PUBLIC], cc=[])
    for activity in (like, announce):
        await node.take(activity, ann)
    for inner in (like, announce, like["id"], announce["id"], like | {"actor": eve.uri}):
        await node.take(eve.activity("Undo", inner), eve)
    ours = await builders.fresh(ours)
    assert (ours.likes_count, ours.shares_count) == (1, 1)


async def test_a_comments_audience_is_not_wider_than_that_of_its_post(node: Node, ann: Person) -> None:
    me = await builders.local_account()
    await builders.following(await Account.get(uri=ann.uri), me)
    post = await builders.post(me, visibility="followers")
    note = ann.note(inReplyTo=post.uri)
    await node.take(ann.create(note), ann)
    assert (await Post.get(uri=note["id"])).visibility == "followers"


async def test_a_post_that_may_not_be_seen_is_neither_liked_nor_shared_nor_commented(node: Node, ann: Person) -> None:
    hidden = await builders.post(await builders.local_account(), visibility="followers")
    note = ann.note(inReplyTo=hidden.uri)
    await node.take(ann.activity("Like", hidden.uri), ann)
    await node.take(ann.activity("Announce", hidden.uri, to=[PUBLIC], cc=[]), ann)
    await node.take(ann.create(note), ann)
    hidden = await builders.fresh(hidden)
    assert (hidden.likes_count, hidden.shares_count, hidden.comments_count) == (0, 0, 0)


async def test_a_followers_only_post_of_theirs_is_not_shared_to_everyone(node: Node, ann: Person, eve: Person) -> None:
    post = await posted(node, ann, to=[ann.followers], cc=[])
    await node.take(eve.activity("Announce", post.uri, to=[PUBLIC], cc=[]), eve)
    assert (await builders.fresh(post)).shares_count == 0


async def test_somebody_suspended_meanwhile_does_nothing_more(node: Node, ann: Person) -> None:
    ours = await builders.post(await builders.local_account())
    await node.receive(ann.activity("Like", ours.uri), ann)
    await Account.filter(uri=ann.uri).update(suspended_at=clock.now())
    await node.process()
    assert (await builders.fresh(ours)).likes_count == 0


# Fetched documents.


@pytest.mark.parametrize("field", ["id", "inbox", "preferredUsername", "publicKey"])
async def test_a_broken_actor_is_not_stored(node: Node, peer: Peer, field: str) -> None:
    bad: dict[str, Any] = {"id": None, "inbox": "ftp://x", "preferredUsername": "a b", "publicKey": {"id": "x"}}
    ann = peer.person("ann", **{field: bad[field]})
    with pytest.raises(Unresolvable):
        await resolve.resolve_actor(ann.uri)
    assert await node.count("accounts", "domain <> ''") == 0


async def test_an_actor_is_believed_only_for_its_own_id(node: Node, peer: Peer, stranger: Peer) -> None:
    bob = stranger.person("bob")
    peer.documents["/users/bob"] = bob.document()
    with pytest.raises(Unresolvable, match="another host"):
        await resolve.resolve_actor(f"{peer.origin}/users/bob")
    assert await node.count("accounts", "domain <> ''") == 0


async def test_a_redirect_to_another_host_does_not_lend_its_name(node: Node, peer: Peer, stranger: Peer) -> None:
    bob = stranger.person("bob")
    location = bob.uri.encode()
    peer.documents["/users/bob"] = b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    account = await resolve.resolve_actor(f"{peer.origin}/users/bob")
    assert (account.uri, account.domain) == (bob.uri, stranger.host)
    assert await node.count("accounts", "uri = ?", f"{peer.origin}/users/bob") == 0


async def test_a_handle_must_lead_back_to_its_actor(node: Node, peer: Peer) -> None:
    ann, eve = peer.person("ann"), peer.person("eve")
    eve.extra["preferredUsername"] = "ann"
    with pytest.raises(Unresolvable, match="WebFinger names another actor"):
        await resolve.resolve_actor(eve.uri)
    assert (await resolve.resolve_actor(ann.uri)).username == "ann"


async def test_a_handle_of_another_domain_must_be_confirmed_there(node: Node, peer: Peer, stranger: Peer) -> None:
    eve = peer.person("eve", webfinger=f"boss@{stranger.host}")
    with pytest.raises(ResolveError):
        await resolve.resolve_actor(eve.uri)
    stranger.handles[f"boss@{stranger.host}"] = eve.uri
    account = await resolve.resolve_actor(eve.uri)
    assert (account.username, account.domain) == ("boss", stranger.host)


async def test_our_own_ids_and_handles_are_looked_up_never_fetched(node: Node, peer: Peer) -> None:
    me = await builders.local_account("me")
    post = await builders.post(me)
    assert (await resolve.resolve_actor(me.uri)).id == me.id
    assert (await resolve.resolve_handle("@Me@here.example")).id == me.id
    assert (await resolve.resolve_post(post.uri)).id == post.id
    for uri in ("http://here.example/ap/users/1", "http://here.example/actor2"):
        with pytest.raises(Unresolvable):
            await resolve.resolve_actor(uri)
    with pytest.raises(Unresolvable):
        await resolve.refresh(me.uri)
    with pytest.raises(Unresolvable):
        await resolve.resolve_post("http://here.example/ap/posts/1")


async def test_an_actor_that_claims_to_be_ours_is_refused(node: Node, peer: Peer) -> None:
    me = await builders.local_account("me")
    peer.documents["/users/me"] = peer.person("me").document() | {"id": me.uri}
    with pytest.raises(Unresolvable):
        await resolve.resolve_actor(f"{peer.origin}/users/me")
    eve = peer.person("eve", webfinger="me@here.example")
    with pytest.raises(ResolveError):
        await resolve.resolve_actor(eve.uri)


async def test_a_suspended_domain_is_never_asked(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    await domains.block(peer.host)
    for wanted in (
        resolve.resolve_actor(ann.uri),
        resolve.resolve_handle(ann.handle),
        resolve.resolve_post(f"{peer.origin}/n/1"),
    ):
        with pytest.raises(Unresolvable, match="suspended"):
            await wanted
    bob.extra["inbox"] = f"{peer.origin}/inbox"
    with pytest.raises(Unresolvable, match="suspended"):
        await resolve.resolve_actor(bob.uri)
    assert peer.asked == []


async def test_a_redirect_into_a_suspended_domain_is_refused(node: Node, peer: Peer, stranger: Peer) -> None:
    bob = stranger.person("bob")
    peer.documents["/users/x"] = b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + bob.uri.encode() + b"\r\n\r\n"
    await domains.block(stranger.host)
    with pytest.raises(Unresolvable, match="suspended"):
        await resolve.resolve_actor(f"{peer.origin}/users/x")


async def test_a_fetched_post_whose_author_is_elsewhere_is_refused(node: Node, peer: Peer, stranger: Peer) -> None:
    bob = stranger.person("bob")
    note = peer.serve(bob.note() | {"id": f"{peer.origin}/notes/forged"})
    with pytest.raises(Unresolvable):
        await resolve.resolve_post(note["id"])
    assert await node.count("posts") == 0


async def test_a_file_that_looks_like_a_document_is_refused(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    peer.documents["/media/1.json"] = response(200, json.dumps(ann.document()).encode(), "application/json")
    with pytest.raises(Unresolvable):
        await resolve.resolve_actor(f"{peer.origin}/media/1.json")


async def test_a_budget_ends_fetching(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    with pytest.raises(Unresolvable, match="too much"):
        await resolve.resolve_actor(ann.uri, budget=fetching.Budget(1))


async def test_nothing_is_fetched_inside_a_transaction(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    async with db.transaction():
        with pytest.raises(NeedsNetwork):
            await resolve.resolve_actor(ann.uri)
        with pytest.raises(NeedsNetwork):
            await resolve.resolve_handle(ann.handle)
        with pytest.raises(NeedsNetwork):
            await resolve.resolve_post(f"{peer.origin}/notes/1")
    assert peer.asked == []


async def test_those_who_want_the_same_actor_share_one_fetch(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    found = await asyncio.gather(*(resolve.resolve_actor(ann.uri) for _ in range(10)))
    assert len({account.id for account in found}) == 1
    assert peer.asked.count("/users/ann") == 1


async def test_a_known_actor_is_asked_again_only_when_stale_and_kept_when_its_host_is_down(
    node: Node, peer: Peer
) -> None:
    ann = peer.person("ann")
    account = await resolve.resolve_actor(ann.uri)
    await resolve.resolve_actor(ann.uri)
    assert peer.asked.count("/users/ann") == 1
    await Account.filter(id=account.id).update(fetched_at=clock.now() - timedelta(hours=30))
    peer.documents["/users/ann"] = 503
    assert (await resolve.resolve_actor(ann.uri)).id == account.id
    with pytest.raises(TryLater):
        await resolve.refresh(ann.uri)
    peer.documents["/users/ann"] = 410
    with pytest.raises(Gone):
        await resolve.refresh(ann.uri)
    gone = await accounts.by_uri(ann.uri)
    assert gone is None or gone.suspended_at is not None


async def test_a_handle_passes_on_only_when_its_holder_is_gone(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    old = await resolve.resolve_actor(ann.uri)
    new = peer.person("ann2", preferredUsername="ann")
    peer.handles[f"ann@{peer.host}"] = new.uri
    with pytest.raises(Unresolvable):
        await resolve.resolve_actor(new.uri)
    peer.documents["/users/ann"] = 410
    assert (await resolve.resolve_actor(new.uri)).id != old.id


async def test_a_handle_that_is_not_one_is_refused(node: Node) -> None:
    for handle in ("", "@", "a@b@c", "a/b@x.example", "nobody", "a@/x"):
        with pytest.raises(Unresolvable):
            await resolve.resolve_handle(handle)


async def test_the_person_met_is_known_by_handle_too(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    account = await met(node, ann)
    assert (await resolve.resolve_handle(f"acct:{ann.handle}")).id == account.id
