"""Attacks that others' advisories describe, tried: through pictures, through size, through one bad thing among many."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from federation import fetching, hosts, wiring
from federation.outbound.send import send
from federation.resolve import resolve_handle
from federation.resolve_errors import Unresolvable
from media.storage import is_key
from node import clock, db
from node.models.accounts import Account
from node.models.federation import RemoteHost
from node.models.media import MediaFile
from node.models.posts import Post
from node.models.remote_copies import RemoteCopy
from node.runtime import Runtime
from node.services import media
from node.services.posts import IncomingMedia
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.peers import response
from tests.federation.test_received_activities import met
from tests.federation.test_remote_media import BASE, Reader, photo, posted, reader, serve, shown_in
from tests.media import zoo

__all__ = ["reader"]

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"
DOCUMENT = b'{"@context":"https://www.w3.org/ns/activitystreams","id":"x","type":"Person"}'


async def test_only_what_the_node_knows_can_be_asked_of_it(reader: Reader, peer: Peer) -> None:
    """An open image proxy is a weapon against others and a mask for the attacker (Altair CVE-2024-56200)."""
    _, post_id = await posted(peer, serve(peer, "/1.jpg", photo(200, 200)))
    url = (await shown_in(reader, post_id))["url"]
    *before, token, shape = url.split("/")
    wrong = [
        f"{BASE}/media/remote/{peer.origin}/1.jpg",
        f"{BASE}/media/remote/attachment/{post_id}/{token}/{shape}?url={peer.origin}/1.jpg",
        "/".join([*before, "A" * len(token), shape]),
        "/".join([*before, token, "..", shape]),
        "/".join([*before, token, "huge"]),
        url.replace("/attachment/", "/thumbnail/"),
        url.replace("/attachment/", "/avatar/"),
        url.replace("/attachment/", "/no-such-kind/"),
        url.replace(before[-1], "9" * 40),
        url.replace(before[-1], "-1"),
    ]
    for address in wrong:
        assert await reader.status(address) == 404, address
    assert peer.asked == []
    plain = await (await reader.see(url)).get_data()
    # Nothing that is asked along reaches what works on the picture (Lemmy CVE-2026-29178).
    for along in (
        "?width=9999&height=9999&format=svg",
        "?process=a%26b%3Dc",
        f"?url={peer.origin}/2.jpg",
        "?%00=%0d%0a",
    ):
        answer = await reader.see(url + along)
        assert (answer.status_code, await answer.get_data() == plain) == (200, True), along
    assert peer.asked == ["/1.jpg"]


async def test_two_proxies_cannot_be_set_upon_each_other(reader: Reader, peer: Peer, stranger: Peer) -> None:
    """Nested requests of media proxies (Misskey GHSA-gq5q-c77c-v236)."""
    _, post_id = await posted(peer, serve(peer, "/1.jpg", photo(200, 200)))
    url = (await shown_in(reader, post_id))["url"]
    agent = "Heliograph/0.1 (+https://other.example/)"
    assert (await reader.see(url, **{"User-Agent": agent})).status_code == 403
    peer.documents["/back"] = response(302, b"", "text/plain", Location=url)
    peer.documents["/round"] = response(302, b"", "text/plain", Location=f"{peer.origin}/round")
    for path in ("/back", "/round"):
        author = await builders.remote_account("eve", peer.host)
        nested = await builders.received(author, media=(IncomingMedia(peer.origin + path, media_type="image/jpeg"),))
        shown = await shown_in(reader, nested.id)
        assert await reader.status(shown["url"]) == 404
    assert peer.asked == ["/back", "/round"]
    assert [copy.files for copy in await RemoteCopy.all()] == [{}, {}]


async def test_what_is_no_picture_is_not_served_whatever_it_says_it_is(reader: Reader, peer: Peer) -> None:
    """Type by the bytes, pixels counted before they are decoded (rule 6 of the reference)."""
    bodies = [SVG, HTML, DOCUMENT, b"", b"\xff\xd8\xff\xe0JFIF", zoo.png_header_only(60_000, 60_000)]
    author = await builders.remote_account("ann", peer.host)
    for number, body in enumerate(bodies):
        url = serve(peer, f"/{number}.png", body, "image/png")
        post = await builders.received(author, media=(IncomingMedia(url, media_type="image/png"),))
        answer = await reader.see((await shown_in(reader, post.id))["url"])
        assert (answer.status_code, answer.mimetype) == (404, "application/json"), body
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    copies = await RemoteCopy.all()
    assert len(copies) == len(bodies)
    assert all((copy.files, copy.size, bool(copy.error)) == ({}, 0, True) for copy in copies)


async def test_a_file_that_never_ends_is_cut_off(reader: Reader, peer: Peer, started: Runtime) -> None:
    most = 8 * 1024 * 1024
    url = serve(peer, "/a.png", b"\x89PNG\r\n\x1a\n" + bytes(most), "image/png")
    bob = await builders.remote_account("bob", peer.host, avatar_url=url)
    assert await reader.status((await reader.entity(f"accounts/{bob.id}"))["avatar"]) == 404
    [copy] = await RemoteCopy.all()
    assert f"allowed are {most}" in copy.error
    assert [file async for file in started.storage.listing()] == []


async def test_an_upload_never_passes_for_a_document(
    reader: Reader, peer: Peer, tmp_path: Path, started: Runtime
) -> None:
    """CVE-2024-25623: neither what is uploaded here, nor what is uploaded elsewhere."""
    key = await started.storage.put_file(zoo.stored(tmp_path / "a.jpg", photo(100, 100) + DOCUMENT), "image/jpeg")
    with pytest.raises(ValueError, match="not a media type"):
        await started.storage.put_file(zoo.stored(tmp_path / "b", DOCUMENT), "application/activity+json")
    answer = await reader.see(f"{BASE}/media/{key}", Accept="application/activity+json")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    eve = peer.person("eve")
    for content_type in ("image/png", "text/plain", "application/octet-stream", "application/json", "text/html"):
        peer.documents["/users/eve"] = response(200, json.dumps(eve.document()).encode(), content_type)
        with pytest.raises(Unresolvable):
            await resolve_handle(eve.handle)
    assert not await Account.exists(uri=eve.uri)


async def test_no_name_from_outside_becomes_the_name_of_a_file(reader: Reader, peer: Peer, started: Runtime) -> None:
    """CVE-2023-36460: files were written wherever a crafted name said."""
    before = sorted(started.settings.data_dir.parent.rglob("*"))
    path = "/..%2f..%2f..%2fevil.jpg"
    _, post_id = await posted(peer, serve(peer, path, photo(100, 100)), description="../../evil.jpg")
    shown = await shown_in(reader, post_id)
    assert await reader.status(shown["url"]) == 200
    new = [found for found in started.settings.data_dir.parent.rglob("*") if found not in before and found.is_file()]
    media_root = Path(started.settings.media_root)
    for file in new:
        assert is_key(file.relative_to(media_root).as_posix()), file
    assert media.limits().max_pixels > 0


async def test_nothing_that_is_kept_for_each_host_grows_without_bound(node: Node, peer: Peer) -> None:
    """Unbounded state per host (Fedify CVE-2026-69132)."""
    me = await builders.local_account()
    inboxes = [f"http://127.0.0.{number}:9/inbox" for number in range(2, 130)]
    await send(me.id, {"id": f"{me.uri}#1", "type": "Like", "actor": me.uri, "object": "https://x.example/1"}, inboxes)
    worker = wiring.delivery_worker(node.settings)
    await worker.run_until_idle()
    assert (worker._hosts, fetching.client().busy_hosts) == ({}, 0)
    for number in range(12_000):
        hosts._sightings._recent.put(f"{number}.example", True)
    assert len(hosts._sightings._recent) <= 10_000
    # What is stored of hosts ends as well, but for those that something still waits for.
    assert await hosts.forget_old() == 0
    known, waiting = await node.count("remote_hosts"), await node.count("deliveries")
    assert (known, waiting) == (128, 128)
    moment = clock.now() - timedelta(days=91)
    await RemoteHost.all().update(last_error_at=moment, last_seen_at=moment, last_success_at=moment)
    await db.execute("DELETE FROM deliveries WHERE host <> '127.0.0.2:9'")
    await RemoteHost.filter(host="127.0.0.3:9").update(last_seen_at=clock.now())
    assert await hosts.forget_old() == 126
    assert {host.host for host in await RemoteHost.all()} == {"127.0.0.2:9", "127.0.0.3:9"}


NASTY: list[Any] = [
    "\u202e\u0000" * 300,
    "<" * 50_000,
    "<b>" * 20_000 + "&#x110000;&#0;",
    "<p>" + "<a href='javascript:x'>" * 5_000,
    {"en": ["a", {"b": None}]},
    [[[[[["deep"]]]]]],
    -1,
    1e308,
    True,
    "9" * 5_000,
    "2026-13-45T99:99:99Z",
    "http://[::1",
    "acct:@@@",
]
PLACES = (
    "content",
    "summary",
    "name",
    "published",
    "updated",
    "url",
    "inReplyTo",
    "to",
    "tag",
    "attachment",
    "replies",
)


async def test_one_bad_object_never_stops_the_worker(node: Node, peer: Peer) -> None:
    """An exception in sanitising stopped the service (GHSA-qrgq-9fx2-vf2r): whatever comes, what follows it is done."""
    ann, reader = peer.person("ann"), await builders.local_account()
    await builders.following(reader, await met(node, ann))
    for place in PLACES:
        for value in NASTY:
            note = ann.note(**{place: value})
            create = ann.activity("Create", note, to=["https://www.w3.org/ns/activitystreams#Public"])
            answer = await node.receive(create, ann)
            assert answer.status_code in (202, 400), (place, value)
    await node.process()
    assert await node.count("jobs", "state = 'failed'") == 0
    good = ann.note("<p>A grebe after all that</p>")
    await node.take(ann.create(good), ann)
    assert (await Post.get(uri=good["id"])).content == "<p>A grebe after all that</p>"


async def test_everything_that_is_stored_has_a_limit(node: Node, peer: Peer) -> None:
    """GHSA-gg8q-rcg7-p79g: every property of another server's has a greatest length or number."""
    long, picture = "x" * 100_000, {"type": "Image", "mediaType": "image/png", "url": f"{peer.origin}/a.png"}
    emoji = {"type": "Emoji", "icon": picture}
    ann = peer.person("ann")
    ann.extra |= {
        "name": long,
        "summary": long,
        "icon": {**picture, "name": long},
        "image": {**picture, "summary": long},
        "attachment": [{"type": "PropertyValue", "name": f"n{n}" * 200, "value": "v" * 4_000} for n in range(100)],
        "alsoKnownAs": [f"{peer.origin}/users/{n}" for n in range(500)],
        "tag": [{**emoji, "name": f":e{n}:"} for n in range(300)],
    }
    account = await met(node, ann)
    assert len(account.display_name) <= 255
    assert len(account.note) <= 20_000
    assert max(len(account.avatar_description), len(account.header_description)) <= 10_000
    assert len(account.fields_) <= 20
    assert max(len(field["value"]) for field in account.fields_) <= 2_048
    assert len(account.also_known_as) <= 50
    assert await node.count("custom_emojis", "domain = ?", peer.host) <= 100
    reader = await builders.local_account()
    await builders.following(reader, account)
    note = ann.note(
        "y" * 450_000,
        summary=long,
        attachment=[{**picture, "type": "Document", "name": "n" * 2_000, "blurhash": "b" * 500} for _ in range(100)],
        tag=[
            *({"type": "Hashtag", "name": f"#{'h' * 300}{n}"} for n in range(60)),
            *({"type": "Mention", "href": f"{peer.origin}/users/m{n}", "name": "m" * 600} for n in range(60)),
            *({**emoji, "name": f":{'e' * 90}{n}:"} for n in range(200)),
        ],
    )
    note["attachment"][0]["name"] = long
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert len(post.content) <= 500_000
    assert len(post.spoiler_text) <= 2_000
    files = await MediaFile.filter(post_id=post.id)
    assert len(files) <= 20
    assert all(len(file.description) <= 10_000 and file.blurhash is None for file in files)
    assert await node.count("post_hashtags", "post_id = ?", post.id) <= 100
    row = await db.fetch_one("SELECT COALESCE(MAX(LENGTH(name)), 0) FROM hashtags")
    assert row is not None
    assert row[0] <= 256
    assert len(peer.asked) < 80
