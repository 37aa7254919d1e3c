"""Notifications and markers over the API."""

from __future__ import annotations

from node.services import likes, mutes, shares
from tests import builders
from tests.api.client import Node, json


async def test_what_others_do_is_told_newest_first_with_the_post(node: Node) -> None:
    me, one, two = [await builders.local_account() for _ in range(3)]
    post = await builders.post(me)
    await likes.like(one, post.id)
    await shares.share(two, post.id)
    await builders.following(one, me)
    reply = await builders.post(two, "nice", parent_id=post.id)
    client = await node.signed_in(me)
    answer = await client.get("/api/v1/notifications")
    listed = await json(answer)
    assert [item["type"] for item in listed] == ["mention", "follow", "reblog", "favourite"]
    assert [item["account"]["id"] for item in listed] == [str(who.id) for who in (two, one, two, one)]
    assert listed[0]["status"]["id"] == str(reply.id)
    assert "status" not in listed[1]
    assert listed[3]["status"]["id"] == str(post.id)
    assert 'rel="prev"' in answer.headers["Link"]


async def test_notifications_are_narrowed_by_type_and_account(node: Node) -> None:
    me, one, two = [await builders.local_account() for _ in range(3)]
    post = await builders.post(me)
    for other in (one, two):
        await likes.like(other, post.id)
        await builders.following(other, me)
    client = await node.signed_in(me)

    async def types(query: str) -> list[str]:
        return [item["type"] for item in await json(await client.get(f"/api/v1/notifications?{query}"))]

    assert await types("types[]=follow") == ["follow", "follow"]
    assert await types("exclude_types[]=follow&exclude_types[]=reblog") == ["favourite", "favourite"]
    assert await types(f"account_id={one.id}") == ["follow", "favourite"]
    assert await types("types[]=nonsense") == []
    await json(await client.get("/api/v1/notifications?account_id=x"), 400)


async def test_one_notification_is_its_owner_s_alone(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await builders.following(other, me)
    client, stranger = await node.signed_in(me), await node.signed_in(other)
    (told,) = await json(await client.get("/api/v1/notifications"))
    path = f"/api/v1/notifications/{told['id']}"
    assert (await json(await client.get(path)))["type"] == "follow"
    await json(await stranger.get(path), 404)
    await json(await stranger.post(f"{path}/dismiss"), 404)
    assert await json(await client.post(f"{path}/dismiss")) == {}
    await json(await client.get(path), 404)


async def test_clear_forgets_all_of_mine_and_none_of_others(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await builders.following(other, me)
    await builders.following(me, other)
    client = await node.signed_in(me)
    assert await json(await client.post("/api/v1/notifications/clear")) == {}
    assert await json(await client.get("/api/v1/notifications")) == []
    assert len(await json(await (await node.signed_in(other)).get("/api/v1/notifications"))) == 1


async def test_somebody_muted_later_is_not_heard_of(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await builders.following(other, me)
    await mutes.mute(me, other)
    client = await node.signed_in(me)
    assert await json(await client.get("/api/v1/notifications")) == []
    assert await json(await client.get("/api/v1/notifications/unread_count")) == {"count": 0}


async def test_unread_counts_what_came_after_the_marker(node: Node) -> None:
    me = await builders.local_account()
    for _ in range(3):
        await builders.following(await builders.local_account(), me)
    client = await node.signed_in(me)
    assert (await json(await client.get("/api/v1/notifications/unread_count")))["count"] == 3
    assert (await json(await client.get("/api/v1/notifications/unread_count?limit=2")))["count"] == 2
    listed = await json(await client.get("/api/v1/notifications"))
    marked = await json(await client.post("/api/v1/markers", json={"notifications": {"last_read_id": listed[1]["id"]}}))
    assert marked["notifications"]["last_read_id"] == listed[1]["id"]
    assert (await json(await client.get("/api/v1/notifications/unread_count")))["count"] == 1


async def test_markers_are_kept_and_never_go_back(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    assert await json(await client.get("/api/v1/markers?timeline[]=home")) == {}
    await json(await client.post("/api/v1/markers", form={"home[last_read_id]": "100"}))
    again = await json(await client.post("/api/v1/markers", form={"home[last_read_id]": "200"}))
    assert (again["home"]["last_read_id"], again["home"]["version"]) == ("200", 1)
    older = await json(await client.post("/api/v1/markers", form={"home[last_read_id]": "150"}))
    assert older == again
    shown = await json(await client.get("/api/v1/markers?timeline[]=home&timeline[]=notifications"))
    assert shown.keys() == {"home"}
    assert shown["home"]["last_read_id"] == "200"
    await json(await client.post("/api/v1/markers", json={"home": {"last_read_id": "x"}}), 400)
