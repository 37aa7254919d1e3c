"""Somebody pastes the address of a page."""

from __future__ import annotations

import pytest

from federation import addressed
from federation.resolve_errors import Unresolvable
from node.services import domains
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.peers import response


def page(link: str) -> bytes:
    """A whole answer with a page that says this in its head."""
    return response(200, f"<!doctype html><html><head>{link}</head><body>…</body></html>".encode(), "text/html")


async def test_the_page_of_a_post_or_profile_leads_to_it(node: Node, peer: Peer, stranger: Peer) -> None:
    ann = peer.person("ann")
    note = peer.serve(ann.note())
    link = '<link rel="alternate" type="application/activity+json" href="{}">'
    peer.documents["/@ann/1"] = page(link.format(note["id"]))
    peer.documents["/@ann"] = page('<link href="/users/ann" rel="me alternate" type="application/activity+json; x=y"/>')
    assert (await addressed.post_at(f"{peer.origin}/@ann/1")).uri == note["id"]
    assert (await addressed.account_at(f"{peer.origin}/@ann")).uri == ann.uri
    # Whatever page names it, it is read at its own origin.
    stranger.documents["/mirror"] = page(link.format(note["id"]))
    assert (await addressed.post_at(f"{stranger.origin}/mirror")).uri == note["id"]


@pytest.mark.parametrize(
    "link",
    [
        "",
        '<link rel="alternate" type="application/rss+xml" href="/feed">',
        '<link rel="alternate" type="application/activity+json" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/activity+json" href="http://[">',
        '<link rel="alternate" type="application/activity+json" href="/page">',
        '<script><link rel="alternate" type="application/activity+json" href="/users/ann"></script>',
        '<link rel="alternate" type="application/activity+json" href="http://here.example/ap/posts/1">',
    ],
)
async def test_a_page_that_leads_nowhere_is_not_followed(node: Node, peer: Peer, link: str) -> None:
    peer.person("ann")
    peer.documents["/page"] = page(link)
    for asking in (addressed.post_at(f"{peer.origin}/page"), addressed.account_at(f"{peer.origin}/page")):
        with pytest.raises(Unresolvable):
            await asking
    assert len(peer.asked) <= 6
    await domains.block(peer.host)
    asked = len(peer.asked)
    with pytest.raises(Unresolvable, match="suspended"):
        await addressed.post_at(f"{peer.origin}/page")
    assert len(peer.asked) == asked
