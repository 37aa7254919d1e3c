"""Files of posts that are not for everybody, as other servers get them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import api.routes
from federation import wiring
from federation.ready import ready_document
from media.drawn import draw_picture
from node import urls
from node.file_tokens import placeholder
from node.models.accounts import Account
from node.models.posts import Post
from node.runtime import Runtime, runtime
from node.services import archive, blocks, follows, posts, remote_media
from node.services.posts import Draft, IncomingMedia
from node.settings import Settings
from tests import builders
from tests.api.conftest import one_app
from tests.federation.node import ACTIVITY, Node
from tests.federation.peer import Peer, Person
from tests.federation.test_published import follower, only


@pytest.fixture
async def node(settings: Settings, started: Runtime) -> AsyncIterator[Node]:
    """The whole application, its federation open."""
    async with wiring.connected(settings):
        disconnect = api.routes.connect()
        yield Node(one_app(), settings)
        disconnect()


class Sent:
    """A picture for followers, sent to two servers; each has one follower."""

    me: Account
    ann: Person
    friend: Account
    bob: Person
    post: Post
    media_id: int


@pytest.fixture
async def sent(node: Node, peer: Peer, stranger: Peer, tmp_path: Path) -> Sent:
    made = Sent()
    made.me, made.ann, made.bob = await builders.local_account(), peer.person("ann"), stranger.person("bob")
    made.friend = await follower(node, made.ann, made.me)
    await follower(node, made.bob, made.me)
    drawn = tmp_path / "drawn.jpg"
    drawn.write_bytes(draw_picture(7, 300, 200))
    key = await runtime().storage.put_file(drawn, "image/jpeg")
    variants = {"full": {"key": key, "type": "image/jpeg", "width": 300, "height": 200, "bytes": 9}}
    picture = await builders.picture(made.me, variants=variants, width=300, height=200)
    made.media_id = picture.id
    made.post = await posts.publish(made.me, Draft(text="ours", media_ids=(picture.id,), visibility="followers"))
    await node.deliver()
    return made


def url_in(note: dict[str, Any]) -> str:
    [attachment] = note["attachment"]
    return str(attachment["url"])


async def status_of(node: Node, url: str, by: Person | None = None) -> int:
    return int((await node.get(urlsplit(url).path, "image/*", by=by)).status_code)


async def test_each_server_is_sent_an_address_of_its_own(node: Node, peer: Peer, stranger: Peer, sent: Sent) -> None:
    hers, his = url_in(only(peer, "Create")["object"]), url_in(only(stranger, "Create")["object"])
    assert hers != his
    for url in (hers, his):
        assert url.startswith(f"http://here.example/media/closed/{sent.media_id}/full/")
        assert placeholder() not in url
        assert await status_of(node, url) == 200, "servers fetch pictures without signing"
    path = urlsplit(sent.post.uri).path
    for suffix in ("", "/activity"):
        assert (await node.get(path + suffix)).status_code == 404, "unsigned"
        answer = await node.get(path + suffix, by=sent.ann)
        document = json.loads(await answer.get_data())
        assert url_in(document.get("object", document)) == hers
        assert "no-store" in answer.headers["Cache-Control"]
    assert ready_document(path, ACTIVITY) is None
    bare = urls.closed_file(sent.media_id, "full", "-")
    nobody = peer.person("nobody")
    asked = [await status_of(node, bare, by) for by in (sent.ann, sent.bob, nobody, None)]
    assert asked == [200, 200, 404, 404]
    swapped = hers.rpartition(".")[0] + "." + his.rpartition(".")[2]
    assert await status_of(node, swapped) == 404


async def test_an_address_is_good_while_somebody_there_may_see_the_post(
    node: Node, peer: Peer, stranger: Peer, sent: Sent
) -> None:
    hers, his = url_in(only(peer, "Create")["object"]), url_in(only(stranger, "Create")["object"])
    bare = urls.closed_file(sent.media_id, "full", "-")
    await blocks.block(sent.me, sent.friend)
    assert [await status_of(node, url) for url in (hers, his)] == [404, 200]
    assert await status_of(node, bare, sent.ann) == 404
    await blocks.unblock(sent.me, sent.friend)
    await builders.following(sent.friend, sent.me)
    assert await status_of(node, hers) == 200
    await follows.unfollow(sent.friend, sent.me)
    assert [await status_of(node, url) for url in (hers, his)] == [404, 200]
    await archive.put_away(sent.me, sent.post.id)
    assert await status_of(node, his) == 404
    await archive.take_out(sent.me, sent.post.id)
    assert await status_of(node, his) == 200
    await posts.delete(sent.me, sent.post.id)
    assert await status_of(node, his) == 404


async def test_a_picture_of_a_remote_post_for_followers_is_its_readers_alone(node: Node, peer: Peer) -> None:
    ann = await builders.remote_account("ann", "pictures.example")
    origin = "https://pictures.example/secret.jpg"
    post = await builders.received(ann, visibility="followers", media=(IncomingMedia(origin),))
    [row] = await post.media.all()
    open_address = urls.remote_file(remote_media.ATTACHMENT, row.id, origin)
    assert await status_of(node, open_address) == 404
    assert await status_of(node, urls.closed_file(row.id, "origin", "-")) == 404
