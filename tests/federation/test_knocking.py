"""How our requests are signed where a signature is refused, and with which of our keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from activitypub.signatures import SignedRequest, SigningKey, VerificationKey, key_ids_of, public_pem, verify_request
from federation import fetching, instance
from federation.budget import Budget
from federation.resolve_errors import Unresolvable
from node import clock, db
from node.models.accounts import Account
from node.models.federation import Delivery, RemoteHost
from node.models.posts import Post
from node.services import own_keys
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.peers import Asked, response
from tests.federation.test_delivery import numbers, put
from tests.federation.test_order import until
from tests.federation.test_received_activities import met


def answered(peer: Peer, judge: Any) -> None:
    """Have each request answered with what `judge` says of it: bytes, or `None` for the usual answer."""
    original = peer._answer

    async def answer(asked: Asked) -> bytes:
        judged: bytes | None = judge(asked)
        return await original(asked) if judged is None else judged

    peer._answer = answer  # type: ignore[method-assign]


def as_received(asked: Asked, peer: Peer) -> SignedRequest:
    return SignedRequest(asked.method, asked.target, peer.host, "http", tuple(asked.headers.items()), asked.body)


async def main_key(account: Account) -> VerificationKey:
    key = await own_keys.signing_key(account.id)
    assert key is not None
    return VerificationKey.from_pem(key.key_id, public_pem(key.private_pem))


async def test_a_server_that_cannot_read_one_kind_of_signature_gets_the_other(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    answered(peer, lambda asked: response(400) if asked.method == "POST" and "date" in asked.headers else None)
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    assert numbers(peer) == [1, 1]
    assert (await RemoteHost.get(host=peer.host)).signature == "rfc9421"
    verify_request(as_received(peer.posted[-1], peer), await main_key(me), clock.now())
    # It changes its mind.
    answered(peer, lambda asked: response(401) if "signature-input" in asked.headers else response(202))
    await put(me, 2, f"{peer.origin}/inbox")
    await node.deliver()
    assert numbers(peer) == [1, 1, 2, 2]
    assert (await RemoteHost.get(host=peer.host)).signature == "cavage"


async def test_what_is_refused_either_way_is_judged_by_the_first_answer(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    answered(peer, lambda asked: response(401 if "signature-input" in asked.headers else 400))
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    assert (len(peer.posted), await Delivery.all().count()) == (2, 0)


async def test_a_server_that_breaks_down_at_the_other_kind_holds_nothing_up(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    answered(peer, lambda asked: response(500 if "signature-input" in asked.headers else 400))
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    answered(peer, lambda asked: response(202))
    await put(me, 2, f"{peer.origin}/inbox")
    await node.deliver()
    assert await Delivery.filter(failed=False).count() == 0


async def test_the_signature_a_server_asks_for_is_the_one_it_gets(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    wanted = 'theirs=("@method" "@target-uri" "@authority" "content-digest" "content-type");created;expires;nonce="n1";tag="fedi"'

    def judge(asked: Asked) -> bytes | None:
        described = asked.headers.get("signature-input", "")
        if '"@authority"' in described and 'tag="fedi"' in described and ";expires=" in described:
            return None
        return response(401, b"{}", "application/json", Accept_Signature=wanted)

    answered(peer, judge)
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    last = peer.posted[-1]
    assert len(peer.posted) == 2
    assert last.headers["signature-input"].startswith("theirs=(")
    assert 'nonce="n1"' in last.headers["signature-input"]
    verify_request(as_received(last, peer), await main_key(me), clock.now())
    await put(me, 2, f"{peer.origin}/inbox")
    await node.deliver()
    assert len(peer.posted) == 3, "it is remembered"
    assert "nonce" not in peer.posted[-1].headers["signature-input"], "but a nonce is for once"


@pytest.mark.parametrize(
    "asked_for",
    ['s=("x-never-heard-of")', 's=("@method");alg="hmac-sha256"', "s=?1", "((((", 's=("@query-param";name="a")'],
)
async def test_what_we_cannot_sign_is_not_tried(node: Node, peer: Peer, asked_for: str) -> None:
    me = await builders.local_account()
    answered(peer, lambda asked: response(401, b"{}", "application/json", Accept_Signature=asked_for))
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    assert len(peer.posted) == 2
    assert await Delivery.all().count() == 1


async def test_a_get_is_signed_anew_until_its_server_is_content(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    note = peer.serve(ann.note())
    answered(
        peer,
        lambda asked: None if "signature-input" in asked.headers or "webfinger" in asked.target else response(401),
    )
    await fetching.fetch(note["id"], Budget())
    await fetching.fetch(ann.uri, Budget())
    assert len(peer.asked) == 3, "that it takes RFC 9421 is remembered"
    key = VerificationKey.from_pem(instance.signing_key().key_id, public_pem((await _instance_key()).private_pem))
    asked = [one for one in peer.server.asked if one.target == "/users/ann"][-1]
    verify_request(as_received(asked, peer), key, clock.now())


async def _instance_key() -> own_keys.OwnKey:
    key = await own_keys.signing_key((await own_keys.instance_account()).id)
    assert key is not None
    return key


@pytest.mark.parametrize("addressed_to", ["me", "followers"])
async def test_what_is_not_public_is_asked_for_by_the_one_it_is_for_and_all_else_by_the_node(
    node: Node, peer: Peer, addressed_to: str
) -> None:
    ann = peer.person("ann")
    me = await builders.local_account()
    await builders.following(me, await met(node, ann))
    to = [me.uri if addressed_to == "me" else ann.followers]
    tag = [{"type": "Mention", "href": me.uri, "name": f"@{me.username}"}]
    note = peer.serve(ann.note(to=to, cc=[], tag=tag))
    path = note["id"].removeprefix(peer.origin)
    await node.take(ann.activity("Create", note["id"], to=to, cc=[]), ann)
    keys = {
        asked.target: key_ids_of(as_received(asked, peer))
        for asked in peer.server.asked
        if "signature" in asked.headers
    }
    assert keys[path] == (f"{me.uri}#main-key",)
    assert keys["/users/ann"] == ("http://here.example/actor#main-key",)
    assert await Post.exists(uri=note["id"])
    public = peer.serve(ann.note())
    await node.take(ann.activity("Create", public["id"], to=public["to"]), ann)
    assert key_ids_of(as_received(peer.server.asked[-1], peer)) == ("http://here.example/actor#main-key",)


async def test_exchanged_keys_are_told_with_the_former_one_and_used_from_then_on(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    await builders.following(await met(node, peer.person("ann")), me)
    await put(me, 1, f"{peer.origin}/inbox")
    former = await main_key(me)
    await own_keys.exchange(me)
    await put(me, 2, f"{peer.origin}/inbox")
    await node.deliver()
    told = [asked for asked in peer.posted if json.loads(asked.body)["type"] == "Update"]
    [update] = told
    verify_request(as_received(update, peer), former, clock.now())
    shown = json.loads(update.body)["object"]
    fresh = await main_key(me)
    assert shown["publicKey"] == {"id": f"{me.uri}#main-key", "owner": me.uri, "publicKeyPem": _pem(fresh)}
    assert fresh.public != former.public
    for asked in peer.posted:
        if asked is not update:
            verify_request(as_received(asked, peer), fresh, clock.now())
    assert await node.count("actor_keys", "account_id = ? AND purpose = 'former'", me.id) == 0
    assert (
        json.loads(await (await node.get(me.uri.removeprefix("http://here.example"))).get_data())["publicKey"]
        == shown["publicKey"]
    )


def _pem(key: VerificationKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_the_nodes_own_key_is_exchanged_while_it_runs(node: Node, peer: Peer) -> None:
    before = instance.signing_key()
    assert await own_keys.exchange_all() >= 1

    async def is_taken_up() -> bool:
        return instance.signing_key().private is not before.private

    await until(is_taken_up)
    fresh = await _instance_key()
    assert instance.signing_key() == SigningKey.from_pem(fresh.key_id, fresh.private_pem)
    with pytest.raises(Unresolvable):
        await fetching.fetch(fresh.key_id, Budget())
    assert await db.fetch_one("SELECT 1 FROM actor_keys WHERE purpose = 'former'") is not None
    await node.publish()
    assert await db.fetch_one("SELECT 1 FROM actor_keys WHERE purpose = 'former'") is None
