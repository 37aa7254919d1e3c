"""What one server passes on of another's actor, what we attest for others to pass on, and replies we forward."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from activitypub.parse import parse_actor
from activitypub.signatures import SigningKey, VerificationKey, encode_multikey, generate_ed25519_key
from activitypub.signatures.integrity_proofs import add_proof, proof_key_id, verify_proof
from activitypub.signatures.linked_data import sign_linked_data, signature_key_id, verify_linked_data
from federation.inbound import attested
from node import clock, db
from node.models.accounts import Account
from node.models.posts import Post
from node.services import domains, follows, posts, shares
from node.services.posts import Draft, Edit
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer, Person
from tests.federation.test_received_activities import followed, met

PROOF_CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v1"]


def signed(document: dict[str, Any], by: Person, *, age: timedelta = timedelta(0)) -> dict[str, Any]:
    """With the linked data signature Mastodon makes."""
    return sign_linked_data(document, by.signing_key, clock.now() - age)


def with_proof_key(person: Person) -> SigningKey:
    """Let somebody publish a key that proves documents (FEP-521a)."""
    pem = generate_ed25519_key()
    key = SigningKey.from_pem(f"{person.uri}#ed25519-key", pem)
    person.extra["assertionMethod"] = [
        {"id": key.key_id, "type": "Multikey", "controller": person.uri, "publicKeyMultibase": encode_multikey(pem)}
    ]
    return key


def proven(document: dict[str, Any], key: SigningKey, *, age: timedelta = timedelta(0)) -> dict[str, Any]:
    return add_proof({**document, "@context": PROOF_CONTEXT}, key, clock.now() - age)


async def known(uri: str) -> bool:
    return await Post.exists(uri=uri)


async def test_a_reply_passed_on_counts_when_its_author_signed_the_document(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    mine = await builders.post(await builders.local_account())
    note = bob.note(inReplyTo=mine.uri, tag=[{"type": "Hashtag", "name": "#heron", "href": f"{bob.origin}/t/heron"}])
    await node.take(signed(bob.create(note), bob), ann)
    reply = await Post.get(uri=note["id"]).select_related("account")
    assert (reply.account.uri, reply.parent_id, reply.content) == (bob.uri, mine.id, "<p>A grebe</p>")
    await node.take(signed(bob.activity("Delete", note["id"]), bob), ann)
    assert not await known(note["id"])


async def test_a_proof_counts_like_a_signature(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    key = with_proof_key(bob)
    mine = await builders.post(await builders.local_account())
    note = bob.note(inReplyTo=mine.uri)
    await node.take(proven(bob.create(note), key), ann)
    assert await known(note["id"])
    changed = {**note, "content": "<p>A heron</p>", "updated": (clock.now() + timedelta(seconds=5)).isoformat()}
    await node.take(proven(bob.activity("Update", changed), key), ann)
    assert (await Post.get(uri=note["id"])).content == "<p>A heron</p>"
    # The key that signs requests proves nothing, nor does that of a bystander.
    eve = stranger.person("eve", key=2)
    forged = {**note, "content": "<p>forged</p>", "updated": (clock.now() + timedelta(seconds=9)).isoformat()}
    stranger.serve(changed)
    for bad in (
        proven(bob.activity("Update", forged), with_proof_key(eve)),
        proven(bob.activity("Update", forged), SigningKey.from_pem(key.key_id, generate_ed25519_key())),
        {**proven(bob.activity("Update", changed), key), "object": forged},
    ):
        await node.take(bad, ann)
    assert (await Post.get(uri=note["id"])).content == "<p>A heron</p>"


async def test_what_is_not_signed_inside_is_looked_up_at_its_origin(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    mine = await builders.post(await builders.local_account())
    note = stranger.serve(bob.note("<p>As it is</p>", inReplyTo=mine.uri))
    forged = bob.create({**note, "content": "<p>forged</p>"}) | {"signature": {"type": "RsaSignature2017"}}
    await node.take(forged, ann)
    assert (await Post.get(uri=note["id"])).content == "<p>As it is</p>"
    stranger.serve({**note, "content": "<p>Edited</p>", "updated": (clock.now() + timedelta(seconds=5)).isoformat()})
    await node.take(bob.activity("Update", {**note, "content": "<p>forged</p>"}) | {"proof": {}}, ann)
    assert (await Post.get(uri=note["id"])).content == "<p>As it is</p>", "once an hour at most"
    deletion = signed(bob.activity("Delete", note["id"]), ann)
    await db.execute("DELETE FROM jobs")
    await node.take(deletion, ann)
    assert (await Post.get(uri=note["id"])).content == "<p>Edited</p>", "it is still there"
    stranger.documents[note["id"].removeprefix(stranger.origin)] = 410
    await db.execute("DELETE FROM jobs")
    await node.take(deletion, ann)
    assert not await known(note["id"])


async def test_a_private_post_is_not_deleted_because_its_origin_hides_it_from_the_node(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    await followed(node, bob, await builders.local_account())
    private, public = bob.note(to=[bob.followers], cc=[]), bob.note()
    for note in (private, public):
        await node.take(bob.create(note), bob)
        await node.take(bob.activity("Delete", note["id"]) | {"signature": {}}, ann)
    assert (await known(private["id"]), await known(public["id"])) == (True, False)


async def test_what_does_not_matter_here_makes_us_ask_nobody(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    note = stranger.serve(bob.note())
    for kind in ("Create", "Update", "Delete", "Like"):
        await node.take(bob.activity(kind, note) | {"signature": {}}, ann)
    assert stranger.asked == []


async def test_an_old_signature_is_not_played_again(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    reader = await builders.local_account()
    await followed(node, bob, reader)
    mine = await builders.post(reader)
    share = bob.activity("Announce", mine.uri, to=["https://www.w3.org/ns/activitystreams#Public"])
    await node.take(signed(share, bob, age=timedelta(days=30)), ann)
    assert not await known(share["id"])
    await node.take(signed(bob.follow(reader.uri), bob), ann)
    assert await node.count("follows", "target_id = ?", reader.id) == 0, "nobody passes on a Follow"
    await node.take(signed(share, bob), ann)
    assert await known(share["id"])


async def test_whoever_is_suspended_passes_nothing_on_and_nothing_of_theirs_is(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    mine = await builders.post(await builders.local_account())
    note = bob.note(inReplyTo=mine.uri)
    await Account.filter(id=(await met(node, ann)).id).update(suspended_at=clock.now())
    await node.take(signed(bob.create(note), bob), ann)
    assert not await known(note["id"])
    await domains.block(stranger.host.partition(":")[0])
    assert (await node.receive(signed(bob.create(note), bob), ann)).status_code == 403


async def test_public_activities_are_attested_twice_and_others_never(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    ann = peer.person("ann")
    await builders.following(await met(node, ann), me)
    public = await builders.post(me, "For all")
    await node.deliver()
    await posts.edit(me, public.id, Edit(text="For all of you"))
    await shares.share(me, (await builders.post(await builders.local_account())).id)
    await node.deliver()
    await posts.delete(me, public.id)
    for visibility in ("followers", "direct"):
        post = await posts.publish(me, Draft(text=f"@{ann.handle} for you", visibility=visibility))
        await node.deliver()
        await posts.delete(me, post.id)
        await node.deliver()
    actor = parse_actor(json.loads(await (await node.get(me.uri.removeprefix("http://here.example"))).get_data()))
    [rsa] = [VerificationKey.from_pem(key.id, key.pem) for key in actor.public_keys]
    [ed25519] = [VerificationKey.from_multikey(key.id, key.public_key_multibase) for key in actor.assertion_methods]
    attested = [document for document in peer.received if "signature" in document]
    assert [document["type"] for document in attested] == ["Create", "Update", "Announce", "Delete"]
    for document in attested:
        assert (proof_key_id(document), signature_key_id(document)) == (ed25519.key_id, rsa.key_id)
        assert verify_proof(document, ed25519, clock.now())["id"] == document["id"]
        assert verify_linked_data(document, rsa)["id"] == document["id"]
    private = [document for document in peer.received if "signature" not in document and document["type"] != "Accept"]
    assert [document["type"] for document in private] == ["Create", "Delete", "Create", "Delete"]
    assert all("proof" not in document for document in private)


async def test_accounts_older_than_proofs_get_their_key_with_their_first_post(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    await db.execute("DELETE FROM actor_keys WHERE purpose = 'assertion'")
    await builders.following(await met(node, peer.person("ann")), me)
    await builders.post(me)
    await node.deliver()
    assert proof_key_id(peer.received[-1]) == f"{me.uri}#ed25519-key"
    assert await node.count("actor_keys", "account_id = ? AND purpose = 'assertion'", me.id) == 1


@pytest.fixture
async def conversation(node: Node, peer: Peer, stranger: Peer) -> tuple[Person, Person, Account, Post]:
    """Somebody here, followed from `stranger`, with a post that somebody of `peer` can answer."""
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    me = await builders.local_account()
    await builders.following(await met(node, bob), me)
    await met(node, ann)
    mine = await builders.post(me)
    await node.deliver()
    return ann, bob, me, mine


async def test_a_signed_reply_is_forwarded_as_it_came_to_the_followers_of_the_answered(
    node: Node, peer: Peer, stranger: Peer, conversation: tuple[Person, Person, Account, Post]
) -> None:
    ann, _, me, mine = conversation
    await builders.following(await Account.get(uri=ann.uri), me)
    note = ann.note(inReplyTo=mine.uri)
    for activity in (signed(ann.create(note), ann), signed(ann.activity("Delete", note["id"]), ann)):
        await node.take(activity, ann)
        await node.deliver()
        assert stranger.received[-1] == activity
        assert f'keyId="{me.uri}#main-key"' in stranger.posted[-1].headers["signature"]
        assert activity not in peer.received, "its own server has it"


async def test_the_deletion_of_a_forwarded_reply_is_forwarded_though_what_it_answered_is_gone(
    node: Node, peer: Peer, stranger: Peer, conversation: tuple[Person, Person, Account, Post]
) -> None:
    ann, _, me, mine = conversation
    note = ann.note(inReplyTo=mine.uri)
    await node.take(signed(ann.create(note), ann), ann)
    await posts.delete(me, mine.id)
    await node.deliver()
    deletion = signed(ann.activity("Delete", note["id"]), ann)
    await node.take(deletion, ann)
    await node.deliver()
    assert stranger.received[-1] == deletion


@pytest.mark.parametrize("has_other_followers", [True, False])
async def test_what_becomes_of_a_forwarded_reply_is_forwarded_to_who_follows_no_more(
    node: Node,
    peer: Peer,
    stranger: Peer,
    conversation: tuple[Person, Person, Account, Post],
    has_other_followers: bool,
) -> None:
    ann, bob, me, mine = conversation
    note = ann.note(inReplyTo=mine.uri)
    await node.take(signed(ann.create(note), ann), ann)
    if has_other_followers:
        await builders.following(await Account.get(uri=ann.uri), me)
    await follows.remove_follower(me, await Account.get(uri=bob.uri))
    later = (clock.now() + timedelta(seconds=5)).isoformat()
    edit = signed(ann.activity("Update", note | {"content": "<p>edited</p>", "updated": later}, to=note["to"]), ann)
    for activity in (edit, signed(ann.activity("Delete", note["id"]), ann)):
        await node.take(activity, ann)
        await node.deliver()
        assert stranger.received[-1] == activity
    before = len(stranger.received)
    await node.take(signed(ann.create(ann.note(inReplyTo=mine.uri)), ann), ann)
    await node.deliver()
    assert len(stranger.received) == before, "what is new is for those who follow"


async def test_what_is_forwarded_is_public_and_its_signature_holds(
    node: Node, stranger: Peer, conversation: tuple[Person, Person, Account, Post]
) -> None:
    ann, _, _, mine = conversation
    before = len(stranger.received)
    private = ann.note(inReplyTo=mine.uri, to=[ann.followers, mine.uri], cc=[])
    unsigned, broken = ann.note(inReplyTo=mine.uri), ann.note(inReplyTo=mine.uri)
    await node.take(signed(ann.create(private), ann), ann)
    await node.take(ann.create(unsigned), ann)
    forged = signed(ann.create(broken), ann)
    forged["object"] = {**broken, "content": "<p>other</p>"}
    await node.take(forged, ann)
    assert await known(unsigned["id"])
    assert await known(broken["id"]), "its own delivery counts whatever the document says"
    await node.deliver()
    assert len(stranger.received) == before


async def test_a_proven_activity_signed_with_ed25519_over_http_is_accepted(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    key = with_proof_key(ann)
    me = await builders.local_account()
    answer = await node.receive(ann.follow(me.uri), ann, key=key, rfc9421=True)
    assert answer.status_code == 202


async def test_who_passes_on_much_that_does_not_hold_is_not_checked_for_a_while(
    node: Node, peer: Peer, stranger: Peer, held_clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    mine = await builders.post(await builders.local_account())
    monkeypatch.setattr(attested, "FAILURES_PER_MINUTE", 3)
    for _ in range(3):
        forged = signed(bob.create(bob.note()), bob) | {"summary": "added"}
        assert (await node.receive(forged, ann)).status_code == 202
    note = bob.note(inReplyTo=mine.uri)
    good = signed(bob.create(note), bob)
    await node.take(good, ann)
    assert not await known(note["id"])
    held_clock.advance(61)
    await node.take(good, ann)
    assert await known(note["id"])
