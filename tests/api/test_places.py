"""Places: towns by name and near a point, places of one's own, what was posted there, and edits."""

from __future__ import annotations

import time

from federation.outbound.documents import local_post
from node import gazetteer
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


async def test_a_search_takes_no_time(node: Node) -> None:
    towns = await gazetteer.towns()
    began = time.process_time()
    for _ in range(10):
        assert towns.search("s", 20) and towns.search("san f", 20) and towns.near(35.6, 139.6, 20)
    assert (time.process_time() - began) / 30 < 0.01
    assert towns.near(89.9, 0.0, 5) == [] and towns.search("", 5) == [] and towns.one(-1) is None
    assert towns.near(-17.7, 179.9, 2) == towns.near(-17.7, 179.9, 3)[:2]
