"""NodeInfo and its index."""

from __future__ import annotations

from typing import Any

import pytest

from activitypub.nodeinfo import (
    INSTANCE_ACTOR,
    media_type_of,
    parse_nodeinfo,
    parse_nodeinfo_links,
    render_nodeinfo,
    render_nodeinfo_links,
)
from activitypub.parse import ParseError
from activitypub.types import Link, NodeInfo

OURS = NodeInfo(
    version="2.1",
    software_name="heliograph",
    software_version="0.1.0",
    software_repository="https://git.example/heliograph",
    users_total=3,
    node_name="Photos",
    metadata={"features": ["stories"], "nodeName": "overruled"},
)


def test_a_document_has_everything_the_schema_requires() -> None:
    assert render_nodeinfo(OURS) == {
        "version": "2.1",
        "software": {
            "name": "heliograph",
            "version": "0.1.0",
            "repository": "https://git.example/heliograph",
        },
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "usage": {"users": {"total": 3}},
        "openRegistrations": False,
        "metadata": {"features": ["stories"], "nodeName": "Photos", "staffAccounts": []},
    }


def test_the_older_version_lacks_what_it_does_not_know() -> None:
    document = render_nodeinfo(OURS, "2.0")
    assert document["version"] == "2.0"
    assert document["software"] == {"name": "heliograph", "version": "0.1.0"}


def test_usage_always_has_users() -> None:
    assert render_nodeinfo(NodeInfo(version="2.0", software_name="x"))["usage"] == {"users": {}}


def test_the_index_is_read_newest_first() -> None:
    index = render_nodeinfo_links(
        {"2.0": "https://photos.example/nodeinfo/2.0", "2.1": "https://photos.example/nodeinfo/2.1"},
        "https://photos.example/actor",
    )
    assert parse_nodeinfo_links(index) == (
        Link("http://nodeinfo.diaspora.software/ns/schema/2.1", "https://photos.example/nodeinfo/2.1"),
        Link("http://nodeinfo.diaspora.software/ns/schema/2.0", "https://photos.example/nodeinfo/2.0"),
        Link(INSTANCE_ACTOR, "https://photos.example/actor"),
    )


@pytest.mark.parametrize(
    "index", [{}, {"links": "x"}, {"links": [{"rel": INSTANCE_ACTOR, "href": "https://photos.example/actor"}]}]
)
def test_an_index_without_nodeinfo_is_refused(index: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        parse_nodeinfo_links(index)


def test_a_peers_document_is_read_whatever_else_it_says() -> None:
    document = {
        "version": "1.0",
        "software": {"name": "Pixelfed", "version": "0.12.6"},
        "protocols": {"inbound": ["activitypub"], "outbound": ["activitypub"]},
        "usage": {"users": {"total": "120", "activeMonth": -3}, "localPosts": 5.0},
        "openRegistrations": "yes",
        "metadata": [],
    }
    assert parse_nodeinfo(document) == NodeInfo(
        version="1.0", software_name="pixelfed", software_version="0.12.6", users_total=120, local_posts=5
    )


@pytest.mark.parametrize("software", [None, {}, {"name": 7}, {"name": ""}, {"name": "<script>"}, "mastodon"])
def test_a_document_that_does_not_name_its_software_is_refused(software: object) -> None:
    with pytest.raises(ParseError) as caught:
        parse_nodeinfo({"version": "2.0", "software": software})
    assert caught.value.path == "software.name"


def test_the_media_type_names_the_schema() -> None:
    assert media_type_of("2.1") == 'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"'
