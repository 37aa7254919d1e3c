"""Photographs over the API and the files that are served of them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from quart.datastructures import FileStorage

from activitypub.render.note import render_note
from federation.outbound import documents
from media.drawn import draw_landscape, draw_picture
from media.storage import is_private
from node import db, jobs, runtime
from node.models.accounts import User
from node.models.media import MediaFile
from node.services import media, moderation, uploads
from node.services.moderation import Measure
from tests import builders
from tests.api.client import Client, Node, json
from tests.conftest import HeldClock
from tests.media.zoo import camera_exif, encoded
from tests.samples import SAMPLES


def photo(data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> dict[str, FileStorage]:
    """A file as a browser sends it."""
    return {"file": FileStorage(io.BytesIO(data), filename=name, content_type=kind)}


async def uploaded(client: Client, data: bytes | None = None, **form: str) -> Any:
    """The entity of a picture that was just uploaded."""
    answer = await client.post("/api/v2/media", form=form, files=photo(data or draw_picture(7, 1600, 1200)))
    if answer.status_code != 202:
        return await json(answer)
    # A machine with much else to do puts it off.
    await jobs.Worker(uploads.QUEUE, 1).run_until_idle()
    return await json(await client.get(f"/api/v1/media/{(await answer.get_json())['id']}"))


def path_of(url: str) -> str:
    """The path of an address of ours."""
    assert url.startswith("https://here.example/")
    return url.removeprefix("https://here.example")


def files_of(node: Node) -> list[Path]:
    """Every file in the storage, scratch files of it included."""
    return [path for path in (node.parts.settings.data_dir / "media").rglob("*") if path.is_file()]


async def test_an_upload_becomes_variants_with_words_and_focus(node: Node) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    shown = await uploaded(client, description=" a drawn hill ", focus="-0.25,0.5")
    assert shown["type"] == "image"
    assert shown["description"] == "a drawn hill"
    assert shown["meta"]["focus"] == {"x": -0.25, "y": 0.5}
    assert shown["meta"]["original"] == {"width": 1600, "height": 1200, "size": "1600x1200", "aspect": 1600 / 1200}
    assert shown["meta"]["small"]["width"] == 1080
    assert 6 <= len(shown["blurhash"]) <= 164
    for url in (shown["url"], shown["preview_url"]):
        served = await node.client().get(path_of(url))
        assert (served.status_code, served.content_type) == (200, "image/jpeg")
        assert (await served.get_data())[:3] == b"\xff\xd8\xff"
    assert await json(await client.get(f"/api/v1/media/{shown['id']}")) == shown


async def test_an_upload_that_takes_long_is_finished_later(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.v1.media.PATIENCE", 0.0)
    client = await node.signed_in(await builders.local_account())
    form = {"description": "a drawn hill", "focus": "0.5,0"}
    answer = await client.post("/api/v2/media", form=form, files=photo(draw_picture(7, 800, 600)))
    shown = await json(answer, 202)
    assert (shown["url"], shown["preview_url"], shown["type"]) == (None, None, "image")
    assert (shown["description"], shown["meta"]) == ("a drawn hill", {"focus": {"x": 0.5, "y": 0.0}})
    path = f"/api/v1/media/{shown['id']}"
    assert await json(await client.get(path), 206) == shown
    early = await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]})
    said = "Cannot attach files that have not finished processing. Try again in a moment!"
    assert (await json(early, 422))["error"] == said
    await json(await client.call("PUT", path, json={"description": "a hill"}), 206)
    for _ in range(2):
        await builders.run_jobs(uploads.QUEUE)
    ready = await json(await client.get(path))
    assert (ready["meta"]["original"]["size"], ready["description"]) == ("800x600", "a hill")
    assert (await node.client().get(path_of(ready["url"]))).status_code == 200
    posted = await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))
    (attached,) = posted["media_attachments"]
    assert {**attached, "url": ready["url"], "preview_url": ready["preview_url"]} == ready
    assert (await node.client().get(path_of(attached["url"]))).status_code == 200
    await builders.run_jobs()
    kept = 1 if node.parts.settings.media.keep_originals else 0
    assert len(files_of(node)) == len((await MediaFile.get(id=int(shown["id"]))).variants) + kept


async def test_what_is_chosen_before_an_upload_is_finished_is_kept(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.v1.media.PATIENCE", 0.0)
    client = await node.signed_in(await builders.local_account())
    data = encoded(draw_landscape(3, 320, 240), exif=camera_exif())
    path = f"/api/v1/media/{(await json(await client.post('/api/v2/media', files=photo(data)), 202))['id']}"
    await json(await client.call("PUT", path, json={"camera_shown": ["exposure"]}), 206)
    await builders.run_jobs(uploads.QUEUE)
    assert (await json(await client.get(path)))["camera"] == {
        "exposure_time": 0.004,
        "f_number": 2.8,
        "iso": 400,
        "focal_length": 50.0,
    }


async def test_an_upload_that_cannot_be_finished_says_so(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.v1.media.PATIENCE", 0.0)
    client = await node.signed_in(await builders.local_account())
    nothing = await client.post("/api/v2/media", files=photo(b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    await json(nothing, 422)
    whole = draw_picture(7, 800, 600)
    shown = await json(await client.post("/api/v2/media", files=photo(whole[: len(whole) // 8])), 202)
    await builders.run_jobs(uploads.QUEUE)
    path = f"/api/v1/media/{shown['id']}"
    for answer in (await client.get(path), await client.call("PUT", path, json={"description": "x"})):
        assert (await json(answer, 422))["error"] == "Error processing thumbnail for uploaded media"
    await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}), 422)
    assert await json(await client.call("DELETE", path)) == {}
    await builders.run_jobs()
    assert files_of(node) == []


async def test_a_photograph_takes_no_thumbnail(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    files = {**photo(draw_picture(1, 40, 40)), "thumbnail": photo(draw_picture(2, 40, 40))["file"]}
    answer = await json(await client.post("/api/v2/media", files=files), 422)
    assert answer["error"] == "Validation failed: Thumbnail must be blank"
    await json(await client.post("/api/v1/media", files=photo(draw_picture(1, 40, 40))))


async def test_what_is_served_is_what_was_stored_and_may_be_kept_for_good(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await uploaded(client)
    posted = await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))
    path = path_of(posted["media_attachments"][0]["url"])
    served = await node.client().get(path)
    headers = served.headers
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    unchanged = await node.client().get(path, headers={"If-None-Match": headers["ETag"]})
    assert (unchanged.status_code, await unchanged.get_data()) == (304, b"")
    head = await node.client().call("HEAD", path)
    assert (head.status_code, head.headers["ETag"], await head.get_data()) == (200, headers["ETag"], b"")


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=0-99999999", 206, 0, None),
        ("bytes=9-5", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("chunks=1-2", 200, 0, None),
        ("bytes=99999999-", 416, 0, 0),
    ],
)
async def test_a_part_of_a_file_can_be_asked_for(
    node: Node, wanted: str, status: int, first: int, last: int | None
) -> None:
    client = await node.signed_in(await builders.local_account())
    path = path_of((await uploaded(client))["preview_url"])
    whole = await (await node.client().get(path)).get_data()
    answer = await node.client().get(path, headers={"Range": wanted})
    assert answer.status_code == status
    body = await answer.get_data()
    assert body == whole[first:last]
    if status == 206:
        start = first if first >= 0 else len(whole) + first
        assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(body) - 1}/{len(whole)}"


async def test_originals_and_what_is_no_key_are_never_served(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await uploaded(client)
    file = await MediaFile.get(id=int(shown["id"]))
    assert file.original_key is not None
    assert is_private(file.original_key)
    key = file.variants["full"]["key"]
    for path in (
        file.original_key,
        "../heliograph.db",
        "..%2fheliograph.db",
        "%2e%2e/heliograph.db",
        f"{key}/../{key}",
        key.replace("/", "//"),
        key + "%00",
        key.upper(),
        "unfinished/x",
        "",
    ):
        assert (await node.client().get(f"/media/{path}")).status_code == 404, path


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0broken"]
)
async def test_what_is_no_picture_is_refused_and_leaves_nothing_behind(node: Node, data: bytes) -> None:
    client = await node.signed_in(await builders.local_account())
    answer = await client.post("/api/v2/media", files=photo(data))
    assert (await json(answer, 422))["error"].startswith("Validation failed: File")
    assert await MediaFile.all().count() == 0
    assert files_of(node) == []


async def test_an_upload_without_a_file_or_with_odd_words_is_refused(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    await json(await client.post("/api/v2/media", form={"description": "x"}), 422)
    for form in ({"focus": "a,b"}, {"focus": "2,0"}, {"focus": "1"}, {"focus": "nan,0"}, {"description": "x" * 10_001}):
        answer = await client.post("/api/v1/media", form=form, files=photo(draw_picture(1, 40, 40)))
        await json(answer, 422)
    assert files_of(node) == []
    await json(await node.client().post("/api/v2/media", files=photo(draw_picture(1, 40, 40))), 401)


async def test_a_row_that_cannot_be_written_leaves_no_files(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await node.signed_in(await builders.local_account())

    async def fails(**columns: Any) -> MediaFile:
        raise db.IntegrityError("no room")

    monkeypatch.setattr(MediaFile, "create", fails)
    await json(await client.post("/api/v2/media", files=photo(draw_picture(1, 40, 40))), 500)
    assert files_of(node) == []


async def test_pictures_of_others_can_neither_be_read_nor_changed_nor_thrown_away(node: Node) -> None:
    picture = await builders.picture(await builders.local_account(), description="mine")
    client = await node.signed_in(await builders.local_account())
    path = f"/api/v1/media/{picture.id}"
    await json(await client.get(path), 404)
    await json(await client.call("PUT", path, json={"description": "yours"}), 404)
    await json(await client.call("DELETE", path), 404)
    assert (await builders.fresh(picture)).description == "mine"


async def test_new_words_show_in_the_post_at_once(node: Node) -> None:
    alice = await builders.local_account()
    picture = await builders.picture(alice, description="old")
    post = await builders.post(alice, media_ids=(picture.id,))
    client = await node.signed_in(alice)
    await json(await client.get(f"/api/v1/statuses/{post.id}"))
    await json(await client.call("PUT", f"/api/v1/media/{picture.id}", json={"description": "new", "focus": "0,1"}))
    shown = await json(await client.get(f"/api/v1/statuses/{post.id}"))
    assert shown["media_attachments"][0]["description"] == "new"
    assert shown["media_attachments"][0]["meta"]["focus"]["y"] == 1


async def test_an_upload_can_be_thrown_away_until_it_is_posted(node: Node) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    first, second = await uploaded(client), await uploaded(client)
    await builders.post(alice, media_ids=(int(second["id"]),))
    assert await json(await client.call("DELETE", f"/api/v1/media/{first['id']}")) == {}
    await json(await client.call("DELETE", f"/api/v1/media/{second['id']}"), 422)
    await builders.run_jobs()
    assert (await node.client().get(path_of(first["url"]))).status_code == 404
    assert (await node.client().get(path_of(second["url"]))).status_code == 200
    assert len(files_of(node)) == 4


async def test_uploads_nobody_posts_are_collected_after_a_day(node: Node, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    first, second = await uploaded(client), await uploaded(client)
    await builders.post(alice, media_ids=(int(second["id"]),))
    assert await media.collect_unposted() == 0
    held_clock.advance(25 * 3600)
    assert await media.collect_unposted() == 1
    await builders.run_jobs()
    assert (await node.client().get(path_of(first["url"]))).status_code == 404
    assert (await node.client().get(path_of(second["url"]))).status_code == 200


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
async def test_nothing_that_is_served_tells_where_a_photograph_was_taken(node: Node) -> None:
    from PIL import Image

    client = await node.signed_in(await builders.local_account())
    found = sorted((SAMPLES / "media").rglob("*gps*.jp*g")) or sorted((SAMPLES / "media").rglob("*.jp*g"))[:1]
    assert found
    for sample in found[:2]:
        shown = await uploaded(client, sample.read_bytes())
        for url in (shown["url"], shown["preview_url"]):
            data = await (await node.client().get(path_of(url))).get_data(as_text=False)
            with Image.open(io.BytesIO(data)) as image:
                assert not image.getexif()
        assert shown["camera"] is None


async def test_the_pictures_of_somebody_suspended_are_nowhere_until_they_are_back(
    node: Node, held_clock: HeldClock
) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account()
    client = await node.signed_in(alice)
    small = draw_picture(7, 400, 300)
    shown, other = await uploaded(client, small), await uploaded(await node.signed_in(bob), small)
    reader = await node.signed_in(bob)
    for owner, picture in ((alice, shown), (bob, other)):
        post = await builders.post(owner, media_ids=(int(picture["id"]),))
        picture |= (await json(await reader.get(f"/api/v1/statuses/{post.id}")))["media_attachments"][0]
    profile = await json(
        await client.call(
            "PATCH", "/api/v1/accounts/update_credentials", files={"avatar": photo(draw_picture(3, 500, 500))["file"]}
        )
    )
    before = [await (await node.client().get(path_of(url))).get_data() for url in _urls(shown, profile)]
    moderator = await User.get(account_id=(await builders.local_account()).id).select_related("account")
    moderator.role = "admin"
    await moderator.save()

    await moderation.take(moderator, alice.id, Measure("suspend"))
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    for url in _urls(shown, profile):
        key = path_of(url).removeprefix("/media/")
        for path in (path_of(url), f"/media/private/{key}"):
            assert (await node.client().get(path)).status_code == 404
        etag = key.rpartition("/")[2]
        kept = await node.client().get(path_of(url), headers={"If-None-Match": f'"{etag}"'})
        assert kept.status_code == 404
    assert (await node.client().get(path_of(other["url"]))).status_code == 200

    await moderation.unsuspend(moderator, alice.id)
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    assert [await (await node.client().get(path_of(url))).get_data() for url in _urls(shown, profile)] == before
    await moderation.take(moderator, alice.id, Measure("suspend"))
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    await moderation.remove_data(moderator, alice.id)
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    held_clock.advance(25 * 3600)
    await media.collect_unposted()
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    left = await MediaFile.all()
    assert [file.account_id for file in left] == [bob.id]
    assert len(files_of(node)) == len(left[0].variants) + 1


def _urls(shown: dict[str, Any], profile: dict[str, Any]) -> list[str]:
    return [shown["url"], shown["preview_url"], profile["avatar"]]


async def test_only_its_owner_gets_the_original_and_gets_it_as_it_was(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    data = draw_picture(3, 700, 500)
    shown = await uploaded(client, data)
    path = f"/api/v1/media/{shown['id']}/original"
    answer = await client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert await answer.get_data() == data
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    await json(await node.client().get(path), 401)
    await json(await (await node.signed_in(await builders.local_account())).get(path), 404)
    await MediaFile.filter(id=int(shown["id"])).update(original_key=None)
    await json(await client.get(path), 404)


async def test_nginx_sends_the_files_itself_where_it_is_told_to(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await uploaded(client, draw_picture(7, 400, 300))
    file = await MediaFile.get(id=int(shown["id"]))
    key = file.variants["full"]["key"]
    media_settings = node.parts.settings.media.model_copy(update={"accel_redirect": "/internal-media/"})
    settings = node.parts.settings.model_copy(update={"media": media_settings})
    runtime.start(replace(node.parts, settings=settings))
    sent = await node.client().get(path_of(shown["url"]))
    assert (sent.status_code, await sent.get_data()) == (200, b"")
    assert sent.headers["X-Accel-Redirect"].startswith("/internal-media/")
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert node.parts.storage.local_path(key) is not None
    assert "X-Accel-Redirect" not in (await node.client().get(f"/media/{key.upper()}")).headers


async def test_camera_facts_are_shown_and_sent_only_when_the_owner_says_which(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    data = encoded(draw_landscape(3, 320, 240), exif=camera_exif())
    shown = await uploaded(client, data)
    assert shown["camera"] is None
    path = f"/api/v1/media/{shown['id']}"
    posted = await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))
    note_path = f"/api/v1/statuses/{posted['id']}"
    document = await documents.local_post(int(posted["id"]))
    assert document is not None
    assert "exifData" not in render_note(document.note)["attachment"][0]
    await json(await client.call("PUT", path, json={"camera_shown": ["exposure", "where"]}), 422)
    facts = {"exposure_time": 0.004, "f_number": 2.8, "iso": 400, "focal_length": 50.0}
    assert (await json(await client.call("PUT", path, json={"camera_shown": ["exposure"]})))["camera"] == facts
    seen = await json(await node.client().get(note_path))
    assert seen["media_attachments"][0]["camera"] == facts
    await json(await client.call("PUT", path, json={"camera_shown": ["camera", "exposure"]}))
    document = await documents.local_post(int(posted["id"]))
    assert document is not None
    (attachment,) = render_note(document.note)["attachment"]
    assert {field["@type"] for field in attachment["exifData"]} == {"PropertyValue"}
    assert {field["name"]: field["value"] for field in attachment["exifData"]} == {
        "Make": "Heliocam",
        "Model": "Mark II",
        "LensModel": "Sunlens 50mm",
        "ExposureTime": "1/250",
        "FNumber": "f/2.8",
        "PhotographicSensitivity": "400",
        "FocalLength": "50 mm",
    }
    assert "GPS" not in str(attachment)
    hidden = await json(await client.call("PUT", path, json={"camera_shown": []}))
    assert hidden["camera"] is None


async def test_camera_facts_are_shown_by_default_where_the_account_says_so(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await node.signed_in(await builders.local_account())
    source = "/api/v1/accounts/update_credentials"
    await json(await client.call("PATCH", source, json={"source": {"camera_shown": ["gps"]}}), 422)
    me = await json(await client.call("PATCH", source, json={"source": {"camera_shown": ["date", "camera"]}}))
    assert me["source"]["camera_shown"] == ["camera", "date"]
    data = encoded(draw_landscape(3, 320, 240), exif=camera_exif())
    facts = {
        "make": "Heliocam",
        "model": "Mark II",
        "lens": "Sunlens 50mm",
        "taken_at": "2024-05-06T07:08:09+02:00",
    }
    shown = await uploaded(client, data)
    assert shown["camera"] == facts
    path = f"/api/v1/media/{shown['id']}"
    choice = {"camera_shown": ["film", "date"], "film": " Ilford\n HP5 "}
    assert (await json(await client.call("PUT", path, json=choice)))["camera"] == {
        "film": "Ilford HP5",
        "taken_at": facts["taken_at"],
    }
    posted = await json(await client.post("/api/v1/statuses", json={"media_ids": [shown["id"]]}))
    document = await documents.local_post(int(posted["id"]))
    assert document is not None
    (attachment,) = render_note(document.note)["attachment"]
    assert {field["name"]: field["value"] for field in attachment["exifData"]} == {
        "Film": "Ilford HP5",
        "DateTime": "2024:05:06 07:08:09",
        "OffsetTime": "+02:00",
    }
    assert (await json(await client.call("PUT", path, json={"film": ""})))["camera"] == {"taken_at": facts["taken_at"]}
    assert (await uploaded(client, data))["camera"] == facts
    monkeypatch.setattr("api.v1.media.PATIENCE", 0.0)
    late = await uploaded(client, encoded(draw_landscape(4, 320, 240), exif=camera_exif()))
    assert late["camera"] == facts
    await json(await client.call("PATCH", source, json={"source": {"camera_shown": []}}))
    assert (await uploaded(client, encoded(draw_landscape(5, 320, 240), exif=camera_exif())))["camera"] is None
