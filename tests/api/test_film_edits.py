"""Films edited after they are posted: shown as they were until the new one is ready, undone, and left alone by failures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageStat

from media.drawn import draw_picture
from node import db
from node.models.films import Film
from node.models.media import MediaFile
from node.services import film_work
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_films import files as files_of
from tests.api.test_films import finished, path_of, poster, stored_files, uploaded
from tests.media.films import H264, film
from tests.media.zoo import difference


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("films") / "film.mp4", *H264, seconds=1).read_bytes()


async def posted(client: Client, data: bytes, visibility: str = "public") -> tuple[Any, str]:
    """A post with this film, and the path of the film's edits."""
    ready = await finished(client, (await uploaded(client, data))["id"])
    form = {"status": "Here", "media_ids": [ready["id"]], "visibility": visibility}
    post = await json(await client.post("/api/v1/statuses", json=form))
    return post, f"/api/v1/media/{ready['id']}/film"


async def shown(client: Client, post: Any) -> Any:
    return (await json(await client.get(f"/api/v1/statuses/{post['id']}")))["media_attachments"][0]


async def previewed(client: Client, path: str, **body: Any) -> Image.Image:
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg"), await answer.get_data(as_text=True)
    return Image.open(io.BytesIO(await answer.get_data(as_text=False))).convert("RGB")


async def document(node: Node, post: Any) -> Any:
    asked = await node.client().get(path_of(post["uri"]), headers={"Accept": "application/activity+json"})
    return await asked.get_json(force=True)


async def test_a_posted_film_is_edited_and_brought_back(node: Node, sent: bytes) -> None:
    client = await node.signed_in(await builders.local_account())
    post, path = await posted(client, sent)
    before, files = await shown(client, post), len(stored_files(node))
    wanted = {"start": 0.25, "mute": True, "crop": "0,0,0.5,1", "thumb_at": 0.5, "edits": {"filter": "silver"}}
    await json(await client.call("PUT", path, json=wanted), 202)
    assert await shown(client, post) == before, "it is as it was until the new one is ready"
    waiting = await json(await client.get(path), 206)
    told = {**wanted, "end": None}
    assert (waiting["pending"], waiting["film"]["edits"], waiting["can_undo"]) == (told, {}, False)
    assert (await json(await client.get(f"{path.removesuffix('film')}progress")))["state"] == "processing"
    await finished(client, before["id"])
    after = await shown(client, post)
    assert (after["type"], after["meta"]["size"], after["id"]) == ("gifv", "160x240", before["id"])
    served = await client.get(path_of(after["preview_url"]))
    with Image.open(io.BytesIO(await served.get_data())) as poster:
        assert ImageStat.Stat(poster.convert("HSV")).mean[1] < 8
    await builders.run_jobs()
    assert (await node.client().get(path_of(before["url"]))).status_code == 404
    assert len(stored_files(node)) == files
    entity = await json(await client.get(f"/api/v1/statuses/{post['id']}"))
    assert entity["edited_at"]
    assert len(await json(await client.get(f"/api/v1/statuses/{post['id']}/history"))) == 2
    federated = await document(node, post)
    assert federated["updated"]
    assert federated["attachment"][0]["url"] == after["url"]

    edited = await json(await client.get(path))
    assert (edited["film"], edited["pending"], edited["can_undo"], edited["error"]) == (told, None, True, None)
    await json(await client.post(f"{path}/undo"), 202)
    await finished(client, before["id"])
    again = await shown(client, post)
    assert (again["type"], again["meta"]["size"]) == ("video", "320x240")
    assert (await json(await client.get(path)))["can_undo"] is False
    await json(await client.post(f"{path}/undo"), 422)
    await json(await client.call("PUT", path, json={"mute": True}), 202)
    await finished(client, before["id"])
    await json(await client.call("DELETE", path), 202)
    await finished(client, before["id"])
    assert (await shown(client, post))["type"] == "video"
    stranger = await node.signed_in(await builders.local_account())
    for method, where in (("GET", path), ("PUT", path), ("DELETE", path), ("POST", f"{path}/undo")):
        await json(await stranger.call(method, where), 404)


