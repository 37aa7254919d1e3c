"""Places: towns by name and near a point, places of one's own, what was posted there, and edits."""

from __future__ import annotations

import time
from typing import Any

from federation.outbound.documents import local_post
from node import gazetteer
from node.models.posts import Post
from tests import builders
from tests.api.client import Node, json


async def test_towns_are_found_and_named_and_posts_found_there(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client, stranger = await node.signed_in(alice), node.client()
    found = await json(await client.get("/api/v1/places?q=zuric"))
    assert (found[0]["name"], found[0]["country"]) == ("Zürich", "Switzerland")
    assert (await json(await client.get("/api/v1/places?q=Wien")))[0]["name"] == "Vienna"
    near = await json(await client.get("/api/v1/places?latitude=59.91&longitude=10.74"))
    assert "Oslo" in [town["name"] for town in near[:3]]
    oslo = next(town for town in near if town["name"] == "Oslo")
    for wrong in ("", "?q=%20", f"?q={'x' * 101}", "?latitude=91&longitude=0"):
        await json(await client.get(f"/api/v1/places{wrong}"), 422)

    made = await json(await client.post("/api/v1/statuses", json={"status": "The fjord", "place_id": oslo["id"]}))
    kept = made["place"]["id"]
    assert (made["place"]["name"], made["place"]["country"]) == ("Oslo", "Norway")
    assert (await json(await stranger.get(f"/api/v1/places/{kept}")))["latitude"] == oslo["latitude"]
    assert [post["id"] for post in await json(await stranger.get(f"/api/v1/timelines/place/{kept}"))] == [made["id"]]
    shown = await local_post(int(made["id"]))
    assert shown is not None and shown.note.place is not None
    assert (shown.note.place.country, shown.note.place.latitude) == ("Norway", oslo["latitude"])

    home = await builders.post(alice, "my flat", place_name="Home", visibility="followers")
    await json(await (await node.signed_in(bob)).get(f"/api/v1/places/{home.place_id}"), 404)
    assert (await json(await client.get(f"/api/v1/places/{home.place_id}")))["latitude"] is None
    assert await json(await stranger.get(f"/api/v1/timelines/place/{home.place_id}")) == []

    path = f"/api/v1/statuses/{made['id']}"
    assert (await json(await client.call("PUT", path, json={"place_id": "0"})))["place"] is None
    await json(await client.call("PUT", path, json={"place_id": "7"}), 422)
    again = await json(await client.call("PUT", path, json={"status": "Back", "place_id": kept}))
    assert again["place"]["name"] == "Oslo"


async def test_places_of_ones_own_are_where_their_owner_says_and_exactly_only_for_them(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client, bobs, stranger = await node.signed_in(alice), await node.signed_in(bob), node.client()
    spot = {"name": "Our hut", "latitude": 60.5, "longitude": 8.25}
    hut = await json(await client.post("/api/v1/places", json=spot))
    assert (hut["owned"], hut["hides_position"], hut["country"]) == (True, False, "")
    for wrong in ({}, {"name": "x" * 256}, spot, {"name": "a", "latitude": 1}, {**spot, "name": "a", "latitude": 91}):
        await json(await client.post("/api/v1/places", json=wrong), 422)
    theirs = await json(await bobs.post("/api/v1/places", json={"name": "Our hut"}))
    assert theirs["id"] != hut["id"]
    assert await json(await client.get("/api/v1/places/own")) == [hut]
    assert (await json(await client.get("/api/v1/places?q=our h")))[0]["id"] == hut["id"]
    assert [item["id"] for item in await json(await bobs.get("/api/v1/places?q=our hut"))] == [theirs["id"]]
    path = f"/api/v1/places/{hut['id']}"
    await json(await bobs.get(path), 404)
    await json(await bobs.post("/api/v1/statuses", json={"status": "x", "place_id": hut["id"]}), 422)
    picture = await builders.picture(
        alice, variants={"grid": {"key": "hut.jpg", "type": "image/jpeg", "width": 4, "height": 3}}
    )
    wish = {"media_ids": [str(picture.id)], "place_id": hut["id"]}
    made = await json(await client.post("/api/v1/statuses", json=wish))
    assert made["place"] == {"id": hut["id"], "name": "Our hut", "country": ""}

    async def told() -> tuple[Any, ...]:
        post = await local_post(int(made["id"]))
        assert post is not None and post.note.place is not None
        place = post.note.place
        return place.name, place.country, place.latitude, place.longitude

    assert await told() == ("Our hut", None, 60.5, 8.25)
    seen = await json(await stranger.get(path))
    assert (seen["owned"], seen["latitude"], seen["longitude"]) == (False, 60.5, 8.25)
    page = hut["url"].removeprefix("https://here.example")
    browser = await node.browser().open(page)
    assert "<h1>Our hut</h1>" in browser.text and "60.5000, 8.2500" in browser.text and "hut.jpg" in browser.text
    assert f'<a href="{hut["url"]}">Our hut</a>' in (await browser.open(f"/@alice/{made['id']}")).text

    document = {"Accept": "application/activity+json"}
    served = made["uri"].removeprefix("https://here.example")
    version = (await Post.get(id=int(made["id"]))).version
    assert await json(await client.call("PUT", path, json=spot)) == hut
    assert (await Post.get(id=int(made["id"]))).version == version
    changed = await json(await client.call("PUT", path, json={**spot, "name": "The hut", "hides_position": True}))
    assert (changed["name"], changed["latitude"], changed["hides_position"]) == ("The hut", 60.5, True)
    assert await told() == ("The hut", None, None, None)
    assert "latitude" not in (await json(await stranger.get(served, headers=document)))["location"]
    for reader in (bobs, stranger):
        seen = await json(await reader.get(path))
        assert (seen["name"], seen["latitude"], seen["longitude"]) == ("The hut", None, None)
    old = await json(await bobs.get(f"/api/v1.1/places/posts/{hut['id']}/the-hut"))
    assert (old["place"]["lat"], old["place"]["country"]) == (None, "")
    assert "60.5" not in (await browser.open(page)).text
    assert (await json(await stranger.get(f"/api/v1/statuses/{made['id']}")))["place"]["name"] == "The hut"

    await json(await bobs.call("PUT", path, json=spot), 404)
    await json(await bobs.call("DELETE", path), 404)
    await json(await (await node.signed_in(alice, "read")).call("DELETE", path), 403)
    assert await json(await client.call("DELETE", path)) == {}
    assert (await json(await stranger.get(f"/api/v1/statuses/{made['id']}")))["place"] is None
    assert (await browser.open(page)).status == 404


async def test_a_search_takes_no_time(node: Node) -> None:
    towns = await gazetteer.towns()
    began = time.process_time()
    for _ in range(10):
        assert towns.search("s", 20) and towns.search("san f", 20) and towns.near(35.6, 139.6, 20)
    assert (time.process_time() - began) / 30 < 0.01
    assert towns.near(89.9, 0.0, 5) == [] and towns.search("", 5) == [] and towns.one(-1) is None
    assert towns.near(-17.7, 179.9, 2) == towns.near(-17.7, 179.9, 3)[:2]
