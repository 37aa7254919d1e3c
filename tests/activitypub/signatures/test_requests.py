"""Signing and verifying requests, in both versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from activitypub.signatures import (
    SignatureError,
    SignatureMismatch,
    SignedRequest,
    body_digest,
    check_key_id,
    check_key_of_actor,
    content_digest,
    generate_rsa_key,
    key_ids_of,
    sign_get,
    sign_message,
    sign_post,
    verify_request,
)
from activitypub.signatures.algorithms import sign
from activitypub.signatures.encodings import encode_base64
from activitypub.signatures.freshness import http_date
from tests.activitypub.signatures.builders import (
    BODY,
    KEY_ID,
    NOW,
    ed25519_pem,
    message_post,
    received,
    signed_get,
    signed_post,
    signing_key,
    verification_key,
    with_header,
)

SECOND = timedelta(seconds=1)


def cavage_request(
    signed: str,
    *,
    extra: str = "",
    method: str = "POST",
    algorithm: str = "hs2019",
    lines: dict[str, str] | None = None,
) -> SignedRequest:
    """A request signed by hand over just the named things, the way a sloppy or hostile peer would."""
    values = {
        "(request-target)": f"{method.lower()} /ap/users/1/inbox",
        "host": "node.example",
        "date": http_date(NOW),
        "digest": body_digest(BODY),
        **(lines or {}),
    }
    text = "\n".join(f"{name}: {values[name]}" for name in signed.split(" "))
    value = encode_base64(sign(signing_key().private, text.encode()))
    header = f'keyId="{KEY_ID}",algorithm="{algorithm}",headers="{signed}",signature="{value}"{extra}'
    headers = {"Host": "node.example", "Date": values["date"], "Digest": values["digest"], "Signature": header}
    return received(method, headers, body=BODY)


def test_a_signed_post_carries_exactly_what_peers_expect() -> None:
    headers = sign_post(signing_key(), "https://node.example:443/ap/users/1/inbox#x", body_digest(BODY), NOW)
    assert list(headers) == ["Host", "Date", "Digest", "Signature"]
    assert headers["Host"] == "node.example"
    assert headers["Date"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    assert headers["Digest"].startswith("SHA-256=")
    assert headers["Signature"].startswith(
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="'
    )


@pytest.mark.parametrize("make", [signed_post, signed_get, message_post])
def test_what_we_sign_we_verify(make: Callable[[], SignedRequest]) -> None:
    request = make()
    assert key_ids_of(request) == (KEY_ID,)
    verify_request(request, verification_key(), NOW)


@pytest.mark.parametrize("make", [signed_post, message_post])
def test_an_ed25519_key_signs_requests_too(make: Callable[..., SignedRequest]) -> None:
    verify_request(make(pem=ed25519_pem()), verification_key(ed25519_pem()), NOW)


def test_a_get_is_signed_with_rfc_9421_without_a_digest() -> None:
    headers = sign_message(signing_key(), "get", "https://node.example/ap/posts/5?page=1", NOW)
    assert "Content-Digest" not in headers
    verify_request(received("GET", headers, target="/ap/posts/5?page=1"), verification_key(), NOW)


@pytest.mark.parametrize("make", [signed_post, message_post])
@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"target": "/ap/users/2/inbox"},
        {"authority": "other.example"},
        {"body": BODY + b" "},
        {"body": b""},
    ],
)
def test_every_part_of_a_signed_request_is_protected(
    make: Callable[[], SignedRequest], changes: dict[str, object]
) -> None:
    request = make()
    with pytest.raises(SignatureError):
        verify_request(replace(request, **changes), verification_key(), NOW)  # type: ignore[arg-type]


def test_a_query_added_on_the_way_breaks_an_rfc_9421_signature() -> None:
    with pytest.raises(SignatureMismatch):
        verify_request(replace(message_post(), target="/ap/users/1/inbox?x"), verification_key(), NOW)


def test_the_scheme_is_part_of_what_rfc_9421_protects() -> None:
    with pytest.raises(SignatureMismatch):
        verify_request(replace(message_post(), scheme="http"), verification_key(), NOW)


@pytest.mark.parametrize("name", ["Date", "Digest", "Signature"])
@pytest.mark.parametrize("value", [None, "", "x", "Sun, 22 Nov 2026 12:00:01 GMT", body_digest(b"other")])
def test_a_changed_or_missing_cavage_header_is_refused(name: str, value: str | None) -> None:
    with pytest.raises(SignatureError):
        verify_request(with_header(signed_post(), name, value), verification_key(), NOW)


@pytest.mark.parametrize("name", ["Content-Digest", "Signature", "Signature-Input"])
@pytest.mark.parametrize("value", [None, "", "x", "sig1=1", content_digest(b"other"), 'sig1=("@method");created=1'])
def test_a_changed_or_missing_rfc_9421_header_is_refused(name: str, value: str | None) -> None:
    with pytest.raises(SignatureError):
        verify_request(with_header(message_post(), name, value), verification_key(), NOW)


@pytest.mark.parametrize("make", [signed_post, message_post])
def test_the_signature_of_a_stranger_is_a_mismatch(make: Callable[[], SignedRequest]) -> None:
    with pytest.raises(SignatureMismatch):
        verify_request(make(), verification_key(generate_rsa_key()), NOW)


@pytest.mark.parametrize("make", [signed_post, message_post])
def test_a_key_known_by_another_id_is_not_used(make: Callable[[], SignedRequest]) -> None:
    with pytest.raises(SignatureError, match="another key"):
        verify_request(make(), verification_key(key_id="https://remote.example/ap/users/8#main-key"), NOW)


@pytest.mark.parametrize("make", [signed_post, message_post])
@pytest.mark.parametrize(
    ("signed_at", "reason"),
    [
        (NOW - timedelta(hours=1, minutes=5), None),
        (NOW - timedelta(hours=1, minutes=5) - SECOND, "too old"),
        (NOW + timedelta(hours=1), None),
        (NOW + timedelta(hours=1) + SECOND, "future"),
    ],
)
def test_the_clock_window_ends_where_it_says(
    make: Callable[..., SignedRequest], signed_at: datetime, reason: str | None
) -> None:
    request = make(now=signed_at)
    if reason is None:
        verify_request(request, verification_key(), NOW)
    else:
        with pytest.raises(SignatureError, match=reason):
            verify_request(request, verification_key(), NOW)


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        ("host date digest", "request-target"),
        ("(request-target) date digest", "host"),
        ("(request-target) host date", "digest"),
        ("(request-target) host digest", "date"),
    ],
)
def test_a_cavage_signature_has_to_cover_enough(signed: str, reason: str) -> None:
    with pytest.raises(SignatureError, match=f"{reason}.* signed"):
        verify_request(cavage_request(signed), verification_key(), NOW)


def test_order_and_further_headers_are_the_senders_choice() -> None:
    verify_request(cavage_request("digest date host (request-target)"), verification_key(), NOW)


def test_hs2019_may_say_when_it_was_made_instead_of_a_date() -> None:
    created = int(NOW.timestamp())
    signed = "(request-target) (created) (expires) host digest"
    lines = {"(created)": str(created), "(expires)": str(created + 60)}
    request = cavage_request(signed, extra=f",created={created},expires={created + 60}", lines=lines)
    verify_request(request, verification_key(), NOW)
    verify_request(request, verification_key(), NOW + 60 * SECOND)
    with pytest.raises(SignatureError, match="expired"):
        verify_request(request, verification_key(), NOW + 61 * SECOND)
    with pytest.raises(SignatureMismatch):
        later = with_header(
            request, "Signature", (request.header("signature") or "").replace(f"={created},", f"={created + 1},")
        )
        verify_request(later, verification_key(), NOW)


def test_created_is_for_hs2019_only() -> None:
    created = int(NOW.timestamp())
    request = cavage_request(
        "(request-target) (created) host digest",
        algorithm="rsa-sha256",
        extra=f",created={created}",
        lines={"(created)": str(created)},
    )
    with pytest.raises(SignatureError, match="hs2019"):
        verify_request(request, verification_key(), NOW)


@pytest.mark.parametrize("algorithm", ["none", "rsa-sha1", "hmac-sha256", "ed25519", "RSA-SHA256", ""])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    request = cavage_request("(request-target) host date digest", algorithm=algorithm)
    with pytest.raises(SignatureError, match="not supported"):
        verify_request(request, verification_key(), NOW)


def test_a_missing_algorithm_means_rsa_sha256() -> None:
    request = signed_post()
    header = (request.header("signature") or "").replace(',algorithm="rsa-sha256"', "")
    verify_request(with_header(request, "Signature", header), verification_key(), NOW)


def test_a_query_may_be_left_out_of_the_request_target_but_not_altered() -> None:
    verify_request(signed_get("/ap/outbox?page=2"), verification_key(), NOW)
    verify_request(signed_get("/ap/outbox?page=2", with_query=False), verification_key(), NOW)
    with pytest.raises(SignatureMismatch):
        verify_request(replace(signed_get("/ap/outbox?page=2"), target="/ap/outbox?page=3"), verification_key(), NOW)


def test_a_request_verifies_behind_a_proxy_that_rewrites_the_host() -> None:
    for upstream in ("127.0.0.1:8000", "NODE.example:443"):
        request = with_header(signed_get(), "Host", upstream)
        if upstream.startswith("127"):
            verify_request(request, verification_key(), NOW)
        else:
            with pytest.raises(SignatureMismatch):  # signed as node.example, received as something equal
                verify_request(request, verification_key(), NOW)


def test_a_non_standard_port_is_part_of_the_host() -> None:
    headers = sign_get(signing_key(), "https://node.example:8443/a", NOW)
    assert headers["Host"] == "node.example:8443"
    request = SignedRequest("GET", "/a", "node.example:8443", "https", tuple(headers.items()))
    verify_request(request, verification_key(), NOW)
    with pytest.raises(SignatureMismatch):
        verify_request(replace(request, authority="node.example"), verification_key(), NOW)


@pytest.mark.parametrize("name", ["Signature", "Date", "Digest", "Host", "DATE", "signature-input", "Content-Digest"])
def test_a_header_the_signature_depends_on_may_come_only_once(name: str) -> None:
    request = signed_post()
    with pytest.raises(SignatureError, match="more than one"):
        replace(request, headers=((name, "a"), *request.headers, (name, "b")))


def test_folded_oversized_and_too_many_headers_are_refused() -> None:
    with pytest.raises(SignatureError, match="folded"):
        received("GET", {"Date": "Sun,\r\n 22 Nov"})
    with pytest.raises(SignatureError, match="too long"):
        received("GET", {"Accept": "a" * 16_385})
    with pytest.raises(SignatureError, match="too many"):
        received("GET", {f"X-{number}": "" for number in range(129)})


def test_an_unsigned_request_is_refused_before_any_key_is_asked_for() -> None:
    with pytest.raises(SignatureError, match="not signed"):
        key_ids_of(received("GET", {"Host": "node.example"}))


@pytest.mark.parametrize(
    "key_id",
    [
        "acct:a@b.example",
        "a",
        "https://",
        "https://user@b.example/k",
        "ftp://b.example/k",
        "https://b.example/ k",
        "javascript:x",
        "https://b.example:99999/k",
        "https://ü.example/k",
        "https://b.example/" + "k" * 2048,
        "https://[::1",
    ],
)
def test_key_ids_that_are_no_web_addresses_are_refused(key_id: str) -> None:
    with pytest.raises(SignatureError):
        check_key_id(key_id)
    request = with_header(signed_post(), "Signature", f'keyId="{key_id}",signature="AAAA"')
    with pytest.raises(SignatureError):
        key_ids_of(request)


def test_a_key_speaks_only_for_actors_of_its_own_origin() -> None:
    check_key_of_actor("https://a.example/u/1#main-key", "https://A.example:443/u/1")
    for other in (
        "https://b.example/u/1",
        "https://sub.a.example/u/1",
        "http://a.example/u/1",
        "https://a.example:8443/u/1",
    ):
        with pytest.raises(SignatureError, match="another host"):
            check_key_of_actor("https://a.example/u/1#main-key", other)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "https:///x",
        "https://u:p@a.example/",
        "https://a.example/a b",
        "https://ü.example/",
        "https://[x/",
    ],
)
def test_addresses_that_cannot_be_requested_cannot_be_signed_for(url: str) -> None:
    with pytest.raises(SignatureError):
        sign_get(signing_key(), url, NOW)
    with pytest.raises(SignatureError):
        sign_message(signing_key(), "GET", url, NOW)


def test_an_unforeseen_failure_is_a_refusal() -> None:
    with pytest.raises(SignatureError):
        verify_request(signed_post(), verification_key(), NOW.replace(tzinfo=None))
