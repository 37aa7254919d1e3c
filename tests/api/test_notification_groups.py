"""Notifications in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from api.entities import notification_subjects
from api.entities.notification import Notification
from api.entities.notification_group import GroupedNotifications
from api.entities.notification_subjects import Subject
from node import db
from node.models.accounts import Account
from node.models.posts import Post
from node.services import likes, mutes, notifications, shares
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements

PATH = "/api/v2/notifications"


async def people(count: int) -> list[Account]:
    return [await builders.local_account() for _ in range(count)]


async def liked_by(count: int, me: Account) -> tuple[Post, list[Account]]:
    """A post of mine and those who like it, in order."""
    post, others = await builders.post(me), await people(count)
    for other in others:
        await likes.like(other, post.id)
    return post, others


async def groups(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await json(await client.get(f"{PATH}?{query}")))["notification_groups"]
    return found


async def test_what_came_together_is_one_group_with_everybody_named_once(node: Node) -> None:
    me = await builders.local_account()
    post, fans = await liked_by(10, me)
    await shares.share(fans[0], post.id)
    reply = await builders.post(fans[1], "nice", parent_id=post.id)
    client = await node.signed_in(me)
    answer = await client.get(PATH)
    page = await json(answer)
    msgspec.convert(page, GroupedNotifications)
    mention, reblog, favourite = page["notification_groups"]
    assert [group["type"] for group in page["notification_groups"]] == ["mention", "reblog", "favourite"]
    told = await json(await client.get("/api/v1/notifications"))
    assert favourite == {
        "group_key": told[2]["group_key"],
        "notifications_count": 10,
        "type": "favourite",
        "most_recent_notification_id": int(told[2]["id"]),
        "page_min_id": told[11]["id"],
        "page_max_id": told[2]["id"],
        "latest_page_notification_at": told[2]["created_at"],
        "sample_account_ids": [str(fan.id) for fan in reversed(fans[2:])],
        "status_id": str(post.id),
    }
    assert favourite["group_key"].startswith(f"favourite-{post.id}-")
    assert mention["group_key"] == f"ungrouped-{told[0]['id']}" == told[0]["group_key"]
    assert (mention["status_id"], mention["sample_account_ids"]) == (str(reply.id), [str(fans[1].id)])
    assert reblog["notifications_count"] == 1
    assert [status["id"] for status in page["statuses"]] == [str(reply.id), str(post.id)]
    assert sorted(account["id"] for account in page["accounts"]) == sorted(str(fan.id) for fan in fans)
    assert "partial_accounts" not in page
    assert f"min_id={told[0]['id']}" in answer.headers["Link"]


async def test_most_accounts_can_be_asked_for_in_part(node: Node) -> None:
    me = await builders.local_account()
    _, fans = await liked_by(3, me)
    client = await node.signed_in(me)
    page = await json(await client.get(f"{PATH}?expand_accounts=partial_avatars"))
    assert [account["id"] for account in page["accounts"]] == [str(fans[2].id)]
    assert [account["id"] for account in page["partial_accounts"]] == [str(fans[1].id), str(fans[0].id)]
    assert page["partial_accounts"][0].keys() == {
        *("id", "acct", "locked", "bot", "url", "avatar", "avatar_static", "avatar_description")
    }
    refused = await json(await client.get(f"{PATH}?expand_accounts=none"), 400)
    assert refused["error"].startswith("Invalid value for 'expand_accounts': 'none'")


async def test_pages_follow_each_other_downwards_and_upwards(node: Node) -> None:
    me = await builders.local_account()
    first, _ = await liked_by(2, me)
    second, _ = await liked_by(2, me)
    for fan in await people(2):
        await likes.like(fan, first.id)
    client = await node.signed_in(me)
    told = [item["id"] for item in await json(await client.get("/api/v1/notifications"))]
    newest, oldest = await groups(client)
    assert (newest["status_id"], newest["notifications_count"]) == (str(first.id), 4)
    assert (oldest["status_id"], oldest["page_min_id"], oldest["page_max_id"]) == (str(second.id), told[3], told[2])
    (top,) = await groups(client, "limit=1")
    assert (top["notifications_count"], top["page_min_id"], top["page_max_id"]) == (4, told[0], told[0])
    # The older part of a group that has been shown stands on a later page again, counted up to there.
    below = await groups(client, f"max_id={told[1]}")
    assert [(group["status_id"], group["notifications_count"]) for group in below] == [
        (str(second.id), 2),
        (str(first.id), 2),
    ]
    upwards = await groups(client, f"min_id={told[4]}&limit=1")
    assert [(group["status_id"], group["page_min_id"]) for group in upwards] == [(str(second.id), told[3])]
    above = await groups(client, f"min_id={told[3]}")
    assert [(group["status_id"], group["page_min_id"], group["page_max_id"]) for group in above] == [
        (str(first.id), told[1], told[0]),
        (str(second.id), told[2], told[2]),
    ]
    since = await groups(client, f"since_id={told[3]}")
    assert [(group["status_id"], group["page_min_id"]) for group in since] == [
        (str(first.id), told[1]),
        (str(second.id), told[2]),
    ]


async def test_an_app_says_which_kinds_it_groups_and_wants(node: Node) -> None:
    me = await builders.local_account()
    await liked_by(2, me)
    for other in await people(2):
        await builders.following(other, me)
    client = await node.signed_in(me)
    assert [group["notifications_count"] for group in await groups(client)] == [2, 2]
    apart = await groups(client, "grouped_types[]=follow")
    assert [(group["type"], group["notifications_count"]) for group in apart] == [
        ("follow", 2),
        ("favourite", 1),
        ("favourite", 1),
    ]
    assert apart[1]["group_key"] == f"ungrouped-{apart[1]['most_recent_notification_id']}"
    assert len(await groups(client, "grouped_types[]=mention")) == 4
    assert [group["type"] for group in await groups(client, "types[]=favourite")] == ["favourite"]
    assert [group["type"] for group in await groups(client, "exclude_types[]=favourite")] == ["follow"]

    async def unread(query: str = "") -> int:
        return int((await json(await client.get(f"{PATH}/unread_count?{query}")))["count"])

    assert (await unread(), await unread("grouped_types[]=follow"), await unread("limit=1")) == (2, 3, 1)
    told = await json(await client.get("/api/v1/notifications"))
    await client.post("/api/v1/markers", json={"notifications": {"last_read_id": told[1]["id"]}})
    assert await unread() == 1


async def test_one_group_can_be_read_and_dismissed_by_its_owner_alone(node: Node) -> None:
    me, stranger = await people(2)
    post, fans = await liked_by(3, me)
    await builders.post(fans[0], "nice", parent_id=post.id)
    client, other = await node.signed_in(me), await node.signed_in(stranger)
    alone, together = await groups(client)
    path = f"{PATH}/{together['group_key']}"
    shown = await json(await client.get(path))
    expected = {name: value for name, value in together.items() if "page" not in name}
    assert shown["notification_groups"] == [expected]
    assert (await json(await client.get(f"{PATH}/{alone['group_key']}")))["notification_groups"][0]["type"] == "mention"
    for unknown in (f"{PATH}/follow-1", f"{PATH}/ungrouped-x", f"{PATH}/ungrouped-99999999999999999999"):
        await json(await client.get(unknown), 404)
    await json(await other.get(path), 404)
    assert await json(await other.get(f"{path}/accounts")) == []
    answer = await client.get(f"{path}/accounts?limit=2")
    assert [account["id"] for account in await json(answer)] == [str(fans[2].id), str(fans[1].id)]
    assert 'rel="next"' in answer.headers["Link"]
    assert await json(await other.post(f"{path}/dismiss")) == {}
    assert len(await groups(client)) == 2
    assert await json(await client.post(f"{path}/dismiss")) == {}
    assert await json(await client.post(f"{PATH}/{alone['group_key']}/dismiss")) == {}
    assert await groups(client) == []


async def test_a_group_does_not_vanish_with_its_newest_account(node: Node) -> None:
    me = await builders.local_account()
    post, fans = await liked_by(3, me)
    await mutes.mute(me, fans[2])
    client = await node.signed_in(me)
    (group,) = await groups(client)
    assert (group["notifications_count"], group["sample_account_ids"]) == (2, [str(fans[1].id), str(fans[0].id)])
    await likes.unlike(fans[1], post.id)
    assert [group["notifications_count"] for group in await groups(client)] == [1]


async def test_a_page_takes_the_same_statements_whatever_its_size(node: Node) -> None:
    me = await builders.local_account()
    client = await node.signed_in(me)
    counts = []
    for size in (1, 6):
        for _ in range(size):
            await liked_by(2, me)
        for path in (PATH, "/api/v1/notifications"):
            await client.get("/api/v1/markers")
            with counted_statements() as seen:
                await json(await client.get(path))
            counts.append(len(seen))
    assert counts[0] == counts[2] <= 9
    assert counts[1] == counts[3] <= 9


async def test_subjects_are_shown_and_put_in_words_for_apps_that_do_not_know_them(node: Node) -> None:
    async def reports(ids: Sequence[int], viewer_id: int) -> dict[int, Subject]:
        return {number: Subject(b'{"id":"%d"}' % number, "@mallory") for number in ids if number != 9}

    me, other = await people(2)
    former = dict(notification_subjects._loaders)
    notification_subjects.show("admin.report", reports)
    try:
        async with db.transaction():
            for subject in (7, 9):
                await notifications.notify(notifications.REPORT, me.id, other.id, subject_id=subject)
            await notifications.notify(notifications.SIGN_UP, me.id, other.id)
        client = await node.signed_in(me)
        sign_up, gone, report = await json(await client.get("/api/v1/notifications"))
        assert (report["report"], gone["report"]) == ({"id": "7"}, None)
        assert "fallback" not in report and "report" not in sign_up
        query = "supported_types[]=mention"
        told = await json(await client.get(f"/api/v1/notifications?{query}"))
        msgspec.convert(told, list[Notification])
        assert told[0]["fallback"]["title"].endswith(" signed up")
        assert f"@<span>{other.username}</span>" in told[0]["fallback"]["title"]
        assert "fallback" not in told[1]
        assert told[2]["fallback"]["title"].endswith("reported @mallory")
        assert told[2]["fallback"]["description"] is None
        grouped = await groups(client, query)
        assert grouped[2]["fallback"] == told[2]["fallback"] and grouped[2]["report"] == {"id": "7"}
        one = await json(await client.get(f"/api/v1/notifications/{told[2]['id']}?{query}"))
        assert one["fallback"] == told[2]["fallback"]
        known = await json(await client.get("/api/v1/notifications?supported_types[]=admin.report"))
        assert "fallback" not in known[2]
    finally:
        notification_subjects._loaders.clear()
        notification_subjects._loaders.update(former)


async def test_whoever_is_put_into_a_collection_is_told_of_it(node: Node) -> None:
    me, owner = await people(2)
    await Account.filter(id=me.id).update(discoverable=True)
    collector = await node.signed_in(owner)
    body = {"name": "Herons", "account_ids": [str(me.id)]}
    made = (await json(await collector.post("/api/v1/collections", json=body)))["collection"]
    await json(await collector.call("PATCH", f"/api/v1/collections/{made['id']}", json={"name": "Egrets"}))
    client = await node.signed_in(me)
    changed, added = await json(await client.get("/api/v1/notifications?supported_types[]=mention"))
    assert (changed["type"], added["type"]) == ("collection_update", "added_to_collection")
    assert changed["collection"]["id"] == added["collection"]["id"] == made["id"]
    assert changed["collection"]["name"] == "Egrets"
    assert added["fallback"]["title"].endswith(" added you to a collection")
    assert [group["collection"]["id"] for group in await groups(client)] == [made["id"]] * 2
