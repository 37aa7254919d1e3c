"""Carousels: put in another order, pictures replaced and taken out of a published post."""

from __future__ import annotations

from typing import Any

from federation.outbound.documents import local_post
from node.models.media import MediaFile
from node.models.posts import PostEdit
from tests import builders
from tests.api.client import Node, json


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
