"""Both directions against an independent implementation.

Its linked data signatures hash their options with another context, which it would have to fetch, and its RFC 9421
verifier knows neither ``@target-uri`` nor our order of parameters: these two are left out.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activitypub.signatures import VerificationKey, body_digest, encode_multikey, sign_get, sign_post, verify_request
from activitypub.signatures.integrity_proofs import add_proof, verify_proof
from activitypub.signatures.keys import SigningKey, load_private_key
from activitypub.signatures.message_signatures import check_signature, parse_signatures
from tests.activitypub.signatures.builders import (
    BODY,
    INBOX,
    KEY_ID,
    NOW,
    ed25519_pem,
    received,
    rsa_pem,
    signing_key,
    verification_key,
)

draft = pytest.importorskip("apsig.draft")
rfc9421 = pytest.importorskip("apsig.rfc9421")
proofs = pytest.importorskip("apsig.proof")

PROOF_KEY_ID = "https://remote.example/ap/users/7#ed25519-key"
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/activitystreams"],
    "id": "https://remote.example/1",
    "numbers": [1.5, 1e21],
}


def test_it_verifies_our_cavage_signatures() -> None:
    now = datetime.now(UTC)
    public = verification_key().public
    post = sign_post(signing_key(), INBOX, body_digest(BODY), now)
    assert draft.Verifier(public, "POST", INBOX, post, BODY).verify(raise_on_fail=True) == KEY_ID
    get = sign_get(signing_key(), INBOX, now)
    assert draft.Verifier(public, "GET", INBOX, get).verify(raise_on_fail=True) == KEY_ID


def test_we_verify_its_cavage_signatures() -> None:
    private = load_private_key(rsa_pem())
    for method, body in (("POST", BODY), ("GET", b"")):
        headers = draft.Signer({}, private, method, INBOX, KEY_ID, body).sign()
        del headers["Authorization"]
        verify_request(received(method, headers, body=body), verification_key(), datetime.now(UTC))


def test_we_verify_its_rfc_9421_signatures() -> None:
    signer = rfc9421.RFC9421Signer(load_private_key(rsa_pem()), KEY_ID)
    kind = {"content-type": "application/activity+json"}
    began = -1
    while began != int(time.time()):  # It reads the clock twice: for what it signs, and for what it says it signed.
        began = int(time.time())
        headers = signer.sign("POST", "/ap/users/1/inbox", "node.example", kind, BODY)
    request = received("POST", headers, body=BODY)
    (signature,) = parse_signatures(request)
    assert signature.key_id == KEY_ID
    check_signature(signature, request, verification_key().public)


def test_it_verifies_our_proofs() -> None:
    signed = add_proof(DOCUMENT, SigningKey.from_pem(PROOF_KEY_ID, ed25519_pem()), NOW)
    verifier = proofs.ProofVerifier(encode_multikey(ed25519_pem()))
    assert verifier.verify(signed, raise_on_fail=True) == PROOF_KEY_ID


def test_we_verify_its_proofs() -> None:
    private = load_private_key(ed25519_pem())
    assert isinstance(private, Ed25519PrivateKey)
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": PROOF_KEY_ID,
        "created": "2026-11-22T12:00:00Z",
    }
    signed = proofs.ProofSigner(private).sign(dict(DOCUMENT), options)
    key = VerificationKey.from_multikey(PROOF_KEY_ID, encode_multikey(ed25519_pem()))
    assert verify_proof(signed, key, NOW) == DOCUMENT
