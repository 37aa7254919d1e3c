"""What RFC 9421 allows and the federation does not."""

from __future__ import annotations

import pytest

from activitypub.signatures import SignatureError, SignedRequest, content_digest, key_ids_of, verify_request
from activitypub.signatures.algorithms import sign
from activitypub.signatures.encodings import encode_base64
from tests.activitypub.signatures.builders import (
    BODY,
    INBOX,
    KEY_ID,
    NOW,
    message_post,
    received,
    signed_post,
    signing_key,
    verification_key,
    with_header,
)


def two_labels(second_key: str) -> SignedRequest:
    """One good label and one of ``second_key`` whose value is garbage, the garbage first."""
    good = message_post()
    described, value = good.header("signature-input") or "", good.header("signature") or ""
    bad_input = f'bad=("@method" "@target-uri" "content-digest");created=1;keyid="{second_key}"'
    request = with_header(good, "Signature-Input", f"{bad_input}, {described}")
    return with_header(request, "Signature", f"bad=:AAAA:, {value}")


def test_one_valid_label_of_the_key_is_enough() -> None:
    other = "https://other.example/actor#key"
    assert key_ids_of(two_labels(other)) == (other, KEY_ID)
    verify_request(two_labels(other), verification_key(), NOW)
    verify_request(two_labels(KEY_ID), verification_key(), NOW)
    with pytest.raises(SignatureError):
        verify_request(two_labels(other), verification_key(key_id=other), NOW)


@pytest.mark.parametrize(
    "unreadable", ['("@Method");created=1', '("@method";req);created=1', '("date" "date")', "?1", "();keyid=1"]
)
def test_a_label_that_cannot_be_read_spoils_no_other(unreadable: str) -> None:
    good = message_post()
    request = with_header(good, "Signature-Input", f"proxy={unreadable}, {good.header('signature-input')}")
    request = with_header(request, "Signature", f"proxy=:AAAA:, {good.header('signature')}")
    assert key_ids_of(request) == (KEY_ID,)
    verify_request(request, verification_key(), NOW)


def test_the_value_of_one_label_is_never_used_with_the_input_of_another() -> None:
    request = message_post()
    with pytest.raises(SignatureError, match="fit together"):
        value = (request.header("signature") or "").replace("sig1=", "sig2=")
        verify_request(with_header(request, "Signature", value), verification_key(), NOW)


def message_request(covered: str, parameters: str) -> SignedRequest:
    """A POST signed by hand with RFC 9421 over just the named components."""
    values = {
        "@method": "POST",
        "@target-uri": INBOX,
        "@authority": "node.example",
        "@scheme": "https",
        "@request-target": "/ap/users/1/inbox",
        "@path": "/ap/users/1/inbox",
        "@query": "?",
        "content-digest": content_digest(BODY),
    }
    described = "({}){}".format(" ".join(f'"{name}"' for name in covered.split()), parameters)
    base = "".join(f'"{name}": {values[name]}\n' for name in covered.split()) + f'"@signature-params": {described}'
    value = encode_base64(sign(signing_key().private, base.encode()))
    headers = {
        "Content-Digest": values["content-digest"],
        "Signature-Input": f"sig1={described}",
        "Signature": f"sig1=:{value}:",
    }
    return received("POST", headers, body=BODY)


ALL = "@method @target-uri content-digest"
CREATED = f";created={int(NOW.timestamp())}"
KEY = f';keyid="{KEY_ID}"'


def test_every_derived_component_is_understood() -> None:
    covered = f"{ALL} @authority @scheme @request-target @path @query"
    verify_request(message_request(covered, CREATED + KEY), verification_key(), NOW)


@pytest.mark.parametrize(
    ("covered", "parameters", "reason"),
    [
        ("@target-uri content-digest", CREATED + KEY, "@method is not signed"),
        ("@method content-digest", CREATED + KEY, "@target-uri is not signed"),
        ("@method @target-uri", CREATED + KEY, "content-digest is not signed"),
        (ALL, KEY, "when it was created"),
        (ALL, CREATED, "another key"),
        (ALL, f'{CREATED}{KEY};alg="ed25519"', "does not fit the key"),
        (ALL, f'{CREATED}{KEY};alg="hmac-sha256"', "does not fit the key"),
        (ALL, f'{CREATED}{KEY};alg="rsa-pss-sha512"', "does not match"),
        (ALL, f"{CREATED}{KEY};expires={int(NOW.timestamp()) - 1}", "expired"),
        (ALL, f';created="1"{KEY}', "malformed"),
        (ALL, f";created{KEY}", "malformed"),
        (ALL, ";created=999999999999999" + KEY, "out of range"),
    ],
)
def test_a_message_signature_has_to_cover_and_say_enough(covered: str, parameters: str, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        verify_request(message_request(covered, parameters), verification_key(), NOW)


@pytest.mark.parametrize(
    "described",
    [
        '("@method" "@method")',
        '("@Method")',
        '("@query-param";name="a")',
        '("date";sf)',
        '("@status")',
        "(method)",
        "1",
        '("@method");created=1;created=2',
    ],
)
def test_components_nobody_uses_between_servers_are_refused(described: str) -> None:
    request = with_header(message_post(), "Signature-Input", f"sig1={described}{CREATED}{KEY}")
    with pytest.raises(SignatureError):
        verify_request(request, verification_key(), NOW)


def test_more_than_four_labels_are_refused() -> None:
    described = ", ".join(f's{number}=();keyid="{KEY_ID}"' for number in range(5))
    values = ", ".join(f"s{number}=:AAAA:" for number in range(5))
    request = with_header(with_header(message_post(), "Signature-Input", described), "Signature", values)
    with pytest.raises(SignatureError, match="too many"):
        key_ids_of(request)


def test_signature_input_decides_for_rfc_9421() -> None:
    request = with_header(signed_post(), "Signature-Input", 'sig1=("@method");created=1')
    with pytest.raises(SignatureError):
        verify_request(request, verification_key(), NOW)