async def test_previews_show_a_moment_of_the_original_as_the_film_would_look(node: Node, sent: bytes) -> None:
    client = await node.signed_in(await builders.local_account())
    early = await uploaded(client, sent)
    path = f"/api/v1/media/{early['id']}/preview"
    first = await previewed(client, path, size=160)
    assert first.size == (160, 120), "also while the film is being made"
    ready = await finished(client, early["id"])
    for edits in ({}, {"crop": "0,0,0.5,1", "start": 0.5, "edits": {"filter": "silver"}}):
        if edits:
            await json(await client.call("PUT", f"/api/v1/media/{ready['id']}/film", json=edits), 202)
            await finished(client, ready["id"])
        begin, later = [await previewed(client, path, size=160, at=at) for at in (0, 0.9)]
        assert (begin.size, later.size) == ((160, 120), (160, 120))
        assert difference(begin, first) < 6 < difference(later, first)
    files = set(stored_files(node))
    grey = await previewed(client, path, size=100, at=0.9, edits={"filter": "silver"}, crop="0,0,0.5,1")
    assert grey.size == (67, 100)
    assert ImageStat.Stat(grey.convert("HSV")).mean[1] < 8
    assert set(stored_files(node)) == files
    strip = await client.get(f"/api/v1/media/{ready['id']}/filters?size=32&at=1")
    assert strip.content_type == "image/jpeg"
    for wrong in ({"at": 9}, {"at": -1}, {"crop": "0,0,2,1"}, {"edits": {"sharpen": 1}}, {"edits": {"rotate": 90}}):
        await json(await client.post(path, json=wrong), 422)
    photo = await json(await client.post("/api/v2/media", files=files_of(draw_picture(1, 60, 40))), 200)
    for wrong in ({"at": 0.5}, {"crop": "0,0,0.5,1"}):
        await json(await client.post(f"/api/v1/media/{photo['id']}/preview", json=wrong), 422)
    stranger = await node.signed_in(await builders.local_account())
    await json(await stranger.post(path, json={}), 404)


async def test_posters_chosen_or_given_come_back_with_what_they_belong_to(node: Node, sent: bytes) -> None:
    client = await node.signed_in(await builders.local_account())
    for given, words in ((draw_picture(7, 320, 240), {}), (None, {"thumb_at": "0.9"})):
        ready = await finished(client, (await uploaded(client, sent, given, **words))["id"])
        path = f"/api/v1/media/{ready['id']}/film"
        seen = [(await poster(client, ready), ready["blurhash"])]
        wishes = ({"thumb_at": 0.0}, {"thumb_at": 0.4, "mute": True}, {"thumb_at": 0.9, "edits": {"filter": "silver"}})
        for wish in wishes:
            await json(await client.call("PUT", path, json=wish), 202)
            ready = await finished(client, ready["id"])
            now = await poster(client, ready)
            assert all(difference(now, before) > 4 for before, _ in seen)
            seen.append((now, ready["blurhash"]))
            await builders.run_jobs()
        for before, blurhash in seen[-2::-1]:
            await json(await client.post(f"{path}/undo"), 202)
            ready = await finished(client, ready["id"])
            assert difference(await poster(client, ready), before) < 2
            assert ready["blurhash"] == blurhash
            await builders.run_jobs()
        if given is not None:
            await json(await client.call("PUT", path, json={"thumb_at": 0.9}), 202)
            await finished(client, ready["id"])
            await json(await client.call("DELETE", path), 202)
            assert difference(await poster(client, await finished(client, ready["id"])), seen[0][0]) < 2
            await builders.run_jobs()
        await json(await client.call("DELETE", f"/api/v1/media/{ready['id']}"))
        await builders.run_jobs()
        assert stored_files(node) == []


