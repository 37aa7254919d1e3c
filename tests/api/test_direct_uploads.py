"""Uploads past this server, into the object store."""

from __future__ import annotations

import asyncio
import hashlib
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from media.drawn import draw_picture
from node.models.media import MediaFile
from node.models.resumable_uploads import ResumableUpload
from node.services import direct_uploads, film_work, media, quotas
from node.settings import Settings
from tests import builders
from tests.api.client import Client, Node, json
from tests.conftest import HeldClock
from tests.media.films import H264, film
from tests.s3 import ObjectServer, kept_in_bucket

PATH = "/api/v1/uploads/direct"


@pytest.fixture
def settings(settings: Settings, object_server: ObjectServer) -> Settings:
    """A node whose files are in a bucket, which clients reach by another name."""
    return kept_in_bucket(settings, object_server, s3_public_endpoint=by_name(object_server))


def by_name(server: ObjectServer) -> str:
    """The server's other address."""
    return server.endpoint.replace("127.0.0.1", "localhost")


async def announced(client: Client, data: bytes, media_type: str = "image/jpeg", **wanted: Any) -> Any:
    """An upload that is announced."""
    return await json(
        await client.post(PATH, json={"media_type": media_type, "length": len(data), **wanted}),
    )


async def put(upload: Any, data: bytes) -> int:
    """Send the file as it was told."""

    def send() -> int:
        request = urllib.request.Request(upload["url"], method=upload["method"], headers=upload["headers"], data=data)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)

    return await asyncio.to_thread(send)


async def finish(client: Client, upload: Any, status: int = 200) -> Any:
    """Have it become a medium."""
    return await json(await client.post(f"{PATH}/{upload['id']}/finish"), status)


async def keys_in(node: Node) -> set[str]:
    """Every file in the bucket."""
    return {found.key async for found in node.parts.storage.listing()}


async def test_what_was_sent_to_the_store_becomes_a_medium(
    node: Node, tmp_path: Path, object_server: ObjectServer
) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    data = draw_picture(7, 400, 300)
    digest = hashlib.sha256(data).hexdigest()
    upload = await announced(client, data, sha256=digest.upper(), description=" a hill", focus="0.5,-0.25")
    assert upload["url"].startswith(by_name(object_server))
    assert (upload["method"], upload["headers"]) == ("PUT", {"Content-Type": "image/jpeg"})
    assert (await quotas.of(alice.id)).used == len(data), "the room is kept for it"
    assert "Nothing has been sent" in (await finish(client, upload, 422))["error"]
    assert await put(upload, data) == 200
    shown = await finish(client, upload)
    assert (shown["description"], shown["meta"]["focus"]) == ("a hill", {"x": 0.5, "y": -0.25})
    file = await MediaFile.get(id=int(shown["id"]))
    assert (file.sent_sha256, file.size) == (digest, len(data))
    assert await node.parts.storage.read(file.original_key or "") == data
    assert (await quotas.of(alice.id)).used == len(data)

    kept = {*media.keys_of(file.variants), file.original_key}
    await put(upload, b"something else")
    assert (await finish(client, upload))["id"] == shown["id"], "a second time it is the same"
    assert await node.parts.storage.read(file.original_key or "") == data
    assert len(await keys_in(node) - kept) == 1
    assert list((node.parts.settings.data_dir / "uploads").glob("*")) == []
    post = await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))
    assert post["media_attachments"][0]["id"] == shown["id"]

    moving = film(tmp_path / "film.mp4", *H264, seconds=1).read_bytes()
    upload = await announced(client, moving, "video/quicktime")
    await put(upload, moving)
    shown = await finish(client, upload, 202)
    await builders.run_jobs(film_work.QUEUE)
    assert (await json(await client.get(f"/api/v1/media/{shown['id']}")))["type"] == "video"


async def test_what_is_not_as_announced_is_refused_and_gone(
    node: Node, tmp_path: Path, held_clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    other = await node.signed_in(await builders.local_account())
    data = draw_picture(7, 400, 300)
    moving = film(tmp_path / "film.mp4", *H264, seconds=1).read_bytes()
    text = b"no picture at all"
    for wanted, sent, reason in (
        ({}, data + b"x", f"has {len(data) + 1} bytes, but {len(data)} were announced"),
        ({}, data[:-1], f"has {len(data) - 1} bytes"),
        ({"sha256": "0" * 64}, data, "is other than its checksum says"),
        ({"media_type": "image/png"}, data, "is not of the type image/png"),
        ({"media_type": "video/mp4"}, data, "is not of the type video/mp4"),
        ({"length": len(moving)}, moving, "is not of the type image/jpeg"),
        ({"length": len(text)}, text, "not a photograph"),
    ):
        upload = await announced(client, data, **wanted)
        await put(upload, sent)
        assert reason in (await finish(client, upload, 422))["error"]
        await finish(client, upload, 404)
    assert (await MediaFile.all().count(), await keys_in(node), (await quotas.of(alice.id)).used) == (0, set(), 0)

    for wrong, status in (
        ({"media_type": "text/html"}, 422),
        ({"media_type": "application/vnd.apple.mpegurl"}, 422),
        ({"sha256": "abc"}, 422),
        ({"length": 0}, 422),
        ({"length": 10**12}, 413),
        ({"length": "x"}, 400),
        ({"focus": "9,9"}, 422),
    ):
        body = {"media_type": "image/jpeg", "length": len(data), **wrong}
        assert (await client.post(PATH, json=body)).status_code == status, wrong
    await quotas.allow(alice.id, len(data) + 5)
    upload = await announced(client, data)
    tiny = {"media_type": "image/jpeg", "length": 6}
    assert "does not fit: 5 of" in (await json(await client.post(PATH, json=tiny), 422))["error"]
    await json(await client.get(f"/api/v1/uploads/{upload['id']}"), 404)
    await finish(other, upload, 404)
    await json(await other.call("DELETE", f"{PATH}/{upload['id']}"), 404)
    await put(upload, data)
    await json(await client.call("DELETE", f"{PATH}/{upload['id']}"))
    assert (await keys_in(node), await ResumableUpload.all().count()) == (set(), 0)

    upload = await announced(client, data)
    await put(upload, data)
    held_clock.advance(direct_uploads.LASTS.total_seconds() + 1)
    await finish(client, upload, 404)
    await builders.run_jobs()
    assert await keys_in(node) == set(), "what nobody finished is cleared away"
    monkeypatch.setattr(direct_uploads, "BEGUN", type(direct_uploads.BEGUN)("direct_uploads", 1, 3600))
    await client.post(PATH, json=tiny)
    assert (await client.post(PATH, json=tiny)).status_code == 429
