"""Composing and places over Pixelfed's calls."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from werkzeug.datastructures import FileStorage

from node.models.posts import Post
from node.services import archive
from tests import builders
from tests.api.client import Node, json

V = "/api/v1.1"


def photograph() -> FileStorage:
    """A small JPEG as an app sends it."""
    data = BytesIO()
    Image.new("RGB", (8, 6), "teal").save(data, "JPEG")
    data.seek(0)
    return FileStorage(data, "heron.jpg", "file", "image/jpeg")


async def test_places_are_found_by_the_posts_one_may_see(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    first = await builders.post(alice, "1", place_name="Oslo")
    second = await builders.post(bob, "2", place_name="oslo East 100%")
    await builders.post(alice, "my flat", place_name="Oslo, home", visibility="followers")
    await builders.post(alice, "3", place_name="Bergen")
    client, bobs = await node.signed_in(alice), await node.signed_in(bob)

    async def names(of: str, caller: object = bobs) -> list[str]:
        found = await json(await caller.get(f"{V}/compose/search/location", query_string={"q": of}))  # type: ignore[attr-defined]
        return [item["name"] for item in found if not item["country"]]

    assert await names("OSLO") == await names("oslo") == ["Oslo", "oslo East 100%"]
    assert "Oslo, home" in await names("Oslo", client)
    assert await names("%") == []
    await json(await client.get(f"{V}/compose/search/location"), 422)
    await json(await client.get(f"{V}/compose/search/location?q={'x' * 101}"), 422)

    oslo = (await json(await bobs.get("/api/pixelfed/v1/compose/search/location?q=oslo")))[0]
    path = oslo["url"].removeprefix("https://here.example")
    shown = await json(await bobs.get(path))
    assert (shown["place"]["name"], shown["place"]["slug"]) == ("Oslo", "oslo")
    assert [item["id"] for item in shown["posts"]] == [str(first.id)]
    await json(await bobs.get(path.replace("/oslo", "/bergen")), 404)
    hidden = await Post.get(text="my flat")
    await json(await bobs.get(f"{V}/places/posts/{hidden.place_id}/oslo-home"), 404)
    await archive.put_away(alice, first.id)
    await json(await bobs.get(path), 404)

    made = await json(await client.post("/api/v1/statuses", json={"status": "here", "place_id": oslo["id"]}))
    assert made["place"] == {"id": oslo["id"], "name": "Oslo", "country": ""}
    await json(await client.post("/api/v1/statuses", json={"status": "there", "place_id": "7"}), 422)
    assert second.place_id != first.place_id
    await json(await (await node.signed_in(alice, "write")).get(f"{V}/compose/search/location?q=x"), 403)


async def test_a_picture_is_uploaded_and_published_in_one_call(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    form = {"status": "A heron", "visibility": "unlisted", "description": "grey, tall", "sensitive": "true"}
    made = [
        await json(
            await client.post(
                f"{V}/status/create",
                form=form,
                files={"file": photograph()},
                headers={"Idempotency-Key": "once"},
            )
        )
        for _ in range(2)
    ]
    assert made[0]["id"] == made[1]["id"]
    assert (made[0]["visibility"], made[0]["sensitive"]) == ("unlisted", True)
    assert [item["description"] for item in made[0]["media_attachments"]] == ["grey, tall"]
    await json(await client.post(f"{V}/status/create", form=form), 422)
    narrow = await node.signed_in(alice, "write:statuses")
    await json(await narrow.post(f"{V}/status/create", form=form, files={"file": photograph()}), 403)
    assert await Post.all().count() == 1


async def test_apps_learn_what_they_may_send(node: Node) -> None:
    alice = await builders.local_account("alice", is_private=True)
    shown = await json(await (await node.signed_in(alice)).get(f"{V}/compose/settings"))
    assert "image/jpeg" in shown["allowed_media_types"]
    assert (shown["default_scope"], shown["default_license"]) == ("private", 1)
    assert shown["max_caption_length"] == node.parts.settings.max_characters
    config = await json(await node.client().get("/api/v2/config"))
    assert (config["site"]["domain"], config["uploader"]["max_collection_length"]) == ("here.example", 100)
    assert config["open_registration"] is True
    assert await json(await node.client().get("/api/v2/streaming/config")) == []
    answer = await node.client().get("/api/service/health-check")
    assert (await answer.get_data(as_text=True), answer.headers["Content-Type"].partition(";")[0]) == (
        "OK",
        "text/plain",
    )
