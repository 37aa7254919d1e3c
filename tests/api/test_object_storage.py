"""Photographs kept in an object store and served by another host."""

from __future__ import annotations

import pytest

from media.drawn import draw_picture
from node.models.media import MediaFile
from node.settings import Settings
from tests import builders
from tests.api.client import Node, json
from tests.api.test_media import photo
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
