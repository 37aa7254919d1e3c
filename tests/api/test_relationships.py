"""Following, requests, blocks and mutes over the API."""

from __future__ import annotations

from node.models.graph import Follow
from tests import builders
from tests.api.client import Node, json

KEYS = {
    *("id", "following", "showing_reblogs", "notifying", "languages", "followed_by", "blocking", "blocked_by"),
    *("muting", "muting_notifications", "muting_expires_at", "requested", "requested_by", "domain_blocking"),
    *("endorsed", "note"),
}


async def test_a_relationship_has_all_sixteen_keys_and_none_of_its_answers_is_null(node: Node) -> None:
    one, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(one)
    (shown,) = await json(await client.get(f"/api/v1/accounts/relationships?id[]={other.id}"))
    assert shown.keys() == KEYS
    assert all(value is not None for name, value in shown.items() if name != "muting_expires_at")
    assert not any(value for name, value in shown.items() if name != "id")


async def test_relationships_come_in_the_order_asked_for_and_for_real_accounts_only(node: Node) -> None:
    me, one, two = [await builders.local_account() for _ in range(3)]
    client = await node.signed_in(me)
    path = f"/api/v1/accounts/relationships?id[]={two.id}&id[]=5&id[]={one.id}&id[]={two.id}"
    assert [item["id"] for item in await json(await client.get(path))] == [str(two.id), str(one.id)]
    assert await json(await client.get("/api/v1/accounts/relationships")) == []
    await json(await client.get("/api/v1/accounts/relationships?id[]=x"), 400)


async def test_following_and_ending_it(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client, theirs = await node.signed_in(me), await node.signed_in(other)
    path = f"/api/v1/accounts/{other.id}"
    shown = await json(await client.post(f"{path}/follow", json={"reblogs": False, "notify": True}))
    assert (shown["following"], shown["showing_reblogs"], shown["notifying"]) == (True, False, True)
    (seen,) = await json(await theirs.get(f"/api/v1/accounts/relationships?id[]={me.id}"))
    assert seen["followed_by"] is True
    assert [item["id"] for item in await json(await node.client().get(f"{path}/followers"))] == [str(me.id)]
    assert [item["id"] for item in await json(await node.client().get(f"/api/v1/accounts/{me.id}/following"))] == [
        str(other.id)
    ]
    assert (await json(await client.post(f"{path}/follow", json={"reblogs": True})))["showing_reblogs"] is True
    assert (await json(await client.post(f"{path}/unfollow")))["following"] is False
    await json(await client.post(f"{path}/follow"))
    removed = await json(await theirs.post(f"/api/v1/accounts/{me.id}/remove_from_followers"))
    assert removed["followed_by"] is False
    assert await Follow.all().count() == 0


async def test_nobody_follows_themselves_or_nobody(node: Node) -> None:
    me = await builders.local_account()
    client = await node.signed_in(me)
    await json(await client.post(f"/api/v1/accounts/{me.id}/follow"), 422)
    await json(await client.post("/api/v1/accounts/5/follow"), 404)
    await json(await client.post("/api/v1/accounts/x/follow"), 404)
    await json(await client.post(f"/api/v1/accounts/{me.id}/follow", json={"reblogs": "maybe"}), 400)


async def test_a_private_account_accepts_and_turns_away(node: Node) -> None:
    owner = await builders.local_account(is_private=True)
    one, two = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(owner)
    for asking in (one, two):
        shown = await json(await (await node.signed_in(asking)).post(f"/api/v1/accounts/{owner.id}/follow"))
        assert (shown["following"], shown["requested"]) == (False, True)
    waiting = await json(await client.get("/api/v1/follow_requests"))
    assert [item["id"] for item in waiting] == [str(two.id), str(one.id)]
    assert (await json(await client.get("/api/v1/accounts/verify_credentials")))["source"]["follow_requests_count"] == 2
    accepted = await json(await client.post(f"/api/v1/follow_requests/{one.id}/authorize"))
    assert (accepted["followed_by"], accepted["requested_by"]) == (True, False)
    await json(await client.post(f"/api/v1/follow_requests/{two.id}/reject"))
    assert await json(await client.get("/api/v1/follow_requests")) == []
    await json(await client.post(f"/api/v1/follow_requests/{two.id}/authorize"), 404)


async def test_blocking_ends_everything_between_two(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await builders.following(other, me)
    client, theirs = await node.signed_in(me), await node.signed_in(other)
    shown = await json(await client.post(f"/api/v1/accounts/{other.id}/block"))
    assert (shown["blocking"], shown["followed_by"]) == (True, False)
    assert [item["id"] for item in await json(await client.get("/api/v1/blocks"))] == [str(other.id)]
    (seen,) = await json(await theirs.get(f"/api/v1/accounts/relationships?id[]={me.id}"))
    assert seen["blocked_by"] is True
    await json(await theirs.post(f"/api/v1/accounts/{me.id}/follow"), 403)
    assert (await json(await client.post(f"/api/v1/accounts/{other.id}/unblock")))["blocking"] is False


async def test_muting_for_a_while(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(me)
    shown = await json(
        await client.post(f"/api/v1/accounts/{other.id}/mute", form={"notifications": "false", "duration": "3600"})
    )
    assert (shown["muting"], shown["muting_notifications"]) == (True, False)
    assert shown["muting_expires_at"]
    (listed,) = await json(await client.get("/api/v1/mutes"))
    assert listed["id"] == str(other.id)
    assert listed["mute_expires_at"] == shown["muting_expires_at"]
    assert (await json(await client.post(f"/api/v1/accounts/{other.id}/unmute")))["muting"] is False
    assert await json(await client.get("/api/v1/mutes")) == []


async def test_each_deed_needs_its_scope(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(me, "read", "write:statuses")
    for deed in ("follow", "unfollow", "block", "unblock", "mute", "unmute", "remove_from_followers"):
        await json(await client.post(f"/api/v1/accounts/{other.id}/{deed}"), 403)
        await json(await node.client().post(f"/api/v1/accounts/{other.id}/{deed}"), 401)


async def test_a_list_of_followers_is_paged_by_the_follow_not_the_account(node: Node) -> None:
    star = await builders.local_account()
    fans = [await builders.local_account() for _ in range(5)]
    for fan in reversed(fans):
        await builders.following(fan, star)
    path, seen = f"/api/v1/accounts/{star.id}/followers?limit=2", []
    while path:
        answer = await node.client().get(path)
        page = await json(answer)
        seen += [item["id"] for item in page]
        link = answer.headers.get("Link", "")
        path = link.partition("<https://here.example")[2].partition(">")[0] if 'rel="next"' in link else ""
    assert seen == [str(fan.id) for fan in fans]
