"""Carousels: put in another order, pictures replaced and taken out of a published post."""

from __future__ import annotations

from typing import Any

from federation.outbound.documents import local_post
from node.models.media import MediaFile
from node.models.posts import PostEdit
from node.services import media
from tests import builders
from tests.api.client import Node, json
from tests.conftest import HeldClock


async def test_what_leaves_a_post_waits_a_day_and_takes_nobody_along(node: Node, held_clock: HeldClock) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client = await node.signed_in(alice)
    pictures = [await builders.picture(alice) for _ in range(3)]
    ids = [str(picture.id) for picture in pictures]
    people = [{"id": media_id, "people": [{"account_id": str(bob.id), "x": 0.5, "y": 0.5}]} for media_id in ids[:2]]
    body = {"status": "three", "media_ids": ids, "media_attributes": people}
    made = await json(await client.post("/api/v1/statuses", json=body))
    draft = await json(
        await client.post("/api/v1/drafts", json={"media_ids": [str((await builders.picture(alice)).id)]})
    )
    listed, path = f"/api/v1/accounts/{bob.id}/tagged", f"/api/v1/statuses/{made['id']}"
    held_clock.advance(5 * 24 * 3600)
    await json(await client.call("PUT", path, json={"status": "two", "media_ids": ids[1:]}))
    await json(await client.call("DELETE", f"/api/v1/drafts/{draft['id']}"))
    assert await media.collect_unposted() == 0
    assert [item["id"] for item in await json(await client.get(listed))] == [made["id"]]
    await json(await client.call("PUT", path, json={"status": "one", "media_ids": ids[2:]}))
    assert await json(await client.get(listed)) == []
    again = await json(await client.post("/api/v1/statuses", json={**body, "media_ids": ids[:2]}))
    assert [len(item["people"]) for item in again["media_attachments"]] == [1, 1]
    held_clock.advance(23 * 3600)
    await json(await client.call("DELETE", f"/api/v1/statuses/{again['id']}"))
    assert await media.collect_unposted() == 0
    held_clock.advance(2 * 3600)
    assert await media.collect_unposted() == 1
    held_clock.advance(24 * 3600)
    assert await media.collect_unposted() == 2
    assert [file.id for file in await MediaFile.all()] == [pictures[2].id]


async def test_pictures_change_places_are_replaced_and_go(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)

    async def picture(number: int, **columns: Any) -> MediaFile:
        key = f"carousel{number}.jpg"
        shape = {"key": key, "type": "image/jpeg", "width": 4, "height": 3}
        return await builders.picture(alice, variants={"full": shape}, description=f"number {number}", **columns)

    one, two, three, new = [await picture(number) for number in range(4)]
    film = await builders.picture(alice, kind="video", description="a film")
    post = await builders.post(alice, "", media_ids=(one.id, two.id, three.id, film.id))
    path = f"/api/v1/statuses/{post.id}"
    wanted = [film.id, three.id, new.id, one.id]
    edited = await json(
        await client.call(
            "PUT",
            path,
            json={
                "media_ids": [str(number) for number in wanted],
                "media_attributes": [{"id": str(new.id), "description": "the new one"}],
            },
        )
    )
    assert [int(item["id"]) for item in edited["media_attachments"]] == wanted
    assert [item["description"] for item in edited["media_attachments"]] == [
        "a film",
        "number 2",
        "the new one",
        "number 0",
    ]
    assert edited["pf_type"] == "photo:video:album"
    shown = await local_post(post.id)
    assert shown is not None
    assert [item.description for item in shown.note.attachments][-2:] == ["the new one", "number 0"]
    history = await json(await client.get(f"{path}/history"))
    assert len(history) == 2
    kept = await PostEdit.get(post_id=post.id)
    assert [item["description"] for item in kept.media] == ["number 0", "number 1", "number 2", "a film"]
    assert (await MediaFile.get(id=two.id)).post_id is None

    other = await picture(9)
    await builders.post(alice, "elsewhere", media_ids=(other.id,))
    for wrong in ([], [one.id, other.id], [one.id, one.id], range(1, 22)):
        await json(
            await client.call("PUT", path, json={"status": "", "media_ids": [str(number) for number in wrong]}), 422
        )
    same = await json(await client.get(path))
    assert [int(item["id"]) for item in same["media_attachments"]] == wanted
    last = await json(await client.call("PUT", path, json={"status": "words are enough", "media_ids": []}))
    assert last["media_attachments"] == [] and await MediaFile.filter(post_id=post.id).count() == 0