async def test_films_of_posts_that_are_not_for_everybody_are_edited_and_stay_so(node: Node, sent: bytes) -> None:
    alice, friend = await builders.local_account(), await builders.local_account()
    await builders.following(friend, alice)
    mine, theirs, public = await node.signed_in(alice), await node.signed_in(friend), node.client()
    post, path = await posted(mine, sent, visibility="private")
    before = await shown(theirs, post)
    await json(await mine.call("PUT", path, json={"crop": "0,0,0.5,1"}), 202)
    await finished(mine, before["id"])
    after = await shown(theirs, post)
    assert after["meta"]["size"] == "160x240"
    assert "/media/closed/" in after["url"]
    assert (await public.get(path_of(after["url"]))).status_code == 200, "the address says whose it is"
    bare = f"{path_of(after['url']).rpartition('/')[0]}/-"
    assert [(await client.get(bare)).status_code for client in (theirs, public)] == [200, 404]

    post, path = await posted(mine, sent)
    open_at = path_of((await shown(public, post))["url"])
    assert await json(await mine.post(f"/api/v1.1/archive/add/{post['id']}")) == [200]
    await builders.run_jobs()
    await json(await mine.call("PUT", path, json={"mute": True}), 202)
    await finished(mine, path.split("/")[4])
    await builders.run_jobs()
    own = await shown(mine, post)
    file = await MediaFile.get(id=int(own["id"]))
    key = f"/media/{file.variants['video']['key']}"
    assert own["type"] == "gifv"
    assert (await mine.get(path_of(own["url"]))).status_code == 200
    assert [(await public.get(address)).status_code for address in (open_at, key)] == [404, 404]
    await json(await public.get(f"/api/v1/statuses/{post['id']}"), 404)
    assert await json(await mine.post(f"/api/v1.1/archive/remove/{post['id']}")) == [200]
    await builders.run_jobs()
    again = await shown(public, post)
    assert (again["type"], path_of(again["url"])) == ("gifv", key)
    assert (await public.get(key)).status_code == 200


async def test_the_last_edit_wins_and_a_failed_one_changes_nothing(
    node: Node, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await node.signed_in(await builders.local_account())
    post, path = await posted(client, sent)
    tell, asked = film_work._Telling.tell, []

    async def something_else(telling: Any, stage: str, share: float) -> None:
        if not asked:
            asked.append(stage)
            await json(await client.call("PUT", path, json={"crop": "0,0,1,0.5"}), 202)
        await tell(telling, stage, share)

    monkeypatch.setattr(film_work._Telling, "tell", something_else)
    await json(await client.call("PUT", path, json={"crop": "0,0,0.5,1"}), 202)
    await builders.run_jobs(film_work.QUEUE)
    last = await shown(client, post)
    assert (asked, last["meta"]["size"]) == (["film"], "320x120")
    assert (await json(await client.get(path)))["film"]["crop"] == "0,0,1,0.5"
    await builders.run_jobs()
    files = set(stored_files(node))

    await json(await client.call("PUT", path, json={"mute": True}), 202)
    await db.execute("UPDATE media_files SET original_key = 'gone' WHERE id = ?", (int(last["id"]),))
    await builders.run_jobs(film_work.QUEUE)
    await builders.run_jobs()
    assert (await shown(client, post))["url"] == last["url"]
    told = await json(await client.get(path))
    assert (told["film"]["crop"], told["pending"], bool(told["error"])) == ("0,0,1,0.5", None, True)
    assert set(stored_files(node)) == files
    assert (await Film.get(media_id=last["id"])).version == 3


async def test_work_cut_short_is_done_again(node: Node, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await node.signed_in(await builders.local_account())
    post, path = await posted(client, sent)
    before = await shown(client, post)
    develop = film_work._develop

    async def killed(*_: Any) -> bool:
        raise OSError("the disk went away")

    monkeypatch.setattr(film_work, "_develop", killed)
    await json(await client.call("PUT", path, json={"mute": True}), 202)
    await builders.run_jobs(film_work.QUEUE)
    assert await shown(client, post) == before
    monkeypatch.setattr(film_work, "_develop", develop)
    await db.execute("UPDATE jobs SET run_at = 0 WHERE kind = ? AND state <> 'done'", (film_work.PROCESS,))
    await builders.run_jobs(film_work.QUEUE)
    assert (await shown(client, post))["type"] == "gifv"
