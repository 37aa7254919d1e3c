"""Ids and URLs from strangers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.parse import ParseError, absolute_url, origin_host, url_or_none


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/users/ada",
        "https://a.example",
        "https://a.example/?author=0#main-key",
        "https://a.example/@ada@b.example/",
        "https://a.example/ap/did:plc:abc",
        "http://127.0.0.1:8080/x",
        "http://localhost/alice.com",
        "https://a.example/über/日本",
        "https://a.example/a..b/...",
        "https://a_b.example/",
    ],
)
def test_a_good_url_stays_as_it_is(url: str) -> None:
    assert absolute_url(url, "id") == url


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("HTTPS://A.Example/Path", "https://a.example/Path"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example:80", "http://a.example"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://Bücher.example/ö?ö#ö", "https://xn--bcher-kva.example/ö?ö#ö"),
        ("https://日本.example/", "https://xn--wgv71a.example/"),
        ("https://a.example?x=1:2", "https://a.example?x=1:2"),
    ],
)
def test_the_host_has_one_spelling(written: str, read: str) -> None:
    assert absolute_url(written, "id") == read


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing"),
        (7, "not a URL"),
        ({"id": "https://a.example"}, "not a URL"),
        ("", "http"),
        ("/relative", "http"),
        ("//a.example/x", "http"),
        ("ftp://a.example/x", "http"),
        ("javascript:alert(1)", "http"),
        ("ap://did:key:z6Mk/actor", "http"),
        ("acct:ada@a.example", "http"),
        ("tag:a.example,2026:1", "http"),
        ("https:a.example/x", "host"),
        ("https:///x", "host"),
        ("https://user@a.example/", "user info"),
        ("https://a.example@b.example/", "user info"),
        ("https://a.example:secret@b.example/", "user info"),
        ("https://a.example\\@b.example/", "characters"),
        ("https://a.example/x y", "characters"),
        ("https://a.example/\nx", "characters"),
        (" https://a.example/", "characters"),
        ("https://a.example/\u2028", "characters"),
        ("https://a.example/\x00", "characters"),
        ("https://a.example/a/../b", "dot segments"),
        ("https://a.example/..", "dot segments"),
        ("https://a.example/a/%2E%2e/b", "dot segments"),
        ("https://a.example/./b", "dot segments"),
        ("https://a.example/.?x", "dot segments"),
        ("https://a.example:0/", "port"),
        ("https://a.example:99999/", "URL"),
        ("https://a.example:x/", "URL"),
        ("https://[::1]/", "host"),
        ("https://[::1/", "URL"),
        ("https://.example/", "host"),
        ("https://a..example/", "host"),
        ("https://a.example./", "host"),
        ("https://-a.example/", "host"),
        ("https://{{domain}}/", "host"),
        ("https://a%2eexample/", "host"),
        ("https://" + "a" * 64 + ".example/", "host"),
        ("https://" + "a." * 127 + "example/", "host"),
        ("https://\u202eexample.com/", "host"),
        ("https://xn--a\u00df\u2100.example/", "URL"),
        ("https://a.example/" + "x" * 2048, "longer"),
    ],
)
def test_a_bad_url_is_refused_with_its_reason(value: object, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        absolute_url(value, "id")
    assert caught.value.path == "id"
    assert reason in caught.value.reason
    assert url_or_none(value) is None


@given(st.text(max_size=40) | st.text("https:/.@\\[]?#%2e:0a日İß\x00 ", max_size=30).map("http://a{}".format))
def test_whatever_is_accepted_is_accepted_again_unchanged(text: str) -> None:
    url = url_or_none(text)
    if url is not None:
        assert absolute_url(url, "") == url
        assert "@" not in origin_host(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/x", "a.example"),
        ("https://a.example", "a.example"),
        ("https://a.example?x", "a.example"),
        ("https://a.example#x/y", "a.example"),
        ("http://localhost:3000/x", "localhost:3000"),
    ],
)
def test_the_host_of_an_id(url: str, host: str) -> None:
    assert origin_host(url) == host
