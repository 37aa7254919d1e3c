"""Requests captured from other software and the vectors of the specifications."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activitypub.signatures import (
    SignatureError,
    SignatureMismatch,
    SignedRequest,
    VerificationKey,
    cavage,
    check_key_of_actor,
    key_ids_of,
    message_signatures,
    verify_request,
)
from activitypub.signatures.algorithms import check
from activitypub.signatures.digests import check_content_digest
from activitypub.signatures.keys import load_public_key
from activitypub.signatures.request import SignedResponse
from tests.activitypub.signatures.builders import vector, vectors


def request_of(data: dict[str, Any]) -> SignedRequest:
    described = data["request"]
    return SignedRequest(
        described["method"],
        described["target"],
        described.get("authority", "example.com"),
        described.get("scheme", "https"),
        tuple((name, value) for name, value in described["headers"]),
        base64.b64decode(described["body_b64"]),
    )


def moment_of(data: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(data.get("verify_at", data["signed_at"]), UTC)


def verify(data: dict[str, Any]) -> None:
    """The whole way of an inbox: the key is the one the request names, of the actor who acts."""
    request = request_of(data)
    (key_id,) = key_ids_of(request)
    if request.body:
        check_key_of_actor(key_id, json.loads(request.body)["actor"])
    verify_request(request, VerificationKey.from_pem(data["keyid"], data["public_key_pem"]), moment_of(data))


@pytest.mark.parametrize("name", vectors("capture-*.json"))
def test_requests_of_other_software_verify_as_they_were_captured(name: str) -> None:
    data = vector(name)
    if data["expected"] == "valid":
        assert key_ids_of(request_of(data)) == (data["keyid"],)
        verify(data)
    else:
        assert data["expected"] == "valid-only-with-fragment-quirk"
        with pytest.raises(SignatureMismatch):
            verify(data)


@pytest.mark.parametrize("name", vectors("capture-*.json"))
def test_the_signed_text_is_rebuilt_byte_for_byte(name: str) -> None:
    data = vector(name)
    request = request_of(data)
    if "signing_string" in data:
        signature = cavage.parse_signature(request.header("signature") or "")
        text = cavage.signing_string(signature, request, with_query=data["query_in_request_target"] is not False)
        assert text.decode() == data["signing_string"]
    elif data["expected"] == "valid":
        (labelled,) = message_signatures.parse_signatures(request)
        assert message_signatures.signature_base(labelled, request).decode() == data["signature_base"]


@pytest.mark.parametrize("name", vectors("capture-*.json"))
def test_captured_requests_are_refused_two_hours_later(name: str) -> None:
    data = vector(name)
    data["verify_at"] = data["signed_at"] + timedelta(hours=2).total_seconds()
    with pytest.raises(SignatureError, match="too old"):
        verify(data)


REASONS = {
    "negative-alg-none.json": "algorithm is not supported",
    "negative-body-tampered.json": "digest does not match the body",
    "negative-keyid-crossdomain.json": "another host than the actor",
    "negative-replay-late.json": "too old",
    "negative-target-swapped.json": "does not match",
}


@pytest.mark.parametrize("name", vectors("negative-*.json"))
def test_forged_requests_are_refused_for_the_right_reason(name: str) -> None:
    data = vector(name)
    assert data["expected"] == "invalid"
    with pytest.raises(SignatureError, match=REASONS[name]):
        verify(data)


@pytest.mark.parametrize("name", vectors("negative-keyid-crossdomain.json"))
def test_a_signature_naming_another_key_than_the_one_looked_up_is_refused(name: str) -> None:
    data = vector(name)
    key = VerificationKey.from_pem(data["keyid"], data["public_key_pem"])
    with pytest.raises(SignatureError, match="another key"):
        verify_request(request_of(data), key, moment_of(data))


@pytest.mark.parametrize("name", vectors("replay-fast.json"))
def test_a_replay_within_the_window_verifies_and_is_left_to_deduplication_by_id(name: str) -> None:
    data = vector(name)
    assert data["expected"] == "valid-once"
    verify(data)


@pytest.mark.parametrize("name", vectors("cavage12-*.json"))
def test_the_examples_of_the_draft_verify(name: str) -> None:
    data = vector(name)
    request = request_of(data)
    key = load_public_key(data["public_key_pem"], minimum_rsa_bits=1024)
    signature = cavage.parse_signature(request.header("signature") or "")
    assert signature.key_id == data["keyid"]
    assert cavage.signing_string(signature, request).decode() == data["signing_string"]
    cavage.check_signature(signature, request, key)


@pytest.mark.parametrize("name", vectors("rfc9421-b2[36]*.json"))
def test_the_request_examples_of_rfc_9421_verify(name: str) -> None:
    data = vector(name)
    request = request_of(data)
    (signature,) = message_signatures.parse_signatures(request)
    assert message_signatures.signature_base(signature, request).decode() == data["signature_base"]
    key = load_public_key(data["public_key_pem"])
    message_signatures.check_signature(signature, request, key, algorithm=data["algorithm"])


@pytest.mark.parametrize("name", vectors("rfc9421-b24*.json"))
def test_the_response_example_of_rfc_9421_verifies(name: str) -> None:
    data = vector(name)
    described = data["response"]
    key = load_public_key(data["public_key_pem"])
    response = SignedResponse(described["status"], tuple(map(tuple, described["headers"])))
    (signature,) = message_signatures.parse_signatures(response)
    signed = next(line for line in data["signature_base"].split("\n") if line.startswith('"content-digest"'))
    if signed != f'"content-digest": {response.header("content-digest")}':
        # The draft printed another digest in the message than the one it signed.
        check(key, data["algorithm"], signature.signature, data["signature_base"].encode())
        headers = {**dict(described["headers"]), "Content-Digest": signed.partition(": ")[2]}
        response = SignedResponse(described["status"], tuple(headers.items()))
    assert message_signatures.signature_base(signature, response).decode() == data["signature_base"]
    message_signatures.check_signature(signature, response, key)


@pytest.mark.parametrize("name", vectors("rfc9421-test-key-*.json"))
def test_the_keys_of_rfc_9421_are_read(name: str) -> None:
    assert VerificationKey.from_pem("test", vector(name)["public_key_pem"]).public is not None


MISPRINTED = "sha-512=:JlEy2bfUz7W"
"""The draft of RFC 9421 printed a response with the digest of another body; its published form has it right."""


@pytest.mark.parametrize("name", vectors("rfc9530-content-digest.json"))
def test_content_digests_verify_as_stated(name: str) -> None:
    for case in vector(name)["cases"]:
        body = base64.b64decode(case["body_b64"])
        misprinted = case["content_digest"].startswith(MISPRINTED)
        if case["expected"] == "valid" and not misprinted:
            check_content_digest(case["content_digest"], body)
            continue
        reason = {"valid": "does not match", "invalid": "does not match", "unsupported": "no supported algorithm"}[
            case["expected"]
        ]
        with pytest.raises(SignatureError, match=reason):
            check_content_digest(case["content_digest"], body)
