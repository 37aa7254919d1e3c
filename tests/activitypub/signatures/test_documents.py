"""Signatures inside documents: linked data signatures and integrity proofs."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from activitypub.jsonld import canonical_nquads
from activitypub.signatures import SignatureError, SignatureMismatch, SigningKey, UnusableKey, VerificationKey
from activitypub.signatures.integrity_proofs import add_proof, proof_key_id, verify_proof
from activitypub.signatures.jcs import canonicalize
from activitypub.signatures.keys import encode_multikey
from activitypub.signatures.linked_data import sign_linked_data, signature_key_id, verify_linked_data
from tests.activitypub.signatures.builders import (
    KEY_ID,
    NOW,
    VECTORS,
    ed25519_pem,
    rsa_pem,
    signing_key,
    vector,
    vectors,
    verification_key,
)

ACTOR = "https://remote.example/ap/users/7"
PROOF_KEY_ID = f"{ACTOR}#ed25519-key"


def create(**changes: Any) -> dict[str, Any]:
    """A public Create with the terms photo servers use."""
    return {
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/data-integrity/v2",
            {
                "sensitive": "as:sensitive",
                "toot": "http://joinmastodon.org/ns#",
                "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
            },
        ],
        "id": f"{ACTOR}/activities/1",
        "type": "Create",
        "actor": ACTOR,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [f"{ACTOR}/followers"],
        "object": {
            "id": f"{ACTOR}/posts/1",
            "type": "Note",
            "attributedTo": ACTOR,
            "content": "<p>Dunes</p>",
            "contentMap": {"en": "<p>Dunes</p>"},
            "sensitive": False,
            "attachment": [
                {
                    "type": "Document",
                    "mediaType": "image/jpeg",
                    "url": "https://remote.example/media/1.jpg",
                    "focalPoint": [0.5, -0.25],
                }
            ],
        },
        **changes,
    }


def ed25519_keys() -> tuple[SigningKey, VerificationKey]:
    pem = ed25519_pem()
    return SigningKey.from_pem(PROOF_KEY_ID, pem), VerificationKey.from_multikey(PROOF_KEY_ID, encode_multikey(pem))


@pytest.mark.parametrize("name", vectors("rsasig2017-mastodon-create.json"))
def test_a_document_signed_by_mastodon_verifies(name: str) -> None:
    data = vector(name)
    document = data["document"]
    key = VerificationKey.from_pem(document["signature"]["creator"], data["public_key_pem"])
    assert signature_key_id(document) == key.key_id
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    assert canonical_nquads(unsigned) == data["canonical_document"]
    verified = verify_linked_data(document, key)
    assert verified["id"] == document["id"]
    assert verified["object"]["content"] == document["object"]["content"]
    assert verified["object"]["contentMap"] == document["object"]["contentMap"]
    assert "signature" not in verified


@pytest.mark.parametrize("name", vectors("rsasig2017-attack-*.json"))
def test_rearranged_documents_are_refused_though_their_signature_verifies(name: str) -> None:
    data = vector(name)
    document = data["document"]
    key = VerificationKey.from_pem(document["signature"]["creator"], data["public_key_pem"])
    with pytest.raises(SignatureError, match="rearranges"):
        verify_linked_data(document, key)


def test_a_linked_data_signature_of_ours_verifies_and_gives_the_document_back() -> None:
    signed = sign_linked_data(create(), signing_key(), NOW)
    assert signed["signature"]["created"] == "2026-11-22T12:00:00Z"
    verified = verify_linked_data(signed, verification_key())
    original = create()
    assert verified["type"] == "Create"
    assert verified["actor"] == ACTOR
    assert verified["object"]["attachment"]["focalPoint"] == [0.5, -0.25]
    assert verified["object"]["attributedTo"] == original["object"]["attributedTo"]
    assert verified["object"]["sensitive"] is False


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), f"{ACTOR}/activities/2"),
        (("type",), "Announce"),
        (("actor",), "https://remote.example/ap/users/8"),
        (("to",), []),
        (("object", "content"), "<p>Forged</p>"),
        (("object", "sensitive"), True),
        (("object", "attachment"), []),
        (("signature", "created"), "2026-11-22T12:00:01Z"),
    ],
)
def test_a_changed_document_loses_its_linked_data_signature(path: tuple[str, ...], value: Any) -> None:
    signed = copy.deepcopy(sign_linked_data(create(), signing_key(), NOW))
    target = signed
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    with pytest.raises(SignatureMismatch):
        verify_linked_data(signed, verification_key())


@pytest.mark.parametrize(
    "smuggled",
    [
        {"undefinedTerm": "x"},
        {"_:anything": "x"},
        {"quoteUrl": "https://evil.example/1"},
    ],
)
def test_what_the_signature_does_not_reach_is_not_handed_on(smuggled: dict[str, Any]) -> None:
    signed = sign_linked_data(create(), signing_key(), NOW)
    forged = {**signed, **smuggled}
    verified = verify_linked_data(forged, verification_key())
    assert not set(smuggled) & set(verified)
    assert verified == verify_linked_data(signed, verification_key())


def test_a_relative_id_is_never_handed_on() -> None:
    """JSON-LD processors differ: some drop it before the hash, for others it breaks the signature."""
    forged = {**sign_linked_data(create(), signing_key(), NOW), "bto": "relative"}
    try:
        verified = verify_linked_data(forged, verification_key())
    except SignatureMismatch:
        return
    assert "bto" not in verified


def test_a_term_redefined_by_the_document_does_not_reach_the_reader_under_its_name() -> None:
    document = create()
    document["@context"].append({"summary": "https://evil.example/#summary"})
    document["object"]["summary"] = "not the summary you think"
    verified = verify_linked_data(sign_linked_data(document, signing_key(), NOW), verification_key())
    assert "summary" not in verified["object"]
    assert verified["object"]["https://evil.example/#summary"] == "not the summary you think"


@pytest.mark.parametrize(
    "context",
    [
        {"g": "@graph"},
        {"r": {"@reverse": "as:object"}},
        {"i": "@included"},
        {"x": {"@id": "as:x", "@container": "@graph"}},
    ],
)
def test_contexts_that_rename_rearranging_keywords_are_refused(context: dict[str, Any]) -> None:
    document = create()
    signed = sign_linked_data(document, signing_key(), NOW)
    forged = {**signed, "@context": [*document["@context"], context]}
    with pytest.raises(SignatureError, match="rearranges"):
        verify_linked_data(forged, verification_key())


def test_contexts_within_term_definitions_are_refused() -> None:
    signed = sign_linked_data(create(), signing_key(), NOW)
    scoped = {"x": {"@id": "as:x", "@context": {"y": "as:y"}}}
    with pytest.raises(SignatureError, match="within contexts"):
        verify_linked_data({**signed, "@context": [*signed["@context"], scoped]}, verification_key())


def test_a_verified_document_belongs_to_the_caller() -> None:
    signed = sign_linked_data(create(), signing_key(), NOW)
    first = verify_linked_data(signed, verification_key())
    second = verify_linked_data(signed, verification_key())
    first["@context"][2].clear()
    assert second == verify_linked_data(signed, verification_key())
    assert second["@context"][2]


def test_documents_with_unknown_contexts_are_refused_without_fetching_them() -> None:
    document = {**create(), "@context": ["https://www.w3.org/ns/activitystreams", "https://remote.example/context"]}
    with pytest.raises(SignatureError, match="unknown context"):
        sign_linked_data(document, signing_key(), NOW)
    signed = {**document, "signature": {"type": "RsaSignature2017", "creator": KEY_ID, "signatureValue": "AAAA"}}
    with pytest.raises(SignatureError, match="unknown context"):
        verify_linked_data(signed, verification_key())


def test_a_linked_data_signature_of_another_key_is_refused() -> None:
    signed = sign_linked_data(create(), signing_key(), NOW)
    with pytest.raises(SignatureError, match="another key"):
        verify_linked_data(signed, verification_key(key_id=f"{ACTOR}#other"))
    with pytest.raises(SignatureError, match="no linked data signature"):
        verify_linked_data(create(), verification_key())


def test_the_documents_own_form_is_not_changed_by_signing() -> None:
    document = create()
    sign_linked_data(document, signing_key(), NOW)
    assert document == create()


def test_linked_data_signatures_need_rsa_and_proofs_need_ed25519() -> None:
    with pytest.raises(UnusableKey):
        sign_linked_data(create(), signing_key(ed25519_pem()), NOW)
    with pytest.raises(UnusableKey):
        add_proof(create(), signing_key(rsa_pem()), NOW)
    proof_key, _ = ed25519_keys()
    signed = add_proof(create(), proof_key, NOW)
    with pytest.raises(SignatureError, match="does not fit the key"):
        verify_proof(signed, verification_key(key_id=PROOF_KEY_ID), NOW)


@pytest.mark.parametrize("name", vectors("fep8b32-*.json"))
def test_proofs_of_fep_8b32_verify_as_stated(name: str) -> None:
    data = vector(name)
    signed = data["signed"]
    key = VerificationKey.from_multikey(signed["proof"]["verificationMethod"], data["public_key_multibase"])
    assert proof_key_id(signed) == key.key_id
    if data["expected"] == "valid":
        assert verify_proof(signed, key, NOW) == data["unsigned"]
    else:
        with pytest.raises(SignatureMismatch):
            verify_proof(signed, key, NOW)


def test_a_proof_may_leave_out_the_context_it_was_made_with() -> None:
    proof_key, key = ed25519_keys()
    signed = add_proof(create(), proof_key, NOW)
    del signed["proof"]["@context"]
    assert verify_proof(signed, key, NOW)["id"] == signed["id"]
    with pytest.raises(SignatureMismatch):
        verify_proof({**signed, "@context": "https://www.w3.org/ns/activitystreams"}, key, NOW)


@pytest.mark.parametrize("name", vectors("vc-di-eddsa-jcs-2022.json"))
def test_the_proof_of_the_w3c_vector_verifies_step_by_step(name: str) -> None:
    data = vector(name)
    assert canonicalize(data["unsigned"]).decode() == data["canon_doc"]
    assert canonicalize(data["proof_config"]).decode() == data["proof_canon"]
    assert hashlib.sha256(canonicalize(data["unsigned"])).hexdigest() == data["doc_hash_hex"]
    key = VerificationKey.from_multikey(
        data["signed"]["proof"]["verificationMethod"], data["keypair"]["publicKeyMultibase"]
    )
    assert verify_proof(data["signed"], key, NOW) == data["unsigned"]


@pytest.mark.parametrize("name", vectors("capture-2[05]-fedify-9421-post-*.json"))
def test_a_proof_on_the_wire_verifies_with_the_key_of_the_actor(name: str) -> None:
    actor_path = VECTORS.parent / "fedify" / "actors" / "live-fedify-actor-45a5.json"
    document = json.loads(base64.b64decode(vector(name)["request"]["body_b64"]))
    methods = {method["id"]: method for method in json.loads(actor_path.read_text())["assertionMethod"]}
    key_id = proof_key_id(document)
    assert key_id is not None
    key = VerificationKey.from_multikey(key_id, methods[key_id]["publicKeyMultibase"])
    assert verify_proof(document, key, NOW)["id"] == document["id"]


@pytest.mark.parametrize("name", vectors("capture-2[05]-fedify-9421-post-*.json"))
def test_a_linked_data_signature_on_the_wire_verifies_with_the_key_of_the_request(name: str) -> None:
    data = vector(name)
    document = json.loads(base64.b64decode(data["request"]["body_b64"]))
    verified = verify_linked_data(document, VerificationKey.from_pem(data["keyid"], data["public_key_pem"]))
    assert (verified["id"], verified["type"]) == (document["id"], document["type"])
    assert "proof" not in verified


def test_a_proof_of_ours_verifies_beside_a_linked_data_signature() -> None:
    signing, verifying = ed25519_keys()
    proven = add_proof(create(), signing, NOW)
    both = sign_linked_data(proven, signing_key(), NOW)
    assert verify_proof(both, verifying, NOW) == create()
    assert verify_linked_data(both, verification_key())["id"] == create()["id"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), f"{ACTOR}/activities/2"),
        (("object", "content"), "<p>Forged</p>"),
        (("extra",), 1),
        (("proof", "created"), "2026-11-22T12:00:01Z"),
        (("proof", "domain"), "evil.example"),
    ],
)
def test_a_changed_document_loses_its_proof(path: tuple[str, ...], value: Any) -> None:
    signing, verifying = ed25519_keys()
    signed = copy.deepcopy(add_proof(create(), signing, NOW))
    target = signed
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    with pytest.raises(SignatureMismatch):
        verify_proof(signed, verifying, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"proofPurpose": "authentication"}, "another purpose"),
        ({"verificationMethod": f"{ACTOR}#other"}, "another key"),
        ({"cryptosuite": "eddsa-rdfc-2022"}, "supported kind"),
        ({"expires": "2026-11-22T11:59:59Z"}, "expired"),
        ({"created": "2026-11-22T13:00:01Z"}, "future"),
        ({"created": "2026-11-22T12:00:00"}, "malformed"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "context"),
        ({"proofValue": "u1234"}, "base58btc"),
        ({"proofValue": None}, "no value"),
    ],
)
def test_proofs_that_do_not_say_what_they_must_are_refused(changes: dict[str, Any], reason: str) -> None:
    signing, verifying = ed25519_keys()
    signed = add_proof(create(), signing, NOW)
    signed["proof"] = {**signed["proof"], **changes}
    with pytest.raises(SignatureError, match=reason):
        verify_proof(signed, verifying, NOW)


def test_a_proof_outlives_the_window_of_requests() -> None:
    signing, verifying = ed25519_keys()
    assert verify_proof(add_proof(create(), signing, NOW), verifying, NOW + timedelta(days=900)) == create()
