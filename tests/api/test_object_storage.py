"""Photographs kept in an object store and served by another host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from api.page_headers import content_security_policy
from media.drawn import draw_picture
from media.object_storage import ObjectStorage
from node import runtime
from node.models.media import MediaFile
from node.runtime import Runtime
from node.services import film_work
from node.settings import Settings
from tests import builders
from tests.api.client import Node, json
from tests.api.test_media import photo
from tests.media.films import H264, film
from tests.s3 import ObjectServer, kept_in_bucket

CDN = "https://cdn.example/pictures"


@pytest.fixture
def settings(settings: Settings, object_server: ObjectServer) -> Settings:
    """A node whose files are in a bucket, and whose readers get them from a CDN."""
    return kept_in_bucket(settings, object_server, public_url=CDN)


async def test_a_photograph_in_a_bucket_is_posted_served_and_deleted(node: Node, object_server: ObjectServer) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    shown = await json(await client.post("/api/v1/media", files=photo(draw_picture(7, 1600, 1200))))
    post = await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))
    assert post["media_attachments"][0]["url"].startswith(f"{CDN}/")
    path = "/media" + post["media_attachments"][0]["url"].removeprefix(CDN)
    served = await node.client().get(path)
    assert (served.status_code, served.content_type) == (200, "image/jpeg")
    whole = await served.get_data(as_text=False)
    part = await node.client().get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, await part.get_data(as_text=False)) == (206, whole[10:20])
    head = await node.client().call("HEAD", path)
    assert (head.status_code, head.headers["ETag"]) == (200, served.headers["ETag"])
    file = await MediaFile.get(id=int(shown["id"]))
    kept = {found.key async for found in node.parts.storage.listing()}
    assert kept == {file.original_key, *(variant["key"] for variant in file.variants.values())}

    browser = await node.browser().open(f"/@{alice.username}")
    assert "https://cdn.example" in browser.response.headers["Content-Security-Policy"]

    with object_server.looking_at_keys():
        refused = await node.client().get(path)
        assert (await json(refused, 503))["error"].startswith("The store of the files does not answer")
        assert refused.headers["Retry-After"]
        again = await client.post("/api/v1/media", files=photo(draw_picture(8, 400, 300)))
        await json(again, 503)
    assert await MediaFile.all().count() == 1

    await json(await client.call("DELETE", f"/api/v1/statuses/{post['id']}", query_string={"delete_media": "true"}))
    await builders.run_jobs()
    assert (await node.client().get(path)).status_code == 404
    assert [found async for found in node.parts.storage.listing()] == []


async def test_what_everybody_may_see_comes_from_the_other_host_and_nothing_else_does(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    await builders.following(bob, alice)
    client = await node.signed_in(alice)
    monkeypatch.setitem(node.parts.settings.media.__dict__, "hls_seconds", 0.5)
    moving = film(tmp_path / "film.mp4", *H264, seconds=1).read_bytes()
    shown = await json(await client.post("/api/v2/media", files=photo(moving)), 202)
    await builders.run_jobs(film_work.QUEUE)
    picture = await json(await client.post("/api/v2/media", files=photo(draw_picture(7, 400, 300))))
    assert picture["url"].startswith("https://here.example/media/closed/"), "it is in no post yet"
    files = {"avatar": photo(draw_picture(9, 64, 64))["file"]}
    await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", files=files))
    body = {"media_ids": [picture["id"], shown["id"]]}
    post = await json(await client.post("/api/v1/statuses", json=body))
    (still, moves), carousel = post["media_attachments"], post["id"]
    document = await json(
        await node.client().get(f"/ap/posts/{post['id']}", headers={"Accept": "application/activity+json"})
    )
    open_urls = [still["url"], still["preview_url"], moves["url"], moves["preview_url"], moves["hls_manifest"]]
    open_urls += [post["account"]["avatar"], *(attached["url"] for attached in document["attachment"])]
    for url in open_urls:
        assert url.startswith(f"{CDN}/"), url
        served = await node.client().get("/media" + url.removeprefix(CDN), headers={"Origin": "https://app.example"})
        assert served.status_code == 200, url
        said = served.headers
        assert said["Cache-Control"] == "public, max-age=31536000, immutable"
        assert (said["Access-Control-Allow-Origin"], said["Cross-Origin-Resource-Policy"]) == ("*", "cross-origin")
        assert (said["X-Content-Type-Options"], "sandbox" in said["Content-Security-Policy"]) == ("nosniff", True)
        stored = await headers_in_bucket(node, url.removeprefix(f"{CDN}/"))
        assert (stored["Content-Type"], stored["Cache-Control"]) == (said["Content-Type"], said["Cache-Control"])
    playlist = await (await node.client().get("/media" + moves["hls_manifest"].removeprefix(CDN))).get_data()
    listed = [line for line in playlist.decode().splitlines() if line and not line.startswith("#")]
    assert listed and all(urljoin(moves["hls_manifest"], line).startswith(f"{CDN}/") for line in listed)

    narrow = await json(await client.post("/api/v1/media", files=photo(draw_picture(8, 400, 300))))
    body = {"media_ids": [narrow["id"]], "visibility": "private"}
    post = await json(await client.post("/api/v1/statuses", json=body))
    for reader in (client, await node.signed_in(bob)):
        seen = await json(await reader.get(f"/api/v1/statuses/{post['id']}"))
        assert CDN not in str(seen["media_attachments"])
        url = seen["media_attachments"][0]["url"]
        served = await node.client().get(url.removeprefix("https://here.example"))
        assert (served.status_code, served.headers["Cache-Control"]) == (200, "private, no-cache")
    original = (await MediaFile.get(id=int(narrow["id"]))).original_key
    stored = await headers_in_bucket(node, original or "")
    assert stored["Cache-Control"] == "private, no-store"

    await json(await client.post(f"/api/v1.1/archive/add/{carousel}"))
    await builders.run_jobs()
    assert (await node.client().get("/media" + still["url"].removeprefix(CDN))).status_code == 404


async def headers_in_bucket(node: Node, key: str) -> Any:
    """What the bucket itself says of a file, to a host that reads from there."""
    storage = node.parts.storage
    assert isinstance(storage, ObjectStorage)
    return (await storage._store.get_async(key)).attributes


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://here.example/m", ""),
        ("https://here.example.cdn.example/m", " https://here.example.cdn.example"),
    ],
)
async def test_pages_may_show_pictures_of_the_host_they_come_from(started: Runtime, url: str, allowed: str) -> None:
    settings = started.settings.model_copy(
        update={"media": started.settings.media.model_copy(update={"public_url": url})}
    )
    settings.__dict__.pop("media_url", None)
    runtime.start(replace(started, settings=settings))
    assert f"img-src 'self'{allowed};" in content_security_policy()
