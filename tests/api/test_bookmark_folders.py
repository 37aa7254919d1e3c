"""Saved posts in folders."""

from __future__ import annotations

from tests import builders
from tests.api.client import Node, json

FOLDERS = "/api/v1/bookmark_folders"


async def test_posts_are_saved_into_folders_and_stay_saved_without_them(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    posts = [await builders.post(bob, str(number)) for number in range(3)]
    ids = [str(post.id) for post in posts]
    client = await node.signed_in(alice)
    folder = await json(await client.post(FOLDERS, json={"name": "  Birds "}))
    assert (folder["name"], folder["statuses_count"]) == ("Birds", 0)
    path = f"{FOLDERS}/{folder['id']}"
    await json(await client.post(f"/api/v1/statuses/{ids[0]}/bookmark"))
    for _ in range(2):
        assert await json(await client.post(f"{path}/statuses", json={"status_ids": ids})) == {}
    answer = await client.get(f"{path}/statuses?limit=2")
    assert [item["id"] for item in await json(answer)] == [ids[2], ids[1]]
    older = answer.headers["Link"].partition(">")[0].removeprefix("<https://here.example")
    assert [item["id"] for item in await json(await client.get(older))] == [ids[0]]
    assert (await json(await client.get(path)))["statuses_count"] == 3
    assert [item["id"] for item in await json(await client.get(f"/api/v1/statuses/{ids[1]}/bookmark_folders"))] == [
        folder["id"]
    ]

    await json(await client.call("DELETE", f"{path}/statuses?status_ids[]={ids[1]}"))
    await json(await client.post(f"/api/v1/statuses/{ids[2]}/unbookmark"))
    assert [item["id"] for item in await json(await client.get(f"{path}/statuses"))] == [ids[0]]
    assert [item["id"] for item in await json(await client.get("/api/v1/bookmarks"))] == [ids[1], ids[0]]
    renamed = await json(await client.call("PUT", path, json={"name": "Herons"}))
    assert [item["name"] for item in await json(await client.get(FOLDERS))] == [renamed["name"]] == ["Herons"]
    await json(await client.call("DELETE", path))
    assert await json(await client.get(FOLDERS)) == []
    assert len(await json(await client.get("/api/v1/bookmarks"))) == 2


async def test_folders_are_their_owners_alone(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post, hidden = await builders.post(bob), await builders.post(bob, "hush", visibility="followers")
    client, bobs = await node.signed_in(alice), await node.signed_in(bob)
    folder = await json(await client.post(FOLDERS, json={"name": "Birds"}))
    path = f"{FOLDERS}/{folder['id']}"
    one = {"status_ids": [str(post.id)]}
    for answer in (
        await bobs.get(path),
        await bobs.get(f"{path}/statuses"),
        await bobs.call("PUT", path, json={"name": "Mine"}),
        await bobs.call("DELETE", path),
        await bobs.post(f"{path}/statuses", json=one),
        await bobs.call("DELETE", f"{path}/statuses", json=one),
        await client.post(f"{path}/statuses", json={"status_ids": [str(post.id), str(hidden.id)]}),
    ):
        await json(answer, 404)
    assert await json(await client.get(f"{path}/statuses")) == []
    assert await json(await client.get("/api/v1/bookmarks")) == []
    for name in ("", "x" * 101):
        await json(await client.post(FOLDERS, json={"name": name}), 422)
    await json(await client.post(f"{path}/statuses", json={"status_ids": ["1"] * 41}), 422)
    await json(await (await node.signed_in(alice, "read:statuses")).get(FOLDERS), 403)
    await json(await (await node.signed_in(alice, "read")).post(FOLDERS, json={"name": "x"}), 403)
