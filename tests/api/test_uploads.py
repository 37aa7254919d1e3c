"""Uploads in pieces over connections that break."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from pathlib import Path
from typing import Any

from quart import Response

from media.drawn import draw_picture
from node.models.media import MediaFile
from node.models.resumable_uploads import ResumableUpload
from node.services import quotas, resumable_uploads
from node.settings import MEGABYTE
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_media import photo
from tests.conftest import HeldClock
from tests.media.films import H264, film

TUS = {"Tus-Resumable": "1.0.0"}


def encoded(text: str) -> str:
    """As metadata has it."""
    return base64.b64encode(text.encode()).decode()


async def begun(client: Client, length: int, metadata: str = "") -> str:
    """The path of a new upload."""
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata}
    answer = await client.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == 201, await answer.get_data()
    return answer.headers["Location"].removeprefix("https://here.example")


async def send(client: Client, path: str, offset: int, data: bytes, **headers: str) -> Response:
    """One piece."""
    usual = {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.call("PATCH", path, headers={**usual, **named}, data=data)


def pieces_in(node: Node) -> list[Any]:
    """The files of unfinished uploads."""
    return sorted((node.parts.settings.data_dir / "uploads").glob("*"))


async def test_an_upload_cut_anywhere_is_finished_and_becomes_a_medium(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    data = draw_picture(7, 1200, 900)
    words = f"filename {encoded('hill.jpg')},description {encoded('a hill')},focus {encoded('0.5,-0.25')}"
    path = await begun(client, len(data), words)
    chance = random.Random(5)
    offset = 0
    while offset < len(data):
        head = await client.call("HEAD", path, headers=TUS)
        assert head.headers["Upload-Offset"] == str(offset)
        assert head.headers["Cache-Control"] == "no-store"
        piece = data[offset : offset + chance.randrange(1, len(data) // 3)]
        if offset and chance.random() < 0.3:  # what a killed process wrote and did not count
            with pieces_in(node)[0].open("ab") as file:
                file.write(b"torn")
        digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        answer = await send(client, path, offset, piece, Upload_Checksum=f"sha256 {digest}")
        assert answer.status_code == 204, await answer.get_data()
        offset += len(piece)
        assert answer.headers["Upload-Offset"] == str(offset)
    shown = await json(await client.get(f"/api/v1/media/{answer.headers['Upload-Media-Id']}"))
    assert (shown["description"], shown["meta"]["focus"]) == ("a hill", {"x": 0.5, "y": -0.25})
    file = await MediaFile.get(id=int(shown["id"]))
    assert await node.parts.storage.read(file.original_key or "") == data
    assert pieces_in(node) == []
    assert (await json(await client.get(path)))["media_id"] == shown["id"]
    again = await send(client, path, len(data), b"")
    assert (again.status_code, await MediaFile.all().count()) == (204, 1)
    await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))


async def test_what_the_protocol_forbids_changes_nothing(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    other = await node.signed_in(await builders.local_account())
    abilities = await node.client().call("OPTIONS", "/api/v1/uploads")
    assert abilities.status_code == 204
    assert abilities.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    asked = await node.client().call("OPTIONS", "/api/v1/uploads", headers={"Access-Control-Request-Method": "POST"})
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    for headers, status in (
        ({"Upload-Length": "5"}, 412),
        (TUS, 400),
        ({**TUS, "Upload-Length": "x"}, 400),
        ({**TUS, "Upload-Length": "0"}, 422),
        ({**TUS, "Upload-Length": str(10**12)}, 413),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "description !!"}, 400),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": f"focus {encoded('9,9')}"}, 422),
    ):
        assert (await client.post("/api/v1/uploads", headers=headers)).status_code == status, headers
    await json(await node.client().post("/api/v1/uploads", headers={**TUS, "Upload-Length": "5"}), 401)
    path = await begun(client, 10)
    assert (await send(client, path, 3, b"abc")).status_code == 409
    assert (await send(client, path, 0, b"abc", Content_Type="text/plain")).status_code == 415
    assert (await send(client, path, 0, b"abc", Upload_Checksum="crc32 AAAA")).status_code == 400
    assert (await send(client, path, 0, b"abc", Upload_Checksum="sha1 AAAA")).status_code == 460
    assert (await client.call("HEAD", path)).headers["Upload-Offset"] == "0"
    for stranger in (await other.get(path), await send(other, path, 0, b"abc")):
        await json(stranger, 404)
    assert (await other.call("DELETE", path, headers=TUS)).status_code == 404
    async with resumable_uploads.held(int(path.rpartition("/")[2])):
        assert (await send(client, path, 0, b"abc")).status_code == 423
    assert (await send(client, path, 0, b"no photograph")).status_code == 422
    assert (await client.call("DELETE", path, headers=TUS)).status_code == 204
    await json(await client.get(path), 404)
    refused = await begun(client, 5)
    assert (await send(client, refused, 0, b"hello")).status_code == 422
    await json(await client.get(refused), 404)
    assert pieces_in(node) == []


async def test_uploads_nobody_goes_on_with_are_forgotten_and_only_so_many_are_open(
    node: Node, held_clock: HeldClock
) -> None:
    client = await node.signed_in(await builders.local_account())
    paths = [await begun(client, 10) for _ in range(resumable_uploads.MOST_AT_ONCE)]
    headers = {**TUS, "Upload-Length": "10"}
    assert "one too many" in (await json(await client.post("/api/v1/uploads", headers=headers), 422))["error"]
    await send(client, paths[0], 0, b"abc")
    assert len(pieces_in(node)) == 1
    held_clock.advance(25 * 3600)
    await json(await client.get(paths[0]), 404)
    assert await resumable_uploads.forget_expired() == len(paths)
    assert pieces_in(node) == []


async def test_an_account_keeps_no_more_than_its_quota(node: Node) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    data = draw_picture(3, 300, 200)
    assert await json(await client.get("/api/v1/media/quota")) == {"used": 0, "limit": None, "left": None}
    await quotas.allow(alice.id, len(data) + 10)
    await json(await client.post("/api/v1/media", files=photo(data)))
    assert await json(await client.get("/api/v1/media/quota")) == {
        "used": len(data),
        "limit": len(data) + 10,
        "left": 10,
    }
    said = f"does not fit: 10 of {len(data) + 10} bytes are left to this account"
    refused = await json(await client.post("/api/v2/media", files=photo(data)), 422)
    assert refused["details"]["file"] == [{"error": "ERR_QUOTA", "description": f"File {said}"}] or said in str(refused)
    await json(await client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "11"}), 422)
    path = await begun(client, 10)
    assert (await json(await client.get("/api/v1/media/quota")))["left"] == 0
    await client.call("DELETE", path, headers=TUS)
    await quotas.allow(alice.id, MEGABYTE)
    await json(await client.post("/api/v1/media", files=photo(data)))
    await MediaFile.all().update(state="failed")
    assert (await quotas.of(alice.id)).used == 0, "nothing is kept of what failed"
    await quotas.allow(alice.id, None)
    assert (await json(await client.get("/api/v1/media/quota")))["limit"] is None


async def test_uploads_at_the_same_time_do_not_share_the_last_room(node: Node, tmp_path: Path) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    moving = film(tmp_path / "film.mp4", *H264, seconds=1).read_bytes()
    used = 0
    for data in (draw_picture(3, 300, 200), moving):
        await quotas.allow(alice.id, used + 2 * len(data) + 10)
        sent = [client.post("/api/v2/media", files=photo(data)) for _ in range(2)]
        announced = {**TUS, "Upload-Length": str(len(data))}
        sent += [client.post("/api/v1/uploads", headers=announced) for _ in range(2)]
        answers = [answer.status_code for answer in await asyncio.gather(*sent)]
        assert sorted(answers)[2:] == [422, 422]
        assert (await quotas.of(alice.id)).used == used + 2 * len(data)
        await ResumableUpload.all().delete()
        await asyncio.gather(*(client.post("/api/v2/media", files=photo(data)) for _ in range(4)))
        used += 2 * len(data)
        assert (await quotas.of(alice.id)).used == used
    assert len(await MediaFile.filter(account_id=alice.id)) == 4


async def test_a_folder_takes_nothing_directly(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    wanted = {"media_type": "image/jpeg", "length": 10}
    refused = await json(await client.post("/api/v1/uploads/direct", json=wanted), 422)
    assert "keeps its files in a folder" in refused["error"]
    assert await ResumableUpload.all().count() == 0
    path = await begun(client, 10)
    finish = f"/api/v1/uploads/direct/{path.rpartition('/')[2]}/finish"
    assert (await client.post(finish)).status_code == 404, "it comes in pieces"
