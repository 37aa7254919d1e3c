"""The door: what is accepted, what is refused, with which answer, and that a refusal changes nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from activitypub.signatures import SigningKey
from federation.inbound import receive
from node import db
from node.models.accounts import Account
from node.services import domains
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer, Person, key_number, signed_post_headers


async def stored(node: Node) -> int:
    """How many activities were accepted for good."""
    return await node.count("jobs", "kind = ?", receive.KIND)


async def test_a_signed_activity_is_answered_202_and_is_durable_before_that(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    answer = await node.receive(ann.activity("Like", "http://here.example/ap/posts/1"), ann)
    assert answer.status_code == 202
    assert await stored(node) == 1


async def test_a_signature_of_rfc_9421_is_accepted_too(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    answer = await node.receive(ann.activity("Like", "http://here.example/ap/posts/1"), ann, rfc9421=True)
    assert answer.status_code == 202


async def test_the_same_activity_in_two_inboxes_is_stored_once(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    create = ann.create(ann.note())
    for path in ("/inbox", f"/ap/users/{me.id}/inbox", "/inbox"):
        assert (await node.receive(create, ann, path=path)).status_code == 202
    assert await stored(node) == 1


async def test_many_requests_at_once_are_each_stored_once(node: Node, peer: Peer, held_clock: HeldClock) -> None:
    ann = peer.person("ann")
    await node.receive(ann.activity("Like", "http://here.example/ap/posts/0"), ann)
    likes = [ann.activity("Like", f"http://here.example/ap/posts/{number}") for number in range(1, 60)]
    answers = await asyncio.gather(*(node.receive(like, ann) for like in likes for _ in range(2)))
    assert {answer.status_code for answer in answers} == {202}
    assert await stored(node) == 60


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"without": ("Signature",)}, "not signed"),
        ({"without": ("Digest",)}, "digest"),
        ({"without": ("Date",)}, "date"),
        ({"signature": "nonsense"}, "malformed"),
        ({"digest": "SHA-256=" + "A" * 43 + "="}, "digest"),
        ({"age": timedelta(hours=2)}, "too old"),
        ({"age": -timedelta(hours=2)}, "future"),
    ],
)
async def test_a_bad_signature_is_401_with_a_short_reason(
    node: Node, peer: Peer, changes: dict[str, Any], reason: str
) -> None:
    ann = peer.person("ann")
    answer = await node.receive(ann.activity("Like", "http://here.example/ap/posts/1"), ann, **changes)
    assert answer.status_code == 401
    assert reason in (await answer.get_json())["error"]
    assert await stored(node) == 0


async def test_a_signature_for_another_inbox_is_refused(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    body, headers = signed_post_headers(ann, f"http://here.example/ap/users/{me.id}/inbox", ann.follow(me.uri))
    answer = await node.app.test_client().post("/inbox", data=body, headers=headers)
    assert answer.status_code == 401


async def test_two_signature_headers_are_refused(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    body, headers = signed_post_headers(ann, "http://here.example/inbox", ann.follow("http://here.example/ap/users/1"))
    doubled = [*headers.items(), ("Signature", headers["Signature"])]
    answer = await node.app.test_client().post("/inbox", data=body, headers=doubled)
    assert answer.status_code == 401
    assert "more than one" in (await answer.get_json())["error"]


async def test_somebody_elses_key_does_not_open_the_door(node: Node, peer: Peer) -> None:
    ann, eve = peer.person("ann"), peer.person("eve", key=1)
    forged = SigningKey.from_pem(ann.key_id, eve.private_pem)
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann, key=forged)).status_code == 401
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), eve)).status_code == 401
    assert await stored(node) == 0


async def test_an_activity_of_another_host_than_its_actor_is_400(node: Node, peer: Peer, stranger: Peer) -> None:
    ann = peer.person("ann")
    activity = ann.follow("http://here.example/ap/users/1") | {"id": f"{stranger.origin}/activities/1"}
    assert (await node.receive(activity, ann)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"text"',
        b"{}",
        b'{"type":"Follow"}',
        b'{"type":"Follow","actor":"acct:ann@x.example","object":"https://a.example/b"}',
        b'{"a":1,"a":2}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a":"\\u0000"}',
        b'{"a":NaN}',
        b'{"a":[' + b",".join([b"1"] * 20_000) + b"]}",
    ],
)
async def test_what_is_no_activity_is_400_and_asks_nobody(node: Node, peer: Peer, body: bytes) -> None:
    answer = await node.receive(body, peer.person("ann"))
    assert answer.status_code == 400
    assert answer.content_type == "application/json"
    assert peer.asked == []


async def test_an_oversized_body_is_413(node: Node, peer: Peer) -> None:
    answer = await node.receive(b'{"a":"' + b"x" * (1024 * 1024) + b'"}', peer.person("ann"))
    assert answer.status_code == 413


async def test_a_body_without_declared_length_is_cut_off_at_the_limit(node: Node) -> None:
    connection = node.app.test_client().request("/inbox", method="POST", headers={"Content-Type": "application/json"})
    async with connection:
        for _ in range(20):
            await connection.send(b"x" * 100_000)
        await connection.send_complete()
    assert (await connection.as_response()).status_code == 413


async def test_the_inbox_is_not_read_over_http(node: Node) -> None:
    for path in ("/inbox", "/actor/inbox"):
        answer = await node.get(path)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST"


async def test_an_inbox_of_nobody_is_404_of_somebody_suspended_403_and_of_somebody_gone_410(
    node: Node, peer: Peer
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    assert (await node.receive(ann.follow(me.uri), ann, path="/ap/users/1/inbox")).status_code == 404
    await Account.filter(id=me.id).update(suspended_at=me.created_at)
    assert (await node.receive(ann.follow(me.uri), ann, path=f"/ap/users/{me.id}/inbox")).status_code == 403
    await Account.filter(id=me.id).update(suspended_by_origin=True)
    assert (await node.receive(ann.follow(me.uri), ann, path=f"/ap/users/{me.id}/inbox")).status_code == 410


async def test_a_suspended_domain_is_403_before_anything_is_fetched(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    await domains.block(peer.host)
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann)).status_code == 403
    assert peer.asked == []


@pytest.mark.parametrize("host", ["bad.example", "deep.sub.bad.example", "BAD.example", "bad.example:8443"])
async def test_a_suspension_covers_subdomains_ports_and_spellings(node: Node, host: str) -> None:
    await domains.block("bad.example")
    eve = Person("eve", f"https://{host}", key_number(0))
    assert (await node.receive(eve.follow("http://here.example/ap/users/1"), eve)).status_code == 403


async def test_a_key_on_a_suspended_domain_is_403_whoever_the_actor_is(node: Node, peer: Peer) -> None:
    await domains.block("bad.example")
    ann = peer.person("ann")
    key = SigningKey.from_pem("https://bad.example/users/eve#main-key", ann.private_pem)
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann, key=key)).status_code == 403


async def test_the_deletion_of_somebody_never_known_is_202_and_fetches_nothing(node: Node, peer: Peer) -> None:
    ann = Person("nobody", peer.origin, key_number(0))
    answer = await node.receive(ann.activity("Delete", ann.uri), ann)
    assert answer.status_code == 202
    assert peer.asked == []
    assert await stored(node) == 0


async def test_an_unknown_key_is_fetched_once_and_then_remembered(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    for _ in range(3):
        await node.receive(ann.follow("http://here.example/ap/users/1"), ann)
    assert peer.asked.count("/users/ann") == 1


async def test_a_key_that_cannot_be_had_is_not_asked_for_again_at_once(node: Node, peer: Peer) -> None:
    ghost = Person("ghost", peer.origin, key_number(0))
    for _ in range(3):
        assert (await node.receive(ghost.follow("http://here.example/ap/users/1"), ghost)).status_code == 401
    assert peer.asked.count("/users/ghost") == 1


async def test_a_changed_key_is_fetched_again_once_a_minute_at_most(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann)).status_code == 202
    ann.private_pem = key_number(1)
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann)).status_code == 202
    wrong = SigningKey.from_pem(ann.key_id, key_number(2))
    for _ in range(5):
        assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann, key=wrong)).status_code == 401
    assert peer.asked.count("/users/ann") == 2


async def test_a_key_that_stands_apart_counts_only_if_its_actor_lists_it(node: Node, peer: Peer) -> None:
    """GoToSocial's path-style key ids."""
    ann = peer.person("ann")
    key_id = f"{ann.uri}/main-key"
    ann.extra["publicKey"] = ann.document()["publicKey"] | {"id": key_id}
    peer.serve({**ann.document(), "id": key_id} | {"id": ann.uri})
    peer.documents["/users/ann/main-key"] = ann.document()
    key = SigningKey.from_pem(key_id, ann.private_pem)
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann, key=key)).status_code == 202

    eve = peer.person("eve", key=1)
    loose = f"{peer.origin}/keys/1"
    peer.documents["/keys/1"] = {
        "id": loose,
        "owner": ann.uri,
        "publicKeyPem": eve.document()["publicKey"]["publicKeyPem"],
    }
    stolen = SigningKey.from_pem(loose, eve.private_pem)
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann, key=stolen)).status_code == 401


