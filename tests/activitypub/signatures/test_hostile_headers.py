"""Whatever a stranger writes into the headers, the answer is a refusal, and a quick one."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from activitypub.signatures import SignatureError, SignedRequest, key_ids_of, verify_request
from activitypub.signatures.accept_signature import read_accept_signature
from activitypub.signatures.cavage import parse_signature
from activitypub.signatures.digests import check_body_digest, check_content_digest
from activitypub.signatures.encodings import decode_base58btc, decode_base64, encode_base58btc
from activitypub.signatures.freshness import parse_http_date
from activitypub.signatures.keys import decode_multikey, load_public_key
from activitypub.signatures.structured_fields import parse_dictionary
from tests.activitypub.signatures.builders import NOW, verification_key

ALPHABET = st.sampled_from('abzAZ019 \t"\\=,;:()?*@-._/+#%\0\n\x7fü€')
TEXT = st.text(ALPHABET, max_size=200) | st.text(max_size=100)
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            'keyId="https://a.example/k"',
            'signature="AAAA"',
            'headers="(request-target) host date digest"',
            "created=1",
            ",",
            " ",
            "sig1=",
            '("@method" "@target-uri")',
            ';created=1;keyid="https://a.example/k"',
            ":AAAA:",
            "sha-256=",
            "SHA-256=",
            '"',
            "(",
            ")",
            "\\",
        ]
    ),
    max_size=12,
).map("".join)

PARSERS: list[Callable[[str], object]] = [
    parse_signature,
    parse_dictionary,
    read_accept_signature,
    parse_http_date,
    decode_base64,
    decode_base58btc,
    decode_multikey,
    load_public_key,
    lambda text: check_body_digest(text, b"body"),
    lambda text: check_content_digest(text, b"body"),
]


@pytest.mark.parametrize("parse", PARSERS)
@given(text=TEXT | FRAGMENTS)
@settings(max_examples=200, deadline=None)
def test_parsers_refuse_and_never_crash(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except SignatureError as error:
        assert error.reason


@given(
    signature=TEXT | FRAGMENTS,
    described=st.none() | TEXT | FRAGMENTS,
    date=TEXT,
    digest=TEXT,
    body=st.binary(max_size=20),
)
@example(signature='keyId="",signature=""', described=None, date="", digest="", body=b"")
@settings(max_examples=400, deadline=None)
def test_no_request_verifies_by_accident(
    signature: str, described: str | None, date: str, digest: str, body: bytes
) -> None:
    headers = [("Signature", signature), ("Date", date), ("Digest", digest), ("Content-Digest", digest)]
    if described is not None:
        headers.append(("Signature-Input", described))
    with pytest.raises(SignatureError):
        request = SignedRequest("POST", "/inbox", "node.example", "https", tuple(headers), body)
        for key_id in key_ids_of(request):
            verify_request(request, verification_key(key_id=key_id), NOW)
        raise AssertionError("it verified")


@given(st.binary(max_size=80))
def test_base58_round_trips(data: bytes) -> None:
    text = encode_base58btc(data)
    if data:
        assert decode_base58btc(text) == data


@pytest.mark.parametrize(
    "text",
    [
        "a" * 8192,
        " " * 8192,
        'a="' + "b" * 8000,
        "a=" + " " * 8000,
        'a="b",' * 1300,
        "a=" + "1" * 8000,
        "," * 8192,
        "(" * 8192,
        'a=("' + "\\\\" * 4000,
        "a=:" + "A" * 8000,
        "a;" * 4000,
        'headers="' + "a " * 4000 + '"',
    ],
)
def test_the_longest_garbage_is_dealt_with_at_once(text: str) -> None:
    started = time.perf_counter()
    for parse in (parse_signature, parse_dictionary, lambda text: check_body_digest(text, b"")):
        with suppress(SignatureError):
            parse(text)
    assert time.perf_counter() - started < 0.5


def test_oversized_headers_are_refused_unread() -> None:
    with pytest.raises(SignatureError, match="too long"):
        parse_signature('keyId="' + "a" * 9000 + '"')
    with pytest.raises(SignatureError, match="too long"):
        parse_dictionary("a" * 17_000)
