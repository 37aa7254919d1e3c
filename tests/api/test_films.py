"""Films and recordings over the API: uploaded, made, followed, changed, thrown away, posted, captioned."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from PIL import Image, ImageStat
from quart.datastructures import FileStorage

from media.drawn import draw_picture
from node import db, jobs
from node.models.films import Film
from node.models.media import MediaFile
from node.services import film_work
from tests import builders
from tests.api.client import Client, Node, json
from tests.media import film_zoo
from tests.media.films import H264, film, made
from tests.media.test_animations import moving as moving_picture

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000 align:start\n<b>A heron</b> <script>alert(1)</script>& reeds\n"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One of each, made once."""
    folder = tmp_path_factory.mktemp("films")
    tone = ("-f", "lavfi", "-i", "sine=d=1", "-c:a", "libvorbis")
    return {
        "film": film(folder / "film.mp4", *H264, seconds=1).read_bytes(),
        "gif": made(folder / "g.gif", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=1:r=5").read_bytes(),
        "webp": moving_picture(folder / "m.webp").read_bytes(),
        "sound": made(folder / "s.ogg", *tone).read_bytes(),
    }


def files(data: bytes, **others: bytes) -> dict[str, FileStorage]:
    return {name: FileStorage(io.BytesIO(part), filename=name) for name, part in {"file": data, **others}.items()}


async def uploaded(client: Client, data: bytes, poster: bytes | None = None, **form: str) -> Any:
    others = {"thumbnail": poster} if poster else {}
    return await json(await client.post("/api/v2/media", form=form, files=files(data, **others)), 202)


async def poster(client: Client, shown: Any) -> Image.Image:
    served = await client.get(path_of(shown["preview_url"]))
    return Image.open(io.BytesIO(await served.get_data())).convert("RGB")


async def finished(client: Client, media_id: str) -> Any:
    await builders.run_jobs(film_work.QUEUE)
    return await json(await client.get(f"/api/v1/media/{media_id}"))


def stored_files(node: Node) -> list[Path]:
    return [path for path in (node.parts.settings.data_dir / "media").rglob("*") if path.is_file()]


def path_of(url: str) -> str:
    return url.removeprefix("https://here.example")


async def test_a_film_is_answered_at_once_and_made_later(node: Node, drawn: dict[str, bytes]) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    early = await uploaded(client, drawn["film"], description="A weir", focus="0.5,0")
    assert (early["type"], early["url"], early["description"]) == ("video", None, "A weir")
    path = f"/api/v1/media/{early['id']}"
    await json(await client.get(path), 206)
    told = await json(await client.get(f"{path}/progress"))
    assert told == {"id": early["id"], "state": "processing", "stage": "waiting", "progress": 0, "reason": None}
    stranger = await node.signed_in(await builders.local_account())
    await json(await stranger.get(f"{path}/progress"), 404)
    await json(await client.post("/api/v1/statuses", json={"media_ids": [early["id"]]}), 422)

    ready = await finished(client, early["id"])
    meta = ready["meta"]
    assert (ready["type"], ready["mime"], ready["description"]) == ("video", "video/mp4", "A weir")
    assert meta["original"]["width"] == meta["width"] == 320
    assert (meta["original"]["frame_rate"], meta["fps"], meta["size"]) == ("20/1", 20, "320x240")
    assert meta["original"]["duration"] == pytest.approx(1, abs=0.1)
    assert meta["original"]["bitrate"] > 10_000
    assert meta["length"].startswith("0:00:01.0")
    assert (meta["audio_encode"], meta["audio_bitrate"], meta["audio_channels"]) == ("aac", "44100 Hz", "mono")
    assert meta["small"]["size"] == "320x240"
    assert meta["focus"] == {"x": 0.5, "y": 0}
    assert ready["blurhash"]
    part = await node.client().get(path_of(ready["url"]), headers={"Range": "bytes=4-7"})
    assert (part.status_code, await part.get_data(), part.content_type) == (206, b"ftyp", "video/mp4")
    assert (await json(await client.get(f"{path}/progress")))["progress"] == 100

    post = await json(await client.post("/api/v1/statuses", json={"status": "At the weir", "media_ids": [ready["id"]]}))
    (shown,) = post["media_attachments"]
    assert (shown["type"], shown["url"][-4:], shown["preview_url"][-4:]) == ("video", ".mp4", ".jpg")
    asked = await node.client().get(path_of(post["uri"]), headers={"Accept": "application/activity+json"})
    (attachment,) = (await asked.get_json(force=True))["attachment"]
    assert (attachment["type"], attachment["mediaType"], attachment["url"]) == ("Document", "video/mp4", shown["url"])
    assert (attachment["width"], attachment["height"], attachment["blurhash"]) == (320, 240, ready["blurhash"])
    assert attachment["duration"].startswith("PT1")
    assert attachment["icon"] == {"type": "Image", "url": shown["preview_url"]}


async def test_loops_animations_and_recordings(node: Node, drawn: dict[str, bytes]) -> None:
    client = await node.signed_in(await builders.local_account())
    moving = await finished(client, (await uploaded(client, drawn["gif"]))["id"])
    assert (moving["type"], moving["mime"], moving["meta"]["original"]["width"]) == ("gifv", "video/mp4", 64)
    path = f"/api/v1/media/{(await uploaded(client, drawn['webp'], crop='0,0,0.5,1'))['id']}"
    moving = await finished(client, path.rpartition("/")[2])
    assert (moving["type"], moving["mime"], moving["meta"]["size"]) == ("gifv", "video/mp4", "32x48")
    await json(await client.call("PUT", f"{path}/film", json={"edits": {"filter": "silver"}}), 202)
    moving = await finished(client, moving["id"])
    assert (moving["meta"]["size"], moving["meta"]["duration"]) == ("64x48", pytest.approx(1.1, abs=0.05))
    assert ImageStat.Stat((await poster(client, moving)).convert("HSV")).mean[1] < 8
    heard = await finished(client, (await uploaded(client, drawn["sound"], draw_picture(1, 300, 200)))["id"])
    assert (heard["type"], heard["mime"]) == ("audio", "audio/mpeg")
    assert heard["meta"]["original"].keys() == {"duration", "bitrate"}
    assert heard["meta"]["small"]["size"] == "300x200"
    assert 10 <= len(heard["waveform"]) <= 200
    for url, kind in ((heard["url"], "audio/mpeg"), (heard["preview_url"], "image/jpeg")):
        served = await client.get(path_of(url))
        assert (served.status_code, served.content_type) == (200, kind)


async def test_a_film_is_changed_until_it_is_posted(
    node: Node, drawn: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await node.signed_in(await builders.local_account())
    wanted = {"mute": "true", "start": "0.25", "crop": "0,0,0.5,1", "thumb_at": "0.5"}
    made_first = await finished(client, (await uploaded(client, drawn["film"], **wanted))["id"])
    assert (made_first["type"], made_first["meta"]["size"]) == ("gifv", "160x240")
    assert made_first["meta"]["duration"] == pytest.approx(0.75, abs=0.1)
    before = set(stored_files(node))
    path = f"/api/v1/media/{made_first['id']}"
    for wrong in (
        {"start": 5},
        {"start": 0.5, "end": 0.4},
        {"crop": "0,0,2,1"},
        {"crop": "x"},
        {"thumb_at": -1},
        {"end": -1},
    ):
        await json(await client.call("PUT", f"{path}/film", json=wrong), 422)
    for name, wrong in (("crop", {}), ("sharpen", 0.5), ("filter", "nonsense"), ("rotate", 90)):
        refused = await client.call("PUT", f"{path}/film", json={"edits": {name: wrong or {"width": 0.5}}})
        assert f"edits.{name}" in (await json(refused, 422))["details"]
    await json(await client.call("PUT", f"{path}/film", json={"edits": {"filter": "silver"}}), 202)
    await json(await client.call("PUT", f"{path}/film", json={}), 422)
    grey = await poster(client, await finished(client, made_first["id"]))
    assert ImageStat.Stat(grey.convert("HSV")).mean[1] < 8
    await json(await client.call("PUT", f"{path}/film", json={}), 202)
    again = await finished(client, made_first["id"])
    assert (again["type"], again["meta"]["size"]) == ("video", "320x240")
    await builders.run_jobs()
    assert len(stored_files(node)) == len(before)
    assert len(before & set(stored_files(node))) == 1, "only the original stays"

    monkeypatch.setattr("media.video.orders._SEGMENT_SECONDS", 1)
    monkeypatch.setitem(node.parts.settings.media.__dict__, "hls_seconds", 0.5)
    await json(await client.call("PUT", f"{path}/film", json={}), 202)
    long = await finished(client, made_first["id"])
    base, found = long["hls_manifest"], []
    for _ in range(2):
        text = await (await node.client().get(path_of(base))).get_data(as_text=True)
        found = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert not found[0].endswith((".mp4", ".m3u8")), "no key is shown of what is not for everybody"
        base = urljoin(base, found[0])
    segment = await node.client().get(path_of(base), headers={"Range": "bytes=0-10"})
    assert (segment.status_code, segment.content_type) == (206, "video/mp4")
    form = {"media_ids": [long["id"]]}
    (shown,) = (await json(await client.post("/api/v1/statuses", json=form)))["media_attachments"]
    text = await (await node.client().get(path_of(shown["hls_manifest"]))).get_data(as_text=True)
    listed = next(line for line in text.splitlines() if line.endswith(".m3u8"))
    assert (await node.client().get(path_of(urljoin(shown["hls_manifest"], listed)))).status_code == 200


async def test_what_is_refused_leaves_nothing(node: Node, drawn: dict[str, bytes], tmp_path: Path) -> None:
    client = await node.signed_in(await builders.local_account())
    whole = drawn["film"]
    for data in (whole[:400], b"OggS" + bytes(99), b"\x1a\x45\xdf\xa3" + bytes(60), whole[:40] + bytes(500)):
        answer = await client.post("/api/v2/media", files=files(data))
        assert answer.status_code == 422
        assert (await answer.get_json())["error"]
    for form in ({"start": "9"}, {"crop": "0,0,0,0"}, {"end": "nan"}, {"thumb_at": "inf"}):
        await json(await client.post("/api/v2/media", form=form, files=files(whole)), 422)
    await json(await client.post("/api/v2/media", files=files(whole, thumbnail=b"no picture")), 422)
    assert await MediaFile.all().count() == await Film.all().count() == 0
    await builders.run_jobs()
    assert stored_files(node) == []


async def test_a_film_that_cannot_be_made_fails_with_a_reason(node: Node, drawn: dict[str, bytes]) -> None:
    client = await node.signed_in(await builders.local_account())
    early = await uploaded(client, drawn["film"])
    await Film.all().update(edits={"start": 50.0})
    await builders.run_jobs(film_work.QUEUE)
    path = f"/api/v1/media/{early['id']}"
    await json(await client.get(path), 422)
    told = await json(await client.get(f"{path}/progress"))
    assert (told["state"], told["reason"]) == ("failed", "The film ends before the part that is wanted begins.")
    await builders.run_jobs()
    assert stored_files(node) == []


async def test_what_headers_claim_ends_in_a_film_or_in_a_reason(node: Node, tmp_path: Path) -> None:
    client = await node.signed_in(await builders.local_account())
    ends = {"endless": "ready", "ages.mkv": "refused", "slow": "failed", "hole": "ready"}
    odd = film_zoo.odd_headers(tmp_path)
    for name, end in ends.items():
        answer = await client.post("/api/v2/media", files=files(odd[name][0].read_bytes()))
        if end == "refused":
            assert "longer than" in (await json(answer, 422))["error"]
            continue
        early = await json(answer, 202)
        await builders.run_jobs(film_work.QUEUE)
        told = await json(await client.get(f"/api/v1/media/{early['id']}/progress"))
        assert (told["state"], bool(told["reason"])) == (end, end == "failed"), name


async def test_work_ends_when_the_film_is_thrown_away(
    node: Node, drawn: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await node.signed_in(await builders.local_account())
    early = await uploaded(client, drawn["film"])
    tell = film_work._Telling.tell

    async def thrown_away(telling: Any, stage: str, share: float) -> None:
        await json(await client.call("DELETE", f"/api/v1/media/{early['id']}"))
        await tell(telling, stage, share)

    monkeypatch.setattr(film_work._Telling, "tell", thrown_away)
    await builders.run_jobs(film_work.QUEUE)
    await builders.run_jobs()
    assert stored_files(node) == []
    assert await MediaFile.all().count() == await Film.all().count() == 0
    assert await db.fetch_all("SELECT kind FROM jobs WHERE state <> 'done'") == []


async def test_films_stand_in_no_other_queue(node: Node, drawn: dict[str, bytes]) -> None:
    client = await node.signed_in(await builders.local_account())
    await uploaded(client, drawn["film"])
    rows = await db.fetch_all("SELECT queue FROM jobs WHERE kind = ?", (film_work.PROCESS,))
    assert [row[0] for row in rows] == ["films"]
    assert film_work.QUEUE not in (jobs.DEFAULT_QUEUE, "media")


async def test_captions_are_written_anew_and_served(node: Node, drawn: dict[str, bytes]) -> None:
    client = await node.signed_in(await builders.local_account())
    early = await uploaded(client, drawn["film"])
    path = f"/api/v1/media/{early['id']}"
    await json(await client.call("PUT", f"{path}/captions/de", files=files(VTT.encode())))
    ready = await finished(client, early["id"])
    post = await json(await client.post("/api/v1/statuses", json={"status": "Here", "media_ids": [early["id"]]}))
    shown = await json(
        await client.call("PUT", f"{path}/captions/EN", files=files(VTT.replace(".000", ",500").encode()))
    )
    assert [item["language"] for item in shown["captions"]] == ["de", "en"]
    assert ready["type"] == shown["type"]
    served = await node.client().get(path_of(shown["captions"][1]["url"]))
    text = await served.get_data(as_text=True)
    assert text == "WEBVTT\n\n00:00:01.500 --> 00:00:02.500 align:start\n<b>A heron</b> alert(1)& reeds\n"
    assert served.content_type.startswith("text/vtt")
    assert "sandbox" in served.headers["Content-Security-Policy"]
    seen = await json(await client.get(f"/api/v1/statuses/{post['id']}"))
    assert len(seen["media_attachments"][0]["captions"]) == 2
    await json(await client.call("DELETE", f"{path}/captions/de"))
    await json(await client.call("DELETE", f"{path}/captions/de"), 404)
    seen = await json(await client.get(f"/api/v1/statuses/{post['id']}"))
    assert [item["language"] for item in seen["media_attachments"][0]["captions"]] == ["en"]
    for data, language in (
        (b"<html>", "en"),
        (b"WEBVTT\n\nno cue", "en"),
        (b"\xff\xfe", "en"),
        (VTT.encode(), "english!"),
    ):
        await json(await client.call("PUT", f"{path}/captions/{language}", files=files(data)), 422)
    stranger = await node.signed_in(await builders.local_account())
    await json(await stranger.call("PUT", f"{path}/captions/en", files=files(VTT.encode())), 404)


async def test_the_limits_are_stated(node: Node) -> None:
    limits = (await json(await node.client().get("/api/v2/instance")))["configuration"]["media_attachments"]
    assert limits["video_size_limit"] == node.parts.settings.media.max_video_bytes
    assert limits["video_matrix_limit"] == node.parts.settings.media.max_video_pixels
    assert {"video/mp4", "video/quicktime", "video/webm", "audio/mpeg", "image/gif"} <= {
        *limits["supported_mime_types"]
    }


async def test_what_other_servers_say_of_a_film_is_kept(node: Node) -> None:
    bob = await builders.remote_account()
    sent = builders.posts.IncomingMedia(
        "https://remote.example/f.mp4", kind="video", media_type="video/mp4", width=640, height=360, duration=75.5,
        thumbnail_url="https://remote.example/f.jpg",
    )  # fmt: skip
    post = await builders.received(bob, media=(sent,))
    (shown,) = (await json(await node.client().get(f"/api/v1/statuses/{post.id}")))["media_attachments"]
    assert (shown["type"], shown["meta"]["duration"], shown["meta"]["length"]) == ("video", 75.5, "0:01:15.50")
    assert shown["meta"]["original"] == {"width": 640, "height": 360, "duration": 75.5}
    assert shown["preview_remote_url"] == "https://remote.example/f.jpg"
