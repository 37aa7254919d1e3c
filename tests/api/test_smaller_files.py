"""AVIF and WebP of photographs: made later, served in place of the JPEG to those who ask for them, gone with it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from media.drawn import draw_landscape, draw_picture
from media.storage import private_beside
from node import runtime
from node.models.media import MediaFile
from node.runtime import Runtime
from node.services import formats
from node.settings import Settings
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_media import path_of, uploaded
from tests.media.zoo import encoded
from tests.s3 import ObjectServer, kept_in_bucket

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
AVIF, WEBP, JPEG = "image/avif", "image/webp", "image/jpeg"


@pytest.fixture(params=["folder", "bucket"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """A node whose files are in a folder, or in a bucket."""
    if request.param == "folder":
        return settings
    server: ObjectServer = request.getfixturevalue("object_server")
    return kept_in_bucket(settings, server)


async def stored_keys(node: Node) -> set[str]:
    return {found.key async for found in node.parts.storage.listing()}


async def settled() -> None:
    """Everything that was put off is done."""
    await builders.run_jobs(formats.QUEUE)
    await builders.run_jobs()


async def asked(client: Client, url: str, accept: str | None, **headers: str) -> Any:
    return await client.get(path_of(url), headers={**({"Accept": accept} if accept else {}), **headers})


def with_settings(parts: Runtime, **changes: Any) -> None:
    """Have the node run with these settings of media."""
    media = parts.settings.media.model_copy(update=changes)
    runtime.start(replace(parts, settings=parts.settings.model_copy(update={"media": media})))


async def test_who_asks_for_avif_or_webp_gets_it_at_the_same_address_until_the_picture_goes(node: Node) -> None:
    client, public = await node.signed_in(await builders.local_account()), node.client()
    picture = await uploaded(client)
    post = await json(await client.post("/api/v1/statuses", json={"media_ids": [picture["id"]]}))
    url = post["media_attachments"][0]["url"]
    early = await asked(public, url, BROWSER)
    assert (early.content_type, early.headers["Vary"]) == (JPEG, "Accept")
    await settled()
    file = await MediaFile.get(id=int(picture["id"]))
    tags = set()
    for accept, kind in (
        (BROWSER, AVIF),
        ("image/webp,*/*", WEBP),
        ("image/avif;q=0.5, image/webp;q=0.9", WEBP),
        (None, JPEG),
        ("*/*", JPEG),
        ("image/*", JPEG),
        ("image/avif;q=0.3,image/jpeg", JPEG),
        ("image/avif;q=0,*/*", JPEG),
    ):
        served = await asked(public, url, accept)
        assert (served.status_code, served.content_type, served.headers["Vary"]) == (200, kind, "Accept"), accept
        data = await served.get_data()
        also = file.variants["full"]["also"]
        assert len(data) == {JPEG: file.variants["full"]["bytes"], **also}[kind]
        shown = Image.open(io.BytesIO(data))
        assert (Image.MIME[str(shown.format)], shown.size) == (kind, (1600, 1200))
        tag = served.headers["ETag"]
        tags.add(tag)
        assert (await asked(public, url, accept, **{"If-None-Match": tag})).status_code == 304
        part = await asked(public, url, accept, Range="bytes=3-9", **{"If-Range": tag})
        assert (part.status_code, await part.get_data()) == (206, data[3:10])
    assert len(tags) == 3
    if node.parts.storage.local_path(file.variants["full"]["key"]) is not None:
        with_settings(node.parts, accel_redirect="/internal-media")
        sent = await asked(public, url, BROWSER)
        assert (sent.content_type, sent.headers["Vary"]) == (AVIF, "Accept")
        key = private_beside(file.variants["full"]["key"], AVIF)
        assert sent.headers["X-Accel-Redirect"] == f"/internal-media/{key}"
    beside = private_beside(file.variants["full"]["key"], AVIF)
    assert (await public.get(f"/media/{beside}")).status_code == 404
    assert (await public.get(f"/media/{beside.removeprefix('private/')}")).status_code == 404

    with_settings(node.parts, smaller_formats=False)
    served = await asked(public, url, BROWSER)
    assert (served.content_type, "Vary" in served.headers) == (JPEG, False)
    await json(await client.call("DELETE", f"/api/v1/statuses/{post['id']}?delete_media=true"))
    await settled()
    assert await stored_keys(node) == set()
    assert (await asked(public, url, BROWSER)).status_code == 404


async def test_files_that_are_not_for_everybody_are_served_so_too_and_close_with_the_photograph(node: Node) -> None:
    author = await builders.local_account()
    client, public = await node.signed_in(author), node.client()
    picture = await uploaded(client)
    await settled()
    served = await asked(public, picture["url"], BROWSER)
    assert (served.content_type, served.headers["Vary"]) == (AVIF, "Accept")
    usual = await asked(public, picture["url"], None)
    assert (usual.content_type, usual.headers["Vary"]) == (JPEG, "Accept")
    assert usual.headers["ETag"] != served.headers["ETag"]
    name = (await MediaFile.get(id=int(picture["id"]))).variants["full"]["key"].rpartition("/")[2].partition(".")[0]
    assert name not in str(served.headers)

    post = await json(await client.post("/api/v1/statuses", json={"media_ids": [picture["id"]]}))
    url = post["media_attachments"][0]["url"]
    assert (await asked(public, url, BROWSER)).content_type == AVIF
    await json(await client.post(f"/api/v1.1/archive/add/{post['id']}"))
    await settled()
    assert (await asked(public, url, BROWSER)).status_code == 404
    assert (await asked(public, url, None)).status_code == 404


async def test_an_edit_brings_new_files_and_takes_the_old_ones_away(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    picture = await uploaded(client)
    path = f"/api/v1/media/{picture['id']}"
    first = await MediaFile.get(id=int(picture["id"]))
    await json(await client.call("PUT", f"{path}/edits", json={"edits": {"saturation": -1}}))
    await settled()
    second = await MediaFile.get(id=first.id)
    assert first.variants["full"]["key"] != second.variants["full"]["key"]
    named = {key for variant in second.variants.values() for key in (variant["key"], *beside(variant))}
    assert await stored_keys(node) == {second.original_key, *named}
    served = await asked(node.client(), (await json(await client.get(path)))["preview_url"], BROWSER)
    assert served.content_type == AVIF
    colours = Image.open(io.BytesIO(await served.get_data())).convert("HSV").getchannel("S")
    assert colours.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) <= 8


def beside(variant: dict[str, Any]) -> list[str]:
    return [private_beside(variant["key"], media_type) for media_type in variant.get("also", ())]


async def test_only_what_saves_bytes_is_kept_and_transparency_stays(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    drawn = draw_landscape(3, 500, 400).convert("RGBA")
    drawn.putalpha(Image.linear_gradient("L").resize(drawn.size))
    clear = await uploaded(client, encoded(drawn, "PNG"))
    tiny = await uploaded(client, encoded(Image.new("RGBA", (2, 2), (255, 0, 0, 128)), "PNG"))
    with_settings(node.parts, smaller_formats=False)
    await uploaded(client, draw_picture(8, 300, 200))
    await settled()
    with_settings(node.parts)
    served = await asked(node.client(), clear["url"], "image/webp")
    shown = Image.open(io.BytesIO(await served.get_data()))
    assert (served.content_type, shown.mode) == (WEBP, "RGBA")
    assert shown.getchannel("A").getextrema()[1] > shown.getchannel("A").getextrema()[0]
    made = {file.id: file.variants for file in await MediaFile.all()}
    assert len(made) == 3
    assert all("also" not in variant for variant in made[int(tiny["id"])].values())
    assert all(
        size < variant["bytes"]
        for found in made.values()
        for variant in found.values()
        for size in variant.get("also", {}).values()
    )
    assert sum("also" in variant for found in made.values() for variant in found.values()) >= 3


async def test_work_that_comes_too_late_leaves_nothing_behind(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await node.signed_in(await builders.local_account())
    gone = await uploaded(client)

    async def thrown_away_meanwhile(file: MediaFile) -> dict[str, dict[str, int]]:
        sizes = await made(file)
        await json(await client.call("DELETE", f"/api/v1/media/{gone['id']}"))
        return sizes

    made = formats.__dict__["_made"]
    monkeypatch.setattr(formats, "_made", thrown_away_meanwhile)
    await settled()
    assert await stored_keys(node) == set()
