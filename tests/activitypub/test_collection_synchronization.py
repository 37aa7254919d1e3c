"""FEP-8fcf: the digest of followers, and the header that carries it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.collection_synchronization import (
    Synchronization,
    digest_of,
    parse_synchronization,
    render_synchronization,
)

DIGEST = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
VALUE = Synchronization("https://a.example/u/1/followers", "https://a.example/u/1/sync", DIGEST)


def test_the_digest_is_that_of_the_specification() -> None:
    people = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"]
    assert digest_of(people) == digest_of([*reversed(people), people[0]]) == DIGEST
    assert digest_of([]) == "0" * 64


def test_the_header_says_back_what_it_was_told() -> None:
    header = render_synchronization(VALUE)
    assert parse_synchronization(header) == VALUE
    assert parse_synchronization(header.replace(", ", ",  ").replace(DIGEST, DIGEST.upper())) == VALUE


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "x",
        'collectionId="a"',
        f'collectionId="a", url="b", digest="{DIGEST[1:]}"',
        f'collectionId="a", url="b", digest="{DIGEST}", digest="{DIGEST}"',
        f"collectionId=a, url=b, digest={DIGEST}",
        f'collectionId="a", url="b", digest="{DIGEST}" url="c"',
        'a="' + "x" * 9000 + '"',
    ],
)
def test_a_broken_header_is_none(broken: str) -> None:
    assert parse_synchronization(broken) is None


@given(st.text(max_size=300))
def test_nothing_breaks_the_reader(header: str) -> None:
    parse_synchronization(header)
