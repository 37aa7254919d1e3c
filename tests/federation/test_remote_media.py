"""Pictures of other servers as readers get them from here: fetched once, made anew, kept, let go and fetched again."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from quart.wrappers import Response

import api.routes
from api.entities import media as media_entities
from api.entities import memory
from federation import wiring
from node import runtime as node_runtime
from node.models.accounts import Account
from node.models.media import MediaFile
from node.models.remote_copies import RemoteCopy
from node.queries import content
from node.runtime import Runtime
from node.services import accounts, domains, posts, remote_media
from node.services.emojis import ReceivedEmoji
from node.services.posts import IncomingMedia
from node.settings import Settings
from tests import builders
from tests.api.conftest import one_app
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.peers import response
from tests.media import zoo
from tests.media.films import film, made
from tests.media.test_animations import LENGTH, moving

BASE = "http://here.example"
CSP = "sandbox; default-src 'none'"


@dataclass
class Reader:
    """Somebody who looks at things here."""

    node: Node

    async def see(self, url: str, method: str = "GET", **headers: str) -> Response:
        assert url.startswith(BASE), url
        client = self.node.app.test_client()
        return await client.open(url.removeprefix(BASE), method=method, headers=headers)

    async def status(self, url: str) -> int:
        return (await self.see(url)).status_code

    async def entity(self, path: str) -> Any:
        return await (await self.see(f"{BASE}/api/v1/{path}")).get_json()


@pytest.fixture
async def reader(settings: Settings, started: Runtime) -> AsyncIterator[Reader]:
    """The whole application, its federation open."""
    async with wiring.connected(settings):
        disconnect = api.routes.connect()
        memory.forget_all()
        yield Reader(Node(one_app(), settings))
        disconnect()


def photo(width: int = 1600, height: int = 1200) -> bytes:
    """As a phone takes it: with a position and a camera written in it."""
    return zoo.encoded(zoo.landscape(width, height), exif=zoo.camera_exif())


def serve(peer: Peer, path: str, body: bytes, content_type: str = "image/jpeg") -> str:
    peer.documents[path] = response(200, body, content_type)
    return peer.origin + path


async def posted(peer: Peer, url: str, **values: Any) -> tuple[Account, int]:
    """Somebody over there and the number of the post in which they show the file at `url`."""
    author = await builders.remote_account("ann", peer.host)
    media = IncomingMedia(url, **{"media_type": "image/jpeg", **values})
    return author, (await builders.received(author, media=(media,))).id


async def shown_in(reader: Reader, post_id: int) -> dict[str, Any]:
    [shown] = (await reader.entity(f"statuses/{post_id}"))["media_attachments"]
    found: dict[str, Any] = shown
    return found


async def test_a_picture_is_fetched_once_when_it_is_looked_at_and_nothing_but_its_pixels_kept(
    reader: Reader, peer: Peer
) -> None:
    url = serve(peer, "/p/1.jpg", photo())
    _, post_id = await posted(peer, url, width=1600, height=1200)
    shown = await shown_in(reader, post_id)
    assert (shown["remote_url"], peer.asked) == (url, [])
    assert (shown["meta"]["original"]["size"], shown["meta"]["small"]["size"]) == ("1600x1200", "1080x810")
    answers = await asyncio.gather(*(reader.see(shown[name]) for name in ("url", "preview_url", "url", "url")))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert peer.asked == ["/p/1.jpg"]
    whole, preview = await answers[0].get_data(as_text=False), await answers[1].get_data(as_text=False)
    assert len(preview) < len(whole)
    zoo.assert_bare(whole)
    headers = answers[0].headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == CSP
    part = await reader.see(shown["url"], Range="bytes=0-9")
    assert (part.status_code, await part.get_data(as_text=False)) == (206, whole[:10])
    assert (await reader.see(shown["url"], "HEAD")).status_code == 200
    assert (await reader.see(shown["url"], **{"If-None-Match": headers["ETag"]})).status_code == 304
    assert peer.asked == ["/p/1.jpg"]
    [copy] = await RemoteCopy.all()
    assert copy.size == len(whole) + len(preview)


async def test_what_its_server_did_not_say_of_a_picture_is_known_once_it_was_seen(reader: Reader, peer: Peer) -> None:
    _, post_id = await posted(peer, serve(peer, "/p/1.jpg", photo(900, 600)), blurhash="L" * 28)
    shown = await shown_in(reader, post_id)
    assert shown["meta"].get("original") is None
    assert await reader.status(shown["preview_url"]) == 200
    again = await shown_in(reader, post_id)
    assert (again["meta"]["original"]["size"], again["blurhash"]) == ("900x600", "L" * 28)
    assert again["url"] == shown["url"]


async def test_where_files_have_an_address_of_their_own_readers_are_sent_there(
    reader: Reader, peer: Peer, started: Runtime
) -> None:
    media = started.settings.media.model_copy(update={"public_url": "https://cdn.example/m"})
    settings = started.settings.model_copy(update={"media": media})
    settings.__dict__.pop("media_url", None)
    node_runtime.start(dataclasses.replace(started, settings=settings))
    _, post_id = await posted(peer, serve(peer, "/p/1.jpg", photo(300, 200)))
    answer = await reader.see((await shown_in(reader, post_id))["url"])
    [copy] = await RemoteCopy.all()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"https://cdn.example/m/{copy.files['original']['key']}"


async def test_avatars_headers_emojis_and_thumbnails_come_from_here_too(reader: Reader, peer: Peer) -> None:
    paths = [serve(peer, f"/{name}", zoo.encoded(zoo.quadrants(300, 200), "PNG"), "image/png") for name in "ahet"]
    bob = await builders.remote_account(
        "bob",
        peer.host,
        avatar_url=paths[0],
        header_url=paths[1],
        display_name=":heron:",
        emojis=(ReceivedEmoji("heron", paths[2]),),
    )
    media = IncomingMedia(f"{peer.origin}/film.mp4", media_type="video/mp4", kind="video", thumbnail_url=paths[3])
    post = await builders.received(bob, media=(media,))
    account = await reader.entity(f"accounts/{bob.id}")
    shown = await shown_in(reader, post.id)
    urls = [account["avatar"], account["header"], account["emojis"][0]["url"], shown["preview_url"]]
    for url in urls:
        answer = await reader.see(url)
        assert (answer.status_code, answer.headers["Content-Type"]) in ((200, "image/jpeg"), (200, "image/png")), url
    assert sorted(peer.asked) == ["/a", "/e", "/h", "/t"]


async def test_a_recording_is_kept_as_it_is_by_its_first_bytes(reader: Reader, peer: Peer) -> None:
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(5000)
    _, post_id = await posted(peer, serve(peer, "/film", film, "text/html"), kind="video", media_type="video/mp4")
    shown = await shown_in(reader, post_id)
    refused = await reader.see(shown["url"])
    assert refused.status_code == 404
    peer.documents["/film"] = response(200, film, "application/octet-stream")
    await RemoteCopy.all().delete()
    answer = await reader.see(shown["url"], Range="bytes=-10")
    assert (answer.status_code, answer.headers["Content-Type"]) == (206, "video/mp4")
    assert answer.headers["Content-Security-Policy"] == CSP


async def test_what_moves_is_shown_as_a_loop_once_it_was_seen(reader: Reader, peer: Peer, tmp_path: Path) -> None:
    for ending in ("gif", "webp"):
        url = serve(peer, f"/a.{ending}", moving(tmp_path / f"a.{ending}").read_bytes(), f"image/{ending}")
        _, post_id = await posted(peer, url, media_type=f"image/{ending}")
        early = await shown_in(reader, post_id)
        assert early["type"] == "image"
        still = await reader.see(early["url"])
        assert (still.status_code, still.headers["Content-Type"]) == (200, "image/jpeg")
        shown = await shown_in(reader, post_id)
        assert (shown["type"], shown["mime"], shown["meta"]["size"]) == ("gifv", "video/mp4", "64x48")
        assert shown["meta"]["duration"] == pytest.approx(LENGTH, abs=0.05)
        assert (shown["remote_url"], shown["preview_url"]) == (url, early["preview_url"])
        for name, content_type in (("url", "video/mp4"), ("preview_url", "image/jpeg")):
            assert (await reader.see(shown[name])).headers["Content-Type"] == content_type
    assert len(peer.asked) == 2


async def test_a_loop_that_is_for_followers_is_theirs_alone(reader: Reader, peer: Peer, tmp_path: Path) -> None:
    me, author = await builders.local_account(), await builders.remote_account("ann", peer.host)
    await builders.following(me, author)
    url = serve(peer, "/a.webp", moving(tmp_path / "a.webp").read_bytes(), "image/webp")
    received = await builders.received(author, visibility="followers", media=(IncomingMedia(url),))
    [file] = await received.media.all()

    async def mine() -> media_entities.MediaAttachment:
        [row] = await content.media_by_ids([file.id])
        return media_entities.render(row, token=media_entities.of_reader(me.id))

    assert await reader.status(str((await mine()).url)) == 200
    loop = await mine()
    assert (loop.type, loop.remote_url, "/origin-film/" in str(loop.url)) == ("gifv", None, True)
    assert (await reader.see(str(loop.url))).headers["Content-Type"] == "video/mp4"
    assert await reader.status(f"{str(loop.url).rpartition('/')[0]}/-") == 404


async def test_what_moves_too_much_is_shown_by_its_first_frame(
    reader: Reader, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = moving(tmp_path / "a.png").read_bytes()
    for number, (name, most) in enumerate((("MOST_PIXELS", 1000), ("MOST_SECONDS", 0.0))):
        with monkeypatch.context() as patched:
            patched.setattr(f"federation.remote_films.{name}", most)
            _, post_id = await posted(peer, serve(peer, f"/{number}.png", data, "image/png"), media_type="image/png")
            url = (await shown_in(reader, post_id))["url"]
            assert await reader.status(url) == 200
            assert (await shown_in(reader, post_id))["type"] == "image"


async def test_a_film_without_sound_is_a_loop_and_has_a_picture(reader: Reader, peer: Peer, tmp_path: Path) -> None:
    lying = film(tmp_path / "lying.mp4", sound=False)
    turned = made(tmp_path / "sent.mp4", "-display_rotation", "90", "-i", str(lying), "-c", "copy")
    heard = film(tmp_path / "heard.mp4")
    for source, kind, size in ((turned, "gifv", "240x320"), (heard, "video", "320x240")):
        url = serve(peer, f"/{source.name}", source.read_bytes(), "video/mp4")
        _, post_id = await posted(peer, url, kind="video", media_type="video/mp4")
        picture = await reader.see((await shown_in(reader, post_id))["preview_url"])
        assert picture.headers["Content-Type"] == "image/jpeg"
        shown = await shown_in(reader, post_id)
        assert (shown["type"], shown["meta"]["size"], bool(shown["blurhash"])) == (kind, size, True)
        assert await (await reader.see(shown["url"])).get_data(as_text=False) == source.read_bytes()
    with Image.open(io.BytesIO(await picture.get_data(as_text=False))) as upright:
        assert upright.size == (320, 240)


async def test_what_cannot_be_had_is_asked_for_again_later_and_later(
    reader: Reader, peer: Peer, held_clock: HeldClock
) -> None:
    peer.documents["/p/1.jpg"] = 503
    _, post_id = await posted(peer, f"{peer.origin}/p/1.jpg")
    url = (await shown_in(reader, post_id))["url"]
    assert [await reader.status(url), await reader.status(url)] == [404, 404]
    assert len(peer.asked) == 1
    held_clock.advance(61)
    assert await reader.status(url) == 404
    held_clock.advance(61)
    assert await reader.status(url) == 404
    assert len(peer.asked) == 2
    serve(peer, "/p/1.jpg", photo(300, 200))
    held_clock.advance(60)
    assert await reader.status(url) == 200
    [copy] = await RemoteCopy.all()
    assert (copy.attempts, copy.next_try_at, copy.error) == (0, None, "")


async def test_a_changed_picture_has_another_address_and_the_earlier_file_goes(reader: Reader, peer: Peer) -> None:
    one, two = (serve(peer, f"/{n}.png", zoo.encoded(zoo.quadrants(n, 64), "PNG"), "image/png") for n in (90, 120))
    bob = await builders.remote_account("bob", peer.host, avatar_url=one)
    before = (await reader.entity(f"accounts/{bob.id}"))["avatar"]
    assert await reader.status(before) == 200
    [earlier] = await RemoteCopy.all()
    await builders.remote_account("bob", peer.host, avatar_url=two)
    after = (await reader.entity(f"accounts/{bob.id}"))["avatar"]
    assert (await reader.status(before), await reader.status(after)) == (404, 200)
    await builders.run_jobs()
    [later] = await RemoteCopy.all()
    storage = node_runtime.runtime().storage
    assert not await storage.exists(earlier.files["original"]["key"])
    assert await storage.exists(later.files["original"]["key"])


async def test_what_is_unused_or_too_much_is_let_go_and_fetched_again(
    reader: Reader, peer: Peer, held_clock: HeldClock
) -> None:
    author = await builders.remote_account("ann", peer.host)
    pictures = tuple(
        IncomingMedia(serve(peer, f"/{n}.jpg", photo(n * 100, 200)), media_type="image/jpeg") for n in (2, 3, 4)
    )
    post = await builders.received(author, media=pictures)
    urls = [shown["url"] for shown in (await reader.entity(f"statuses/{post.id}"))["media_attachments"]]
    for url in urls:
        assert await reader.status(url) == 200
        held_clock.advance(1)
    held_clock.advance(20 * 86_400)
    assert await reader.status(urls[1]) == 200
    held_clock.advance(20 * 86_400)
    assert await remote_media.prune_kept() == 2
    await builders.run_jobs()
    assert [file async for file in node_runtime.runtime().storage.listing()] != []
    assert await reader.status(urls[0]) == 200
    assert len(peer.asked) == 4
    _, size = await remote_media.total()
    assert await remote_media.prune(most_bytes=size - 1) == 1
    [left] = await remote_media.usage(10)
    assert (left.domain, left.files, left.failed) == (peer.host, 1, 0)
    await posts.receive_deletion(post.uri, author)
    assert await reader.status(urls[0]) == 404
    assert await remote_media.usage(10) == [] and await remote_media.prune() == 0
    await builders.run_jobs()
    assert [file async for file in node_runtime.runtime().storage.listing()] == []


async def test_what_is_kept_of_somebody_goes_with_them(reader: Reader, peer: Peer) -> None:
    one = serve(peer, "/90.png", zoo.encoded(zoo.quadrants(90, 64), "PNG"), "image/png")
    two = serve(peer, "/p/1.jpg", photo(300, 200))
    author, post_id = await posted(peer, two)
    await builders.remote_account("ann", peer.host, avatar_url=one)
    seen = [(await reader.entity(f"accounts/{author.id}"))["avatar"], (await shown_in(reader, post_id))["url"]]
    assert [await reader.status(url) for url in seen] == [200, 200]
    assert await RemoteCopy.all().count() == 2
    await accounts.receive_deletion(author)
    await builders.run_jobs()
    assert [await reader.status(url) for url in seen] == [404, 404]
    assert await RemoteCopy.all().count() == 0
    assert [file async for file in node_runtime.runtime().storage.listing()] == []


@pytest.mark.parametrize("severity", ["suspend", "noop"])
async def test_of_those_whose_pictures_are_not_taken_nothing_is_served(
    reader: Reader, peer: Peer, severity: str
) -> None:
    _, post_id = await posted(peer, serve(peer, "/1.jpg", photo(200, 200)))
    url = (await shown_in(reader, post_id))["url"]
    assert await reader.status(url) == 200
    await domains.block(peer.host, severity=severity, reject_media=severity == "noop")
    assert await reader.status(url) == 404
    assert await remote_media.forget(peer.host) == 1
    assert len(peer.asked) == 1


async def test_an_admin_may_have_readers_sent_to_the_origin(reader: Reader, peer: Peer, started: Runtime) -> None:
    settings = started.settings
    linking = settings.model_copy(update={"media": settings.media.model_copy(update={"remote": "link"})})
    node_runtime.start(dataclasses.replace(started, settings=linking))
    _, post_id = await posted(peer, f"{peer.origin}/1.jpg")
    shown = await shown_in(reader, post_id)
    assert shown["url"] == shown["preview_url"] == shown["remote_url"] == f"{peer.origin}/1.jpg"
    assert await MediaFile.all().count() == 1
