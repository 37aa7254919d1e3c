"""The same file, uploaded again by the same account."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from media.drawn import draw_picture
from media.pool import MediaPool
from node.models.films import Film
from node.models.media import MediaFile
from node.services import film_work, media
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_media import path_of, photo, uploaded
from tests.api.test_uploads import begun, send
from tests.media.films import H264, film


async def keys_in(node: Node) -> set[str]:
    """Every file in the storage."""
    return {found.key async for found in node.parts.storage.listing()}


def keys_of(file: MediaFile) -> set[str]:
    """Every file of a row."""
    return {*media.keys_of(file.variants), *filter(None, [file.original_key])}


async def posted(client: Client, *shown: Any) -> Any:
    return await json(await client.post("/api/v1/statuses", json={"media_ids": [one["id"] for one in shown]}))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The photographs that are worked on from now on."""
    calls: list[Any] = []
    process = MediaPool.process_photo

    async def counted(self: MediaPool, *arguments: Any) -> Any:
        calls.append(arguments)
        return await process(self, *arguments)

    monkeypatch.setattr(MediaPool, "process_photo", counted)
    return calls


async def test_the_same_photograph_is_worked_on_once_and_each_upload_goes_by_itself(
    node: Node, decoded: list[Any]
) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    data = draw_picture(7, 400, 300)
    first = await uploaded(client, data)
    assert (await MediaFile.get(id=int(first["id"]))).sent_sha256 == hashlib.sha256(data).hexdigest()
    await json(await client.call("PUT", f"/api/v1/media/{first['id']}", json={"camera_shown": ["camera"]}))
    await client.get(f"/media/closed/{first['id']}/original/-")
    first_file = await MediaFile.get(id=int(first["id"]))
    assert media.ORIGINAL in first_file.variants, "what others would see of it was made"
    post = await posted(client, first)
    second = await uploaded(client, data, description="again")
    path = await begun(client, len(data))
    third = (await send(client, path, 0, data)).headers["Upload-Media-Id"]
    assert (len({first["id"], second["id"], third}), len(decoded)) == (3, 1)
    assert (second["meta"], second["blurhash"], second["description"]) == (first["meta"], first["blurhash"], "again")
    files = {str(file.id): file for file in await MediaFile.all()}
    assert not keys_of(files[first["id"]]) & keys_of(files[second["id"]])
    assert media.ORIGINAL not in files[second["id"]].variants
    assert "shown" not in files[second["id"]].camera, "what one of them shows is not said of the other"

    await json(await client.call("DELETE", f"/api/v1/media/{third}"))
    await json(await client.call("DELETE", f"/api/v1/statuses/{post['id']}", query_string={"delete_media": "true"}))
    await builders.run_jobs()
    assert await keys_in(node) == keys_of(files[second["id"]])
    again = await posted(client, second)
    served = await node.client().get(path_of(again["media_attachments"][0]["url"]))
    assert served.status_code == 200
    original = await client.get(f"/api/v1/media/{second['id']}/original")
    assert await original.get_data(as_text=False) == data
    await client.call("DELETE", f"/api/v1/statuses/{again['id']}", query_string={"delete_media": "true"})
    await builders.run_jobs()
    assert await keys_in(node) == set(), "the bytes go with their last name"


async def test_what_is_otherwise_is_worked_on_for_itself(node: Node, decoded: list[Any]) -> None:
    client = await node.signed_in(await builders.local_account())
    data = draw_picture(7, 400, 300)
    first = await uploaded(client, data)
    await uploaded(await node.signed_in(await builders.local_account()), data)
    assert len(decoded) == 2, "nobody learns what others have"
    edited = await uploaded(client, data, edits='{"filter": "silver"}')
    assert (edited["blurhash"] != first["blurhash"], len(decoded)) == (True, 2)

    await json(await client.call("DELETE", f"/api/v1/media/{first['id']}"))
    plain = await uploaded(client, data)
    assert (plain["blurhash"], len(decoded)) == (first["blurhash"], 3), "not copied from the one that was edited"
    file = await MediaFile.get(id=int(plain["id"]))
    await node.parts.storage.delete(file.variants["grid"]["key"])
    mended = await MediaFile.get(id=int((await uploaded(client, data))["id"]))
    assert len(decoded) == 4
    assert keys_of(mended) <= await keys_in(node), "files that are lost are made anew"


async def test_a_film_is_not_made_twice(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(node.parts.settings.media.__dict__, "hls_seconds", 0.5)
    client = await node.signed_in(await builders.local_account())
    data = film(tmp_path / "film.mp4", *H264, seconds=1).read_bytes()
    first = await json(await client.post("/api/v2/media", files=photo(data)), 202)
    await builders.run_jobs(film_work.QUEUE)
    other = await json(await client.post("/api/v2/media", form={"mute": "true"}, files=photo(data)), 202)
    assert other["id"] != first["id"], "it is to be made otherwise"
    await json(await client.call("DELETE", f"/api/v1/media/{other['id']}"))

    post = await posted(client, first)
    second = await json(await client.post("/api/v2/media", files=photo(data)))
    assert (second["type"], second["meta"]["original"]) == ("video", first_meta(post))
    copy = await posted(client, second)
    await json(await client.call("DELETE", f"/api/v1/statuses/{post['id']}", query_string={"delete_media": "true"}))
    await builders.run_jobs()
    file = await MediaFile.get(id=int(second["id"]))
    assert await keys_in(node) == keys_of(file)
    address = copy["media_attachments"][0]["hls_manifest"]
    for _ in range(2):
        text = await (await node.client().get(path_of(address))).get_data(as_text=True)
        address = urljoin(address, next(line for line in text.splitlines() if line and not line.startswith("#")))
    assert (await node.client().get(path_of(address))).content_type == "video/mp4"
    made = await Film.get(media_id=file.id)
    assert (made.progress, made.seconds > 0.9) == (100, True)
    await json(await client.call("PUT", f"/api/v1/media/{file.id}/film", json={"mute": True}), 202)


def first_meta(post: Any) -> Any:
    """What is said of the first file of a post."""
    return post["media_attachments"][0]["meta"]["original"]
