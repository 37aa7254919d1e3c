"""WebFinger and host-meta."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from activitypub.parse import ParseError
from activitypub.types import Link, WebFinger
from activitypub.webfinger import parse_webfinger, render_host_meta, render_webfinger, webfinger_of

ADA = "https://photos.example/ap/users/1"


def test_the_usual_document_of_an_account() -> None:
    webfinger = webfinger_of(
        "ada@photos.example",
        ADA,
        profile_url="https://photos.example/@ada",
        subscribe_template="https://photos.example/authorize_interaction?uri={uri}",
    )
    assert render_webfinger(webfinger) == {
        "subject": "acct:ada@photos.example",
        "aliases": ["https://photos.example/@ada", ADA],
        "links": [
            {
                "rel": "http://webfinger.net/rel/profile-page",
                "type": "text/html",
                "href": "https://photos.example/@ada",
            },
            {"rel": "self", "type": "application/activity+json", "href": ADA},
            {
                "rel": "http://ostatus.org/schema/1.0/subscribe",
                "template": "https://photos.example/authorize_interaction?uri={uri}",
            },
        ],
    }
    assert webfinger.actor_id == ADA


@pytest.mark.parametrize(
    ("subject", "acct"),
    [
        ("acct:Ada@Photos.Example", "Ada@photos.example"),
        ("ACCT:@ada@photos.example", "ada@photos.example"),
        ("https://photos.example/@ada", None),
        ("acct:ada", None),
        ("acct:@photos.example", None),
    ],
)
def test_the_handle_in_the_subject(subject: str, acct: str | None) -> None:
    assert WebFinger(subject).acct == acct


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("application/activity+json", ADA),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', ADA),
        ("text/html", None),
        (None, None),
    ],
)
def test_the_actor_is_the_self_link_of_an_activity_type(kind: str | None, found: str | None) -> None:
    assert WebFinger("acct:ada@photos.example", (), (Link("self", ADA, kind),)).actor_id == found


def test_unreadable_links_and_aliases_are_skipped() -> None:
    document: dict[str, Any] = {
        "subject": "acct:ada@photos.example",
        "aliases": ["javascript:alert(1)", ADA, 7],
        "links": [
            None,
            {"rel": "self"},
            {"href": ADA},
            {"rel": "self", "href": "file:///etc/passwd"},
            {"rel": "subscribe", "template": "javascript:{uri}"},
            {"rel": "self", "href": ADA},
        ],
    }
    assert parse_webfinger(document) == WebFinger("acct:ada@photos.example", (ADA,), (Link("self", ADA),))


@pytest.mark.parametrize("document", [{}, {"subject": ""}, {"subject": 7}, {"links": []}])
def test_a_document_without_a_subject_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        parse_webfinger(document)


def test_host_meta_names_the_template() -> None:
    template = 'https://photos.example/.well-known/webfinger?a="&resource={uri}'
    root = ElementTree.fromstring(render_host_meta(template))
    (link,) = root
    assert link.attrib == {"rel": "lrdd", "type": "application/jrd+json", "template": template}
