"""Every form in which servers publish the key that signs their requests, and every form of naming it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activitypub.signatures import SigningKey, encode_multikey, generate_ed25519_key
from activitypub.signatures.algorithms import sign
from activitypub.signatures.encodings import encode_base64
from activitypub.signatures.keys import load_public_key
from node import clock
from node.models.accounts import Account
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer, Person, signed_post_headers
from tests.federation.test_passed_on import with_proof_key


@pytest.fixture
async def me(node: Node) -> Account:
    return await builders.local_account()


async def accepted(node: Node, person: Person, me: Account, key_id: str | None = None, **how: Any) -> bool:
    """Whether a Follow signed by `person`, naming its key so, comes in."""
    key = how.pop("key", None) or SigningKey.from_pem(key_id or person.key_id, person.private_pem)
    answer = await node.receive(person.follow(me.uri), person, key=key, **how)
    assert answer.status_code in (202, 401)
    return answer.status_code == 202


async def test_a_key_in_pkcs1_and_one_of_several(node: Node, peer: Peer, me: Account) -> None:
    ann = peer.person("ann")
    plain = ann.document()["publicKey"]
    der = load_public_key(plain["publicKeyPem"]).public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    assert "BEGIN RSA PUBLIC KEY" in der
    other = {**peer.person("eve", key=1).document()["publicKey"], "id": f"{ann.uri}#old-key", "owner": ann.uri}
    ann.extra["publicKey"] = [other, {**plain, "publicKeyPem": der}]
    assert await accepted(node, ann, me)


@pytest.mark.parametrize("suffix", ["?main-key", "/main-key", "#main-key", "#key?x=1"])
async def test_a_key_id_that_answers_its_actor(node: Node, peer: Peer, me: Account, suffix: str) -> None:
    ann = peer.person("ann")
    key_id = ann.uri + suffix
    ann.extra["publicKey"] = {**ann.document()["publicKey"], "id": key_id}
    if suffix.startswith("/"):
        shown = ann.document()
        peer.documents["/users/ann/main-key"] = {
            name: shown[name] for name in ("@context", "id", "type", "preferredUsername", "publicKey")
        }
    assert await accepted(node, ann, me, key_id)


async def test_the_actor_may_be_named_instead_of_its_only_key(node: Node, peer: Peer, me: Account) -> None:
    """activitypub-express does so."""
    ann, eve = peer.person("ann"), peer.person("eve", key=1)
    assert await accepted(node, ann, me, ann.uri)
    assert await accepted(node, ann, me), "by its own id as well"
    assert not await accepted(node, ann, me, key=SigningKey.from_pem(ann.uri, eve.private_pem))
    other = {**ann.document()["publicKey"], "id": f"{eve.uri}#old-key", "owner": eve.uri}
    eve.extra["publicKey"] = [other, eve.document()["publicKey"]]
    assert not await accepted(node, eve, me, eve.uri), "which of two is not for us to guess"


async def test_a_key_that_is_exchanged_no_longer_counts_by_the_name_of_its_actor(
    node: Node, peer: Peer, me: Account
) -> None:
    ann = peer.person("ann")
    former = ann.private_pem
    assert await accepted(node, ann, me, ann.uri)
    ann.private_pem = peer.person("eve", key=1).private_pem
    await node.take(ann.activity("Update", ann.document()), Person("ann", peer.origin, former))
    assert not await accepted(node, ann, me, key=SigningKey.from_pem(ann.uri, former))
    assert await accepted(node, ann, me, ann.uri)


async def test_a_key_document_of_its_own_counts_when_its_owner_names_it(node: Node, peer: Peer, me: Account) -> None:
    ann = peer.person("ann")
    key_id = f"{peer.origin}/keys/ann"
    document = {"id": key_id, "owner": ann.uri, "publicKeyPem": ann.document()["publicKey"]["publicKeyPem"]}
    peer.serve(document)
    ann.extra["publicKey"] = key_id
    assert await accepted(node, ann, me, key_id)
    # One that stands elsewhere than it says, or whose owner is another, does not.
    eve = peer.person("eve", key=1, publicKey=f"{peer.origin}/keys/eve")
    pem = Person("eve", peer.origin, eve.private_pem).document()["publicKey"]["publicKeyPem"]
    for wrong in ({"id": f"{peer.origin}/keys/other"}, {"owner": ann.uri}):
        peer.documents["/keys/eve"] = {"id": f"{peer.origin}/keys/eve", "owner": eve.uri, "publicKeyPem": pem, **wrong}
        assert not await accepted(node, eve, me, f"{peer.origin}/keys/eve")


@pytest.mark.parametrize("key_id", ["acct:ann@HOST", "ann", "did:key:z6Mk", "HOST/users/ann#main-key", ""])
async def test_what_is_no_address_of_a_key_is_refused_and_asks_nobody(
    node: Node, peer: Peer, me: Account, key_id: str
) -> None:
    ann = peer.person("ann")
    assert not await accepted(node, ann, me, key_id.replace("HOST", peer.host) or " ")
    assert peer.asked == []


async def test_the_path_alone_may_be_signed(node: Node, peer: Peer, me: Account) -> None:
    """Misskey and Pixelfed leave the query out."""
    ann = peer.person("ann")
    body, headers = signed_post_headers(ann, f"{node.settings.base_url}/inbox", ann.follow(me.uri))
    assert (await node.app.test_client().post("/inbox?x=1", data=body, headers=headers)).status_code == 202


@pytest.mark.parametrize("ed25519", [False, True])
async def test_hs2019_with_its_own_time(node: Node, peer: Peer, me: Account, ed25519: bool) -> None:
    ann = peer.person("ann")
    key = with_proof_key(ann) if ed25519 else ann.signing_key
    body, headers = signed_post_headers(ann, f"{node.settings.base_url}/inbox", ann.follow(me.uri))
    created = int(clock.now().astimezone(UTC).timestamp())
    text = f"(request-target): post /inbox\nhost: here.example\n(created): {created}\n(expires): {created + 60}\ndigest: {headers['Digest']}"
    value = encode_base64(sign(key.private, text.encode()))
    headers["Signature"] = (
        f'keyId="{key.key_id}",algorithm="hs2019",created={created},expires={created + 60},'
        f'headers="(request-target) host (created) (expires) digest",signature="{value}"'
    )
    del headers["Date"]
    assert (await node.app.test_client().post("/inbox", data=body, headers=headers)).status_code == 202


async def test_keys_for_documents_sign_requests_too_and_go_when_they_are_no_longer_listed(
    node: Node, peer: Peer, me: Account
) -> None:
    ann = peer.person("ann")
    key = with_proof_key(ann)
    for kind in ({"publicKeyMultibase": "z6Mk"}, {"controller": f"{peer.origin}/users/eve"}, {"type": "JsonWebKey"}):
        pem = generate_ed25519_key()
        ann.extra["assertionMethod"].append(
            {
                "id": f"{ann.uri}#bad-{len(ann.extra['assertionMethod'])}",
                "type": "Multikey",
                "controller": ann.uri,
                "publicKeyMultibase": encode_multikey(pem),
                **kind,
            }
        )
    assert await accepted(node, ann, me, key=key, rfc9421=True)
    assert await node.count("actor_keys", "key_id LIKE ?", f"{ann.uri}%") == 2
    ann.extra["assertionMethod"] = []
    await node.take(ann.activity("Update", ann.document()), ann)
    assert not await accepted(node, ann, me, key=key, rfc9421=True)
