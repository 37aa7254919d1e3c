"""Photographs edited over the API: at upload, before and after posting; undone; previewed."""

from __future__ import annotations

import asyncio
import io
import json as plain_json
from typing import Any

import pytest
from PIL import Image

from federation.outbound.documents import local_post
from media.drawn import draw_picture
from media.edits.looks import LOOKS
from node.models.media import MediaFile
from node.models.posts import Post
from node.services import uploads
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_media import files_of, path_of, photo, uploaded


async def pixels(client: Client, shown: Any) -> Image.Image:
    served = await client.get(path_of(shown["url"]))
    assert served.status_code == 200
    return Image.open(io.BytesIO(await served.get_data())).convert("RGB")


def is_grey(image: Image.Image) -> bool:
    red, green, blue = (channel.tobytes() for channel in image.resize((16, 16)).split())
    return all(max(values) - min(values) <= 6 for values in zip(red, green, blue, strict=True))


async def edited(client: Client, shown: Any, status: int = 200, **recipe: Any) -> Any:
    path = f"/api/v1/media/{shown['id']}/edits"
    return await json(await client.call("PUT", path, json={"edits": recipe}), status)


async def test_an_upload_is_edited_again_and_again_from_its_original(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    first = await uploaded(client, draw_picture(7, 400, 300), edits='{"aspect": "1:1", "filter": "silver"}')
    path = f"/api/v1/media/{first['id']}/edits"
    assert (first["meta"]["original"]["size"], first["filter_name"], first["filter_class"]) == (
        "300x300",
        "Inkwell",
        None,
    )
    assert is_grey(await pixels(client, first))
    told = await json(await client.get(path))
    assert (told["edits"], told["pending"], told["can_undo"], told["can_edit"]) == (
        {"aspect": "1:1", "filter": "silver"},
        None,
        True,
        True,
    )
    second = await edited(client, first, rotate=90, filter="filter-1977", filter_strength=0.5)
    assert (second["meta"]["original"]["size"], second["filter_name"]) == ("300x400", "1977")
    back = await json(await client.post(f"{path}/undo"))
    assert (await pixels(client, back)).tobytes() == (await pixels(client, first | {"url": back["url"]})).tobytes()
    assert back["meta"]["original"]["size"] == "300x300" and is_grey(await pixels(client, back))
    original = await json(await client.call("DELETE", path))
    untouched = await uploaded(client, draw_picture(7, 400, 300))
    assert (await pixels(client, original)).tobytes() == (await pixels(client, untouched)).tobytes()
    assert (original["filter_name"], original["blurhash"]) == (None, untouched["blurhash"])
    again = await json(await client.post(f"{path}/undo"))
    assert again["meta"]["original"]["size"] == "300x300"
    for _ in range(2):
        last = await client.post(f"{path}/undo")
    assert (await json(last, 422))["error"] == "Validation failed: Edits have nothing before them"
    await builders.run_jobs()
    files = await MediaFile.filter(id__in=[int(first["id"]), int(untouched["id"])])
    named = sum(len(file.variants) + (file.original_key is not None) for file in files)
    assert len(files_of(node)) == named  # What was shown before is gone.


async def test_wrong_recipes_and_other_peoples_pictures_are_refused(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await uploaded(client, draw_picture(1, 80, 60))
    refused = await edited(client, shown, 422, brightness=3)
    assert refused["error"] == "Validation failed: Edits.brightness must be a number from -1 to 1"
    path = f"/api/v1/media/{shown['id']}"
    for body, said in (
        ({"edits": "{"}, "Edits is not valid JSON"),
        ({"edits": "[]"}, "Edits must be an object"),
        ({"edits": {"crop": {"x": 0.9, "width": 0.9}}}, "Edits.crop must lie within the picture"),
    ):
        answer = await json(await client.call("PUT", f"{path}/edits", json=body), 422)
        assert answer["error"] == f"Validation failed: {said}"
    bad = await client.post("/api/v2/media", form={"edits": '{"rotate": 7}'}, files=photo(draw_picture(1, 40, 40)))
    assert "must be one of 0, 90, 180, 270" in (await json(bad, 422))["error"]
    await json(await client.post(f"{path}/preview", json={"size": 5000}), 422)
    await json(await client.get(f"{path}/filters?size=1"), 422)
    other = await node.signed_in(await builders.local_account())
    for answer in (
        await other.get(f"{path}/edits"),
        await other.call("PUT", f"{path}/edits", json={"edits": {}}),
        await other.call("DELETE", f"{path}/edits"),
        await other.post(f"{path}/edits/undo"),
        await other.post(f"{path}/preview"),
        await other.get(f"{path}/filters"),
    ):
        await json(answer, 404)
    reading = await node.signed_in(await builders.local_account(), "read")
    await json(await reading.call("PUT", f"{path}/edits", json={"edits": {}}), 403)
    await MediaFile.filter(id=int(shown["id"])).update(original_key=None)
    gone = await edited(client, shown, 422, fade=0.5)
    assert gone["error"].endswith("this server has not kept the original of this picture")
    assert (await json(await client.get(f"{path}/edits")))["can_edit"] is False


async def test_a_posted_picture_edited_is_an_edit_of_its_post(node: Node) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    pictures = [await uploaded(client, draw_picture(seed, 120, 90)) for seed in (1, 2)]
    ids = [picture["id"] for picture in pictures]
    post = await json(await client.post("/api/v1/statuses", json={"status": "hills", "media_ids": ids}))
    version = (await Post.get(id=int(post["id"]))).version
    shown = post["media_attachments"]
    await edited(client, pictures[1], filter="noir")
    now = await json(await client.get(f"/api/v1/statuses/{post['id']}"))
    assert now["edited_at"] is not None and (await Post.get(id=int(post["id"]))).version > version
    assert [item["url"] == before["url"] for item, before in zip(now["media_attachments"], shown, strict=True)] == [
        True,
        False,
    ]
    assert now["media_attachments"][1]["filter_name"] == "Noir" and is_grey(
        await pixels(client, now["media_attachments"][1])
    )
    await builders.run_jobs()
    assert (await client.get(path_of(shown[1]["url"]))).status_code == 404
    body = {
        "status": "grey hills",
        "media_ids": ids,
        "media_attributes": [
            {"id": ids[0], "description": "grey", "edits": {"filter": "ash", "rotate": 90}},
            {"id": ids[1], "edits": {}},
        ],
    }
    changed = await json(await client.call("PUT", f"/api/v1/statuses/{post['id']}", json=body))
    one, two = changed["media_attachments"]
    assert (changed["content"], one["description"], one["meta"]["original"]["size"]) == (
        "<p>grey hills</p>",
        "grey",
        "90x120",
    )
    assert is_grey(await pixels(client, one)) and two["filter_name"] is None and not is_grey(await pixels(client, two))
    history = await json(await client.get(f"/api/v1/statuses/{post['id']}/history"))
    assert len(history) == 3
    wrong = {"status": "x", "media_attributes": [{"id": ids[0], "edits": {"fade": 2}}]}
    await json(await client.call("PUT", f"/api/v1/statuses/{post['id']}", json=wrong), 422)
    lone = await uploaded(client, draw_picture(3, 60, 60))
    stray = {"status": "x", "media_attributes": [{"id": lone["id"], "edits": {"fade": 1}}]}
    files = len(files_of(node))
    await json(await client.call("PUT", f"/api/v1/statuses/{post['id']}", json=stray), 404)
    assert len(files_of(node)) == files
    assert (await json(await client.get(f"/api/v1/statuses/{post['id']}")))["content"] == "<p>grey hills</p>"


async def test_people_and_focus_stay_at_what_they_mark_and_come_back(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    client = await node.signed_in(alice)
    shown = await uploaded(client, draw_picture(1, 120, 80), focus="0.5,0.25")
    people = [{"account_id": str(bob.id), "x": 0.75, "y": 0.25}, {"account_id": str(carol.id), "x": 0.1, "y": 0.9}]
    body = {"media_ids": [shown["id"]], "media_attributes": [{"id": shown["id"], "people": people}]}
    post = await json(await client.post("/api/v1/statuses", json=body))
    everybody = [("bob", 0.75, 0.25), ("carol", 0.1, 0.9)]

    async def marked() -> tuple[list[tuple[str, float, float]], tuple[float, float]]:
        [seen] = (await json(await client.get(f"/api/v1/statuses/{post['id']}")))["media_attachments"]
        sent = await local_post(int(post["id"]))
        assert sent is not None
        [told] = sent.note.attachments
        assert [(tag.x, tag.y) for tag in told.people] == [(tag["x"], tag["y"]) for tag in seen["people"]]
        focus = seen["meta"]["focus"]["x"], seen["meta"]["focus"]["y"]
        assert (told.focus or (0, 0)) == focus
        return [(tag["account"]["acct"], tag["x"], tag["y"]) for tag in seen["people"]], focus

    assert await marked() == (everybody, (0.5, 0.25))
    await edited(client, shown, rotate=90)
    assert await marked() == ([("bob", 0.75, 0.75), ("carol", 0.1, 0.1)], (0.25, -0.5))
    await edited(client, shown, flip_horizontal=True)
    assert await marked() == ([("bob", 0.25, 0.25), ("carol", 0.9, 0.9)], (-0.5, 0.25))
    await edited(client, shown, crop={"x": 0.5, "y": 0.125, "width": 0.5, "height": 0.5})
    assert await marked() == ([("bob", 0.5, 0.25)], (0.0, 0.0))
    assert [item["id"] for item in await json(await client.get(f"/api/v1/accounts/{carol.id}/tagged"))] == []
    await edited(client, shown, crop={"x": 0, "y": 0.5, "width": 0.5, "height": 0.5})
    assert await marked() == ([("carol", 0.2, 0.8)], (1.0, 1.0))
    for _ in range(4):
        await json(await client.post(f"/api/v1/media/{shown['id']}/edits/undo"))
    assert await marked() == (everybody, (0.5, 0.25))

    monkeypatch.setattr("api.v1.photo_edits.PATIENCE", 0.0)
    await edited(client, shown, 202, flip_vertical=True)
    await builders.run_jobs(uploads.QUEUE)
    assert await marked() == ([("bob", 0.75, 0.75), ("carol", 0.1, 0.1)], (0.5, -0.25))
    new = [{"account_id": str(bob.id), "x": 0.3, "y": 0.4}]
    attributes = [{"id": shown["id"], "edits": {"rotate": 180}, "people": new, "focus": "0.1,0.2"}]
    await json(await client.call("PUT", f"/api/v1/statuses/{post['id']}", json={"media_attributes": attributes}))
    assert await marked() == ([("bob", 0.3, 0.4)], (0.1, 0.2))


async def test_edits_that_take_long_are_finished_later_and_the_last_one_counts(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await uploaded(client, draw_picture(1, 120, 90))
    monkeypatch.setattr("api.v1.photo_edits.PATIENCE", 0.0)
    path = f"/api/v1/media/{shown['id']}/edits"
    for name in ("noir", "silver"):
        waiting = await edited(client, shown, 202, filter=name, rotate=90)
        assert waiting["url"] is not None and waiting["meta"]["original"]["size"] == "120x90"
    assert (await json(await client.get(path), 206))["pending"] == {"filter": "silver", "rotate": 90}
    await builders.run_jobs(uploads.QUEUE)
    told = await json(await client.get(path))
    assert (told["edits"]["filter"], told["error"], told["pending"]) == ("silver", None, None)
    ready = await json(await client.get(f"/api/v1/media/{shown['id']}"))
    assert ready["meta"]["original"]["size"] == "90x120" and is_grey(await pixels(client, ready))
    monkeypatch.setattr("api.v1.media.PATIENCE", 0.0)
    form = {"filter_class": "filter-inkwell"}
    later = await json(await client.post("/api/v2/media", form=form, files=photo(draw_picture(7, 80, 60))), 202)
    await builders.run_jobs(uploads.QUEUE)
    late = await json(await client.get(f"/api/v1/media/{later['id']}"))
    assert late["filter_name"] == "Inkwell" and is_grey(await pixels(client, late))
    monkeypatch.setattr("api.v1.photo_edits.PATIENCE", 30.0)
    await asyncio.gather(*(edited(client, shown, filter=name) for name in ("noir", "vivid", "ash")))
    await builders.run_jobs()
    both = await MediaFile.filter(id__in=[int(shown["id"]), int(later["id"])])
    assert len(files_of(node)) == sum(len(file.variants) + 1 for file in both)


async def test_previews_show_the_original_with_any_recipe_and_change_nothing(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await uploaded(client, draw_picture(7, 400, 300))
    path = f"/api/v1/media/{shown['id']}"

    async def preview(**recipe: Any) -> Image.Image:
        body = {"edits": plain_json.dumps(recipe), "size": 100}
        answer = await client.post(f"{path}/preview", json=body)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
        return Image.open(io.BytesIO(await answer.get_data())).convert("RGB")

    small = await preview(filter="silver", aspect="1:1")
    assert small.size == (100, 100) and is_grey(small)
    assert await json(await client.get(path)) == shown
    await edited(client, shown, filter="noir", aspect="1:1")
    for _ in range(2):
        coloured = await preview(rotate=90)
        assert coloured.size == (75, 100) and not is_grey(coloured)
    filters = await json(await client.get("/api/v1/photo_filters"))
    assert [item["position"] for item in filters] == list(range(len(LOOKS)))
    assert "filter-inkwell" in next(item for item in filters if item["name"] == "silver")["pixelfed"]
    answer = await client.get(f"{path}/filters?size=40")
    strip = Image.open(io.BytesIO(await answer.get_data())).convert("RGB")
    assert strip.size == (40 * len(filters), 40)
    for item in filters:
        tile = strip.crop((item["position"] * 40 + 4, 4, item["position"] * 40 + 36, 36))
        if item["name"] in ("silver", "noir", "ash", "vivid"):
            assert is_grey(tile) == (item["name"] != "vivid")
