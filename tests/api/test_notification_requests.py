"""The policy, and those who ask to be heard."""

from __future__ import annotations

import msgspec

from api.entities.notification_request import NotificationRequest
from node import events
from node.models.accounts import Account
from node.services import likes, posts
from tests import builders
from tests.api.client import Client, Node, json

POLICY, REQUESTS = "/api/v2/notifications/policy", "/api/v1/notifications/requests"
EVERYTHING_ACCEPTED = {
    "for_not_following": "accept",
    "for_not_followers": "accept",
    "for_new_accounts": "accept",
    "for_private_mentions": "filter",
    "for_limited_accounts": "filter",
    "for_bots": "accept",
    "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
}


async def selective(node: Node) -> tuple[Account, Client]:
    """Somebody who filters whom they do not follow."""
    me = await builders.local_account()
    client = await node.signed_in(me)
    await json(await client.call("PATCH", POLICY, json={"for_not_following": "filter"}))
    return me, client


async def test_a_policy_is_changed_rule_by_rule_in_either_version(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    assert await json(await client.get(POLICY)) == EVERYTHING_ACCEPTED
    changed = await json(await client.call("PATCH", POLICY, form={"for_new_accounts": "drop", "for_bots": "filter"}))
    assert changed == EVERYTHING_ACCEPTED | {"for_new_accounts": "drop", "for_bots": "filter"}
    refused = await json(await client.call("PATCH", POLICY, json={"for_not_following": "ignore"}), 422)
    assert refused["error"] == "Validation failed: For not following is not included in the list"
    assert await json(await client.call("PATCH", POLICY, json={})) == changed
    old = "/api/v1/notifications/policy"
    assert await json(await client.get(old)) == {
        "filter_not_following": False,
        "filter_not_followers": False,
        "filter_new_accounts": True,
        "filter_private_mentions": True,
        "filter_bots": True,
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }
    assert (await json(await client.call("PUT", old, json={"filter_new_accounts": False})))["filter_bots"] is True
    assert (await json(await client.get(POLICY)))["for_new_accounts"] == "accept"
    reader = await node.signed_in(await builders.local_account(), "read")
    await json(await reader.call("PATCH", POLICY, json={}), 403)


async def test_filtered_mentions_wait_in_a_request_until_it_is_accepted(node: Node) -> None:
    me, client = await selective(node)
    other, fan = await builders.local_account(), await builders.local_account()
    await builders.post(other, f"@{me.username} one")
    last = await builders.post(other, f"@{me.username} two")
    await likes.like(fan, (await builders.post(me)).id)
    assert await json(await client.get("/api/v1/notifications")) == []
    shown = await json(await client.get("/api/v1/notifications?include_filtered=true"))
    assert [(item["type"], item["filtered"]) for item in shown] == [("favourite", True)] + [("mention", True)] * 2
    assert len(await json(await client.get(f"/api/v1/notifications?account_id={other.id}"))) == 2
    assert (await json(await client.get(POLICY)))["summary"] == {
        "pending_requests_count": 1,
        "pending_notifications_count": 2,
    }
    answer = await client.get(REQUESTS)
    (request,) = await json(answer)
    msgspec.convert(request, NotificationRequest)
    assert (request["notifications_count"], request["account"]["id"]) == ("2", str(other.id))
    assert request["last_status"]["id"] == str(last.id)
    assert f"min_id={request['id']}" in answer.headers["Link"]
    path = f"{REQUESTS}/{request['id']}"
    assert await json(await client.get(path)) == request
    stranger = await node.signed_in(other)
    for call in (stranger.get(path), stranger.post(f"{path}/accept"), stranger.post(f"{path}/dismiss")):
        await json(await call, 404)

    async with builders.hearing(events.NotificationsMerged) as heard:
        assert await json(await client.post(f"{path}/accept")) == {}
        assert await json(await client.get(f"{REQUESTS}/merged")) == {"merged": False}
        await builders.run_jobs()
    assert heard == [events.NotificationsMerged(account_id=me.id)]
    assert await json(await client.get(f"{REQUESTS}/merged")) == {"merged": True}
    told = await json(await client.get("/api/v1/notifications"))
    assert [item["type"] for item in told] == ["mention", "mention"] and "filtered" not in told[0]
    assert await json(await client.get(REQUESTS)) == []
    await json(await client.get(path), 404)
    await builders.post(other, f"@{me.username} three")
    assert len(await json(await client.get("/api/v1/notifications"))) == 3


async def test_a_dismissed_request_takes_what_was_filtered_along_and_may_come_again(node: Node) -> None:
    me, client = await selective(node)
    other, another = await builders.local_account(), await builders.local_account()
    for author in (other, another):
        await builders.post(author, f"@{me.username} one")
    newest, oldest = await json(await client.get(REQUESTS))
    assert [item["id"] for item in await json(await client.get(f"{REQUESTS}?max_id={newest['id']}"))] == [oldest["id"]]
    assert await json(await client.post(f"{REQUESTS}/{oldest['id']}/dismiss")) == {}
    again = await builders.post(other, f"@{me.username} two")
    await builders.run_jobs()
    left = await json(await client.get("/api/v1/notifications?include_filtered=1"))
    assert [item["account"]["id"] for item in left] == [str(other.id), str(another.id)]
    assert left[0]["status"]["id"] == str(again.id), "what came after the dismissal stays"
    assert len(await json(await client.get(REQUESTS))) == 2


async def test_many_requests_are_decided_at_once_and_strange_ids_passed_over(node: Node) -> None:
    me, client = await selective(node)
    authors = [await builders.local_account() for _ in range(4)]
    for author in authors:
        await builders.post(author, f"@{me.username} one")
    ids = [item["id"] for item in await json(await client.get(REQUESTS))]
    query = "&".join(f"id[]={number}" for number in (ids[0], ids[1], 1))
    assert await json(await client.post(f"{REQUESTS}/accept?{query}")) == {}
    assert await json(await client.post(f"{REQUESTS}/dismiss", form={"id[][]": ids[2]})) == {}
    assert await json(await client.post(f"{REQUESTS}/dismiss", json={})) == {}
    await json(await client.post(f"{REQUESTS}/accept", json={"id": ["x"]}), 400)
    await builders.run_jobs()
    assert [item["id"] for item in await json(await client.get(REQUESTS))] == [ids[3]]
    told = await json(await client.get("/api/v1/notifications"))
    assert {item["account"]["id"] for item in told} == {str(author.id) for author in authors[2:]}


async def test_a_request_goes_with_the_last_post_in_it(node: Node) -> None:
    me, client = await selective(node)
    other = await builders.local_account()
    first = await builders.post(other, f"@{me.username} one")
    second = await builders.post(other, f"@{me.username} two")
    await posts.delete(other, second.id)
    (request,) = await json(await client.get(REQUESTS))
    assert (request["notifications_count"], request["last_status"]) == ("1", None)
    await posts.delete(other, first.id)
    assert await json(await client.get(REQUESTS)) == []
    assert (await json(await client.get(POLICY)))["summary"]["pending_requests_count"] == 0
