"""Attacks other servers have had, tried on ours: where a document can send us, and for how long.

A stranger's document names addresses: of actors, posts, keys, collections and their pages, and redirects lead from any
of them to others. Each test names the advisory it comes from.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from federation import collection_reading, fetching, resolve
from federation.budget import Budget, TooMuch
from federation.client import HttpClient
from federation.resolve_errors import ResolveError, Unresolvable
from node.models.posts import Post
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer, running_peer
from tests.federation.peers import Asked, response
from tests.federation.peers import peer as serving
from tests.federation.test_received_activities import followed
from tests.federation.test_threads_below import collection, known, looked_at

INSIDE = [
    "127.0.0.1",
    "localhost",
    "0.0.0.0",
    "0",
    "2130706433",
    "0x7f.1",
    "127.1",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fc00::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]


def moved_to(url: str) -> bytes:
    """A whole answer that leads on."""
    return response(302, location=url)


class TestTheOpenInternet:
    """The guard is up, as it is on every real node."""

    @pytest.fixture
    def federation_options(self) -> dict[str, object]:
        return {"allow_private_networks": False}

    @pytest.mark.parametrize("host", INSIDE)
    async def test_cve_2025_25194_2026_33693_22245_46348_47389_ghsa_vwhj_3g83_v276_nothing_inside_is_asked(
        self, node: Node, host: str
    ) -> None:
        for asking in (
            resolve.resolve_actor(f"https://{host}/users/eve"),
            resolve.resolve_post(f"https://{host}/notes/1"),
            resolve.resolve_handle(f"eve@{host}"),
            fetching.fetch_webfinger(f"eve@{host}", "https", Budget()),
            fetching.fetch_unchecked(f"http://{host}/", Budget()),
        ):
            with pytest.raises(Unresolvable):
                await asking
        read = collection_reading.item_ids(f"https://{host}/replies", host, Budget())
        assert await read == []
        assert fetching.client().open_connections == 0


@pytest.fixture
async def inside(node: Node) -> AsyncIterator[Peer]:
    """A server on an address that counts as inside, beside a `peer` that counts as outside."""
    async with running_peer("127.0.0.2") as server:
        yield server


@pytest.fixture
async def guarded(node: Node, peer: Peer, inside: Peer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The guard is up, and only the host of `peer` is outside."""
    async with HttpClient(
        "tests",
        allow_http=True,
        trusted_networks=(ip_network("127.0.0.1/32"),),
        ports=frozenset({peer.server.port, inside.server.port}),
    ) as client:
        monkeypatch.setattr(fetching, "_client", client)
        yield


@pytest.mark.usefixtures("guarded")
async def test_misskey_cve_2024_52579_fedify_77632_no_redirect_and_no_page_leads_inside(
    node: Node, peer: Peer, inside: Peer
) -> None:
    eve = inside.person("eve")
    peer.documents["/users/eve"] = moved_to(eve.uri)
    peer.documents["/notes/1"] = moved_to(f"{inside.origin}/notes/1")
    ann = peer.person("ann")
    peer.handles[f"eve@{peer.host}"] = eve.uri
    for asking in (
        resolve.resolve_actor(f"{peer.origin}/users/eve"),
        resolve.resolve_post(f"{peer.origin}/notes/1"),
        resolve.resolve_handle(f"eve@{peer.host}"),
    ):
        with pytest.raises(Unresolvable):
            await asking
    peer.documents["/moved"] = moved_to(f"{inside.origin}/replies")
    secret = f"{inside.origin}/notes/secret"
    first = collection(peer, "/replies", [secret, f"{peer.origin}/notes/1"], after=f"{inside.origin}/replies/2")
    for replies in (first, f"{peer.origin}/moved", f"{inside.origin}/replies"):
        post = await known(peer.serve(ann.note(replies=replies, context=replies, likes=f"{inside.origin}/likes")))
        assert (await looked_at(node, post)).found == 0
    assert (inside.asked, inside.server.connections) == ([], 0)


@pytest.mark.parametrize("is_circle", [True, False])
async def test_fedify_cve_2025_23221_webfinger_that_redirects_for_ever_ends(node: Node, is_circle: bool) -> None:
    numbers = itertools.count()

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        number = 0 if is_circle else next(numbers)
        writer.write(response(302, location=f"/.well-known/webfinger?resource=acct:eve&n={number}"))

    async with serving(answer) as server:
        with pytest.raises(Unresolvable):
            await resolve.resolve_handle(f"eve@{server.host}:{server.port}")
        assert len(server.asked) <= 4


async def test_fedify_cve_2026_34148_documents_that_redirect_for_ever_end_within_the_budget(node: Node) -> None:
    numbers = itertools.count()

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(302, location=f"/notes/{next(numbers)}"))

    async with serving(answer) as server:
        budget = Budget(5)
        for number in range(5):
            with pytest.raises(Unresolvable, match="redirects"):
                await resolve.resolve_post(server.url(f"/from/{number}"), budget=budget)
        with pytest.raises(TooMuch):
            await resolve.resolve_post(server.url("/from/6"), budget=budget)
        assert len(server.asked) == 20


