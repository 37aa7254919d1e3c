"""Captions to HTML, foreign HTML made harmless: whatever comes in, in linear time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node import text
from node.bus import MemoryBus
from node.models.accounts import Account
from node.rate_limits import MemoryRateLimiter
from node.runtime import Runtime, start, stop
from node.settings import load_settings

LINK = '<a href="{0}" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
HOSTILE = st.lists(
    st.sampled_from(
        [*"<>\"'&;#@/:.ab1 \n=()", "https://", "javascript:", "<a href=", "<b>", "</p>", "onload=", "&#x3c;"]
    )
).map("".join)


@pytest.fixture(autouse=True, scope="module")
def _a_node_with_an_address() -> Iterator[None]:
    """Rendering asks for nothing but the node's address."""
    no_part: Any = None
    settings = load_settings(base_url="https://here.example")
    start(Runtime(settings, b"", MemoryBus(), MemoryRateLimiter(), no_part, no_part, no_part, no_part, no_part))
    yield
    stop()


class _Harmless(HTMLParser):
    """Fails on anything a page must not contain."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in text._TAGS, tag
        for name, value in attrs:
            assert name in {"href", "class", "rel", "target", "translate"}, name
            if name == "href":
                assert value is not None and value.startswith(("http://", "https://")), value


def _assert_harmless(markup: str) -> None:
    parser = _Harmless()
    parser.feed(markup)
    parser.close()


def _bob() -> Account:
    return Account(
        username="Bob", domain="remote.example", uri="https://remote.example/u/1", url="https://remote.example/@Bob"
    )


def test_paragraphs_and_line_breaks_are_kept() -> None:
    assert text.render_caption("one\r\ntwo\n\n\nthree & <b>") == "<p>one<br>two</p><p>three &amp; &lt;b&gt;</p>"
    assert text.render_caption(" \n ") == ""


def test_links_leave_the_punctuation_of_the_sentence_alone() -> None:
    rendered = text.render_caption("see (https://x.example/a_(b)), and https://y.example/?q=1&r=2.")
    assert LINK.format("https://x.example/a_(b)") in rendered
    assert LINK.format("https://y.example/?q=1&amp;r=2") in rendered
    assert rendered.endswith("</a>.</p>")


def test_known_handles_become_links_and_others_stay_text() -> None:
    rendered = text.render_caption("hi @bob@Remote.example and @nobody", mentions={"bob@remote.example": _bob()})
    assert 'href="https://remote.example/@Bob" class="u-url mention">@<span>Bob</span></a>' in rendered
    assert rendered.endswith("and @nobody</p>")


def test_hashtags_become_links_under_one_name() -> None:
    rendered = text.render_caption("#Übermut #100 a#no")
    assert (
        'href="https://here.example/tags/übermut" class="mention hashtag" rel="tag">#<span>Übermut</span>' in rendered
    )
    assert "#100" in rendered and rendered.count("<a ") == 1


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("@alice, @Bob@Remote.example!", [("alice", ""), ("bob", "remote.example")]),
        ("mail me@example.org or x@y", []),
        ("https://example.org/@alice", []),
        ("(@a.b.c) @alice. @alice", [("a.b.c", ""), ("alice", "")]),
        ("@bob@localhost:8001 @x@bücher.example", [("bob", "localhost:8001"), ("x", "bücher.example")]),
        ("@@alice @", []),
    ],
)
def test_mentions_are_found(written: str, found: list[tuple[str, str]]) -> None:
    assert text.find_mentions(written) == found


def test_hashtags_are_found_once_as_written() -> None:
    assert text.find_hashtags("#Sun #sun ＃夕焼け #2024 #a_b &#x27; page#frag") == ["Sun", "夕焼け", "a_b"]
    assert len(text.find_hashtags(" ".join(f"#tag{number}" for number in range(300)))) == text.MAX_HASHTAGS
    assert len(text.find_mentions(" ".join(f"@user{number}" for number in range(300)))) == text.MAX_MENTIONS


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="JaVa\tScRiPt:alert(1)">x</a>',
        '<a href="data:text/html,<script>">x</a>',
        '<p style="position:fixed" onclick="x()">x</p>',
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<iframe srcdoc='<script>x</script>'></iframe>",
        '<span class="admin-badge invisible">x</span>',
        "<<b>script>alert(1)<</b>/script>",
        '<a href="//evil.example">x</a>',
    ],
)
def test_attacks_are_disarmed(attack: str) -> None:
    _assert_harmless(text.sanitise(attack))
    _assert_harmless(text.render_caption(attack))
    assert "admin-badge" not in text.sanitise(attack)


def test_links_of_strangers_tell_nothing_and_open_elsewhere() -> None:
    cleaned = text.sanitise('<p><a href="https://x.example" class="mention evil" rel="me opener">x</a></p>')
    assert 'rel="nofollow noopener noreferrer"' in cleaned and 'target="_blank"' in cleaned
    assert 'class="mention"' in cleaned and "me opener" not in cleaned


def test_control_and_direction_characters_go() -> None:
    assert text.clean("a\x00b\ud800c\r\nd ") == "abc\nd"
    assert text.clean_line("evil\u202egnp.exe\n x") == "evilgnp.exe x"
    assert "\x00" not in text.sanitise("<p>a\x00b</p>")


def test_plain_text_reads_like_the_page() -> None:
    assert text.plain_text("<p>one<br>two</p><p>a &amp; b &lt;3</p><script>x</script>") == "one\ntwo\na & b <3"


@given(HOSTILE | st.text())
@settings(max_examples=300, deadline=None)
def test_any_text_becomes_harmless_html(written: str) -> None:
    _assert_harmless(text.render_caption(written))
    _assert_harmless(text.sanitise(written))
    text.plain_text(written)
    text.find_mentions(written)
    text.find_hashtags(written)
    text.clean(written).encode()


@given(HOSTILE)
@settings(max_examples=100, deadline=None)
def test_cleaning_twice_changes_nothing_more(written: str) -> None:
    once = text.sanitise(written)
    assert text.sanitise(once) == once


@pytest.mark.parametrize(
    "work", [text.render_caption, text.sanitise, text.plain_text, text.find_mentions, text.find_hashtags]
)
@pytest.mark.parametrize(
    "piece",
    [
        "@",
        "@a",
        "@a.",
        "@a@",
        "@a@b.",
        "#",
        "#a",
        "https://",
        "https://x(",
        "https://x)",
        "<",
        "<b>",
        "<a><b>",
        "a.",
        "((",
        "))",
        "<p><i>",
        "<b>x</p>",
        "&",
        "\n",
    ],
)
def test_time_grows_with_length_only(work: Callable[[str], object], piece: str) -> None:
    """Eight times the input may take eight times as long and then some, not sixty-four times."""

    def seconds(length: int) -> float:
        written = piece * (length // len(piece))
        begun = time.process_time()
        work(written)
        return time.process_time() - begun

    seconds(1_000)
    small = min(seconds(20_000) for _ in range(3))
    assert seconds(160_000) < max(small, 0.004) * 30
