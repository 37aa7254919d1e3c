"""Host-meta of other servers: where they answer WebFinger."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.host_meta import fill_template, parse_host_meta
from activitypub.parse import ParseError
from activitypub.webfinger import render_host_meta

TEMPLATE = "https://photos.example/webfinger?resource={uri}"
XRD = '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">{}</XRD>'


def xrd(*links: str) -> bytes:
    return XRD.format("".join(links)).encode()


def test_the_template_is_found_and_filled() -> None:
    assert parse_host_meta(render_host_meta(TEMPLATE).encode()) == TEMPLATE
    assert fill_template(TEMPLATE, "acct:a&b@x.example") == TEMPLATE.replace("{uri}", "acct%3Aa%26b%40x.example")
    others = (
        '<Link rel="hub" template="https://x.example/{uri}"/>',
        '<Link rel="lrdd" type="application/xrd+xml" template="https://x.example/xrd?{uri}"/>',
        '<Link rel="lrdd" type="text/html" template="https://x.example/html?{uri}"/>',
        f"<Link rel='lrdd' template='{TEMPLATE}'/>",
    )
    assert parse_host_meta(xrd(*others)) == TEMPLATE
    assert parse_host_meta(xrd(*others[:3])) == "https://x.example/xrd?{uri}"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"<XRD><Link rel='lrdd'",
        b'<?xml version="1.0" encoding="UTFTF-8"?><XRD/>',
        b'<?xml version="1.0" encoding="shift_jis"?><XRD/>',
        b'<?xml version="1.0" encoding="rot13"?><XRD/>',
        xrd(),
        xrd('<Link rel="lrdd" href="https://x.example/"/>'),
        xrd('<Link rel="lrdd" template="https://x.example/"/>'),
        xrd('<Link rel="lrdd" template="file:///etc/passwd?{uri}"/>'),
        xrd('<Link rel="lrdd" template="https://eve@x.example/?{uri}"/>'),
        b'<XRD><Link rel="lrdd" template="https://x.example/?{uri}"/></XRD>',
        xrd(" " * 70_000),
    ],
)
def test_what_names_no_place_is_refused(document: bytes) -> None:
    with pytest.raises(ParseError):
        parse_host_meta(document)


def test_entities_are_never_declared() -> None:
    link = '<Link rel="lrdd" template="https://x.example/{uri}">&e;</Link>'
    for declared in (
        '<!DOCTYPE XRD [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE XRD SYSTEM "https://x.example/evil.dtd">',
        '<!DOCTYPE XRD [<!ENTITY d "ha"><!ENTITY e "&d;&d;&d;&d;">]>',
    ):
        with pytest.raises(ParseError, match="document type"):
            parse_host_meta(declared.encode() + xrd(link))


@given(st.binary(max_size=500) | st.text(max_size=200).map(xrd))
def test_garbage_is_refused_or_names_a_place(data: bytes) -> None:
    with contextlib.suppress(ParseError):
        assert "{uri}" in parse_host_meta(data)