@pytest.mark.parametrize(
    "origin", ["http://here.example", "http://HERE.example", "http://here.example:80", "https://here.example"]
)
async def test_lemmy_cve_2025_25194_the_node_never_asks_itself(node: Node, peer: Peer, origin: str) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    peer.documents["/notes/moved"] = moved_to(f"{origin}/ap/posts/1")
    for asking in (
        resolve.resolve_actor(f"{origin}/ap/users/1"),
        resolve.resolve_post(f"{origin}/ap/posts/1"),
        resolve.resolve_post(f"{peer.origin}/notes/moved"),
    ):
        with pytest.raises(ResolveError):
            await asking
    reply = ann.note(inReplyTo=f"{origin}/ap/posts/1")
    await node.take(ann.create(reply), ann)
    assert (await Post.get(uri=reply["id"])).parent_id is None
    forged = peer.serve(ann.note()) | {"id": f"{origin}/ap/posts/2", "attributedTo": f"{origin}/ap/users/{me.id}"}
    peer.documents["/notes/forged"] = forged
    with pytest.raises(Unresolvable):
        await resolve.resolve_post(f"{peer.origin}/notes/forged")
    assert await Post.all().count() == 1


@pytest.mark.parametrize(
    "kind", ["application/json", "text/html", "image/png", "application/ld+json", "application/octet-stream"]
)
async def test_cve_2024_25623_a_file_somebody_uploaded_is_no_document(node: Node, peer: Peer, kind: str) -> None:
    ann = peer.person("ann")

    def uploaded(document: object) -> bytes:
        return response(200, json.dumps(document).encode(), kind)

    note = ann.note(id=f"{peer.origin}/media/note.json")
    peer.documents["/media/note.json"] = uploaded(note)
    with pytest.raises(Unresolvable, match="media type"):
        await resolve.resolve_post(note["id"])
    answer = peer.serve(ann.note(id=f"{peer.origin}/notes/answer", inReplyTo=f"{peer.origin}/notes/top"))
    page = {"type": "OrderedCollection", "id": f"{peer.origin}/media/page.json", "orderedItems": [answer["id"]]}
    peer.documents["/media/page.json"] = uploaded(page)
    top = await known(peer.serve(ann.note(id=f"{peer.origin}/notes/top", replies=page["id"])))
    assert (await looked_at(node, top)).found == 0
    # The very same, served as what it is, is read.
    peer.serve(page)
    assert await collection_reading.item_ids(str(page["id"]), peer.host, Budget()) == [answer["id"]]


async def test_akkoma_an_open_redirect_does_not_lend_its_name(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, eve = peer.person("ann"), stranger.person("eve")
    peer.documents["/redirect"] = moved_to(f"{stranger.origin}/forged")
    for document in (
        ann.note(id=f"{peer.origin}/redirect"),
        eve.note(id=f"{peer.origin}/redirect"),
        ann.document() | {"id": f"{peer.origin}/redirect"},
    ):
        stranger.documents["/forged"] = document
        for asking in (
            resolve.resolve_post(f"{peer.origin}/redirect"),
            resolve.resolve_actor(f"{peer.origin}/redirect"),
        ):
            with pytest.raises(Unresolvable):
                await asking
    assert (await Post.all().count(), await node.count("accounts", "domain <> ''")) == (0, 0)


async def test_misskey_cve_2023_49079_a_thread_lists_nothing_into_being(node: Node, peer: Peer, stranger: Peer) -> None:
    """What a collection embeds is never kept: each post is read where its author is."""
    ann, bob = peer.person("ann"), stranger.person("bob")
    top = f"{peer.origin}/notes/top"
    said = bob.note("<p>never said</p>", id=f"{stranger.origin}/notes/never", inReplyTo=top)
    stranger.serve(bob.note("<p>as it is</p>", id=f"{stranger.origin}/notes/real", inReplyTo=top))
    twisted = bob.note("<p>twisted</p>", id=f"{stranger.origin}/notes/real", inReplyTo=top)
    lent = peer.serve(bob.note("<p>lent</p>", inReplyTo=top) | {"id": f"{peer.origin}/notes/lent"})
    replies = collection(peer, "/replies", [said, twisted, lent, {"type": "Create", "object": said, "id": top}])
    post = await known(peer.serve(ann.note(id=top, replies=replies)))
    assert (await looked_at(node, post)).found == 1
    found = await Post.filter(parent_id=post.id)
    assert [comment.content for comment in found] == ["<p>as it is</p>"]


async def test_fedify_cve_2026_62857_the_links_of_a_nodeinfo_are_not_followed(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    link = {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": f"{stranger.origin}/nodeinfo"}
    peer.documents["/.well-known/nodeinfo"] = {"links": [link]}
    await followed(node, peer.person("ann"), await builders.local_account())
    await node.process()
    assert stranger.asked == []