async def test_an_actor_cannot_take_over_anothers_key(node: Node, peer: Peer) -> None:
    ann, eve = peer.person("ann"), peer.person("eve", key=1)
    await node.receive(ann.follow("http://here.example/ap/users/1"), ann)
    eve.extra["publicKey"] = eve.document()["publicKey"] | {"id": ann.key_id}
    as_ann = SigningKey.from_pem(ann.key_id, eve.private_pem)
    assert (await node.receive(eve.follow("http://here.example/ap/users/1"), eve)).status_code == 401
    assert (await node.receive(ann.follow("http://here.example/ap/users/1"), ann, key=as_ann)).status_code == 401
    row = await db.fetch_one(
        "SELECT a.uri FROM actor_keys k JOIN accounts a ON a.id = k.account_id WHERE key_id = ?", (ann.key_id,)
    )
    assert row is not None
    assert row[0] == ann.uri


async def test_an_actor_whose_key_is_on_another_host_is_refused(node: Node, peer: Peer, stranger: Peer) -> None:
    eve = peer.person("eve")
    eve.extra["publicKey"] = eve.document()["publicKey"] | {"id": f"{stranger.origin}/users/eve#main-key"}
    assert (await node.receive(eve.follow("http://here.example/ap/users/1"), eve)).status_code == 401
    assert await node.count("accounts", "uri = ?", eve.uri) == 0


async def test_nobody_signs_as_one_of_ours(node: Node) -> None:
    me = await builders.local_account()
    ours = Person("me", "http://here.example", builders.one_key())
    key = SigningKey.from_pem(f"{me.uri}#main-key", builders.one_key())
    activity = ours.activity("Follow", me.uri) | {"actor": me.uri, "id": f"{me.uri}#x/1"}
    assert (await node.receive(activity, ours, key=key)).status_code == 401


async def test_what_another_actor_signed_in_the_document_is_taken_from_nobody(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    forwarded = bob.create(bob.note()) | {"signature": {"type": "RsaSignature2017"}}
    assert (await node.receive(forwarded, ann)).status_code == 202
    assert await stored(node) == 0


async def test_one_row_the_database_refuses_does_not_take_its_neighbours_along(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    await node.receive(ann.activity("Like", "http://here.example/ap/posts/0"), ann)
    long_id = ann.activity("Like", "http://here.example/ap/posts/1") | {"id": ann.uri + "#" + "x" * 1900}
    body = json.dumps(ann.activity("Like", "http://here.example/ap/posts/2")).encode()
    answers = await asyncio.gather(node.receive(long_id, ann), node.receive(body, ann))
    assert answers[1].status_code == 202
