"""Photographs in the quality they came in: for their owner, and for others where the owner says so."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from media.drawn import draw_landscape
from node.models.media import MediaFile
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_media import path_of, uploaded
from tests.media.zoo import camera_exif, encoded

SENT = encoded(draw_landscape(3, 5000, 400), "JPEG", quality=92, exif=camera_exif())


async def posted(client: Client, **values: Any) -> Any:
    picture = await uploaded(client, SENT)
    return await json(await client.post("/api/v1/statuses", json={"media_ids": [picture["id"]], **values}))


async def shown_by(client: Client, post: Any) -> str | None:
    status = await json(await client.get(f"/api/v1/statuses/{post['id']}"))
    url: str | None = status["media_attachments"][0]["original_url"]
    return url


async def test_the_original_is_for_its_owner_alone_until_they_say_otherwise(node: Node) -> None:
    author, other = await builders.local_account(), await builders.local_account()
    client, others, public = await node.signed_in(author), await node.signed_in(other), node.client()
    post = await posted(client)
    media_id = post["media_attachments"][0]["id"]
    address = f"/media/original/{media_id}"
    assert (post["show_originals"], post["media_attachments"][0]["original_url"]) == (False, None)
    assert (await public.get(address)).status_code == 404
    assert (await others.get(f"/media/closed/{media_id}/original/-")).status_code == 404
    own = await client.get(f"/media/closed/{media_id}/original/-")
    assert (own.status_code, Image.open(io.BytesIO(await own.get_data())).size) == (200, (5000, 400))

    policy = f"/api/v1/statuses/{post['id']}/interaction_policy"
    changed = await json(await client.call("PUT", policy, json={"show_originals": True}))
    assert changed["show_originals"] is True
    assert await shown_by(public, post) == f"https://here.example{address}"
    served = await public.get(address)
    data = await served.get_data()
    assert (served.status_code, served.content_type, served.headers["Cache-Control"]) == (
        200,
        "image/jpeg",
        "public, max-age=300",
    )
    shown = Image.open(io.BytesIO(data))
    assert shown.size == (5000, 400)
    assert shown.convert("RGB").tobytes() == Image.open(io.BytesIO(SENT)).convert("RGB").tobytes()
    assert not shown.getexif()
    part = await public.get(address, headers={"Range": "bytes=5-8"})
    assert (part.status_code, await part.get_data()) == (206, data[5:9])

    camera = {"camera_shown": ["exposure"]}
    await json(await client.call("PUT", f"/api/v1/media/{media_id}", json=camera))
    again = Image.open(io.BytesIO(await (await public.get(address)).get_data())).getexif()
    assert (float(again.get_ifd(0x8769)[0x829A]), again.get(0x010F), again.get_ifd(0x8825)) == (0.004, None, {})
    await json(await client.call("PUT", f"/api/v1/media/{media_id}/edits", json={"edits": {"crop": {"width": 0.5}}}))
    cropped = Image.open(io.BytesIO(await (await public.get(address)).get_data()))
    assert cropped.size == (2500, 400)

    await json(await client.call("PUT", policy, json={"show_originals": False}))
    assert (await public.get(address)).status_code == 404
    assert await shown_by(public, post) is None
    await json(await client.call("PUT", policy, json={"show_originals": True}))
    await json(await client.call("DELETE", f"/api/v1/statuses/{post['id']}?delete_media=true"))
    assert (await public.get(address)).status_code == 404
    await builders.run_jobs()
    assert [found async for found in node.parts.storage.listing()] == []


async def test_the_choice_has_a_default_and_holds_for_those_who_see_the_post(node: Node) -> None:
    author, friend, stranger = [await builders.local_account() for _ in range(3)]
    await builders.following(friend, author)
    client = await node.signed_in(author)
    source = {"source": {"show_originals": True}}
    me = await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", json=source))
    assert me["source"]["show_originals"] is True
    assert (await posted(client, show_originals=False))["show_originals"] is False
    post = await posted(client, visibility="private")
    media_id = post["media_attachments"][0]["id"]
    assert post["show_originals"] is True
    friends, strangers = await node.signed_in(friend), await node.signed_in(stranger)
    url = await shown_by(friends, post)
    assert url is not None
    assert (await node.client().get(path_of(url))).status_code == 200
    assert (await node.client().get(f"/media/original/{media_id}")).status_code == 404
    assert (await strangers.get(f"/media/closed/{media_id}/original/-")).status_code == 404
    await json(await friends.post(f"/api/v1/accounts/{author.id}/unfollow"))
    assert (await node.client().get(path_of(url))).status_code == 404

    copy = await uploaded(client, SENT)
    assert "original" not in (await MediaFile.get(id=int(copy["id"]))).variants
    assert copy["original_url"] is None
    await MediaFile.filter(id=int(media_id)).update(original_key=None)
    assert (await client.get(f"/media/closed/{media_id}/original/-")).status_code == 404
