"""How the node is used, counted for those who look after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.entities.admin.measure import human_size
from node import clock
from node.models.accounts import User
from node.models.media import MediaFile
from node.models.posts import Hashtag
from node.services import likes, reports
from node.services.reports import Complaint
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_admin_accounts import staff

PATH = "/api/v1/admin"
NODE_WIDE = ("active_users", "new_users", "interactions", "opened_reports", "resolved_reports")
OF_TAGS = ("tag_accounts", "tag_uses", "tag_servers")
OF_SERVERS = ("accounts", "media_attachments", "reports", "statuses", "follows", "followers")


def span(days: int = 2) -> dict[str, str]:
    """The last days, today among them."""
    today = clock.now()
    return {"start_at": f"{today - timedelta(days=days):%Y-%m-%d}", "end_at": today.isoformat()}


async def totals(client: Client, **values: Any) -> dict[str, str]:
    """What was counted, by word."""
    found = await json(await client.post(f"{PATH}/measures", json={**span(), **values}))
    for one in found:
        assert len(one["data"]) == 3 and ("previous_total" in one) == (not one["key"].startswith("instance_"))
        if one["key"] not in ("tag_accounts", "tag_servers"):
            assert sum(int(day["value"]) for day in one["data"]) == int(one["total"])
    return {one["key"]: one["total"] for one in found}


async def test_what_happens_is_counted_by_day(node: Node) -> None:
    client, me = await staff(node)
    alice = await builders.local_account()
    bob = await builders.remote_account("bob", "far.example")
    await User.filter(account_id=alice.id).update(last_active_at=clock.now())
    mine = await builders.post(alice, "A #heron")
    theirs = await builders.received(bob, hashtags=("heron",))
    await likes.like(alice, theirs.id)
    await builders.following(alice, bob)
    await builders.following(bob, alice)
    filed = await reports.file(alice, Complaint(target_id=bob.id))
    await reports.resolve(filed.id, me)
    await MediaFile.create(account_id=bob.id, media_type="image/jpeg", size=2048, post_id=theirs.id)
    heron = await Hashtag.get(name="heron")
    found = await totals(client, keys=[*NODE_WIDE, "nonsense"])
    assert found == {
        "active_users": "1",
        "new_users": "2",
        "interactions": "1",
        "opened_reports": "1",
        "resolved_reports": "1",
    }
    found = await totals(client, keys=OF_TAGS, **{key: {"id": str(heron.id)} for key in OF_TAGS})
    assert found == {"tag_accounts": "2", "tag_uses": "2", "tag_servers": "2"}
    keys = [f"instance_{word}" for word in OF_SERVERS]
    found = await totals(client, keys=keys, **{key: {"domain": "far.example"} for key in keys})
    assert list(found.values()) == ["1", "2048", "1", "1", "1", "1"]
    found = await totals(client, keys=keys[:1], instance_accounts={"domain": "example", "include_subdomains": True})
    assert found == {"instance_accounts": "1"}
    (size,) = await json(
        await client.post(
            f"{PATH}/measures",
            json={"keys": keys[1:2], "instance_media_attachments": {"domain": "far.example"}, **span()},
        )
    )
    assert (size["unit"], size["human_value"]) == ("bytes", "2 KB")
    assert size["data"][0]["date"].endswith("T00:00:00.000+00:00")
    for values in (
        {},
        {"keys": ["new_users"]},
        {"keys": ["tag_uses"], **span()},
        {"keys": ["instance_accounts"], **span()},
        {"keys": ["new_users"], "start_at": "x", "end_at": "2026-01-01"},
    ):
        await json(await client.post(f"{PATH}/measures", json=values), 400)
    assert mine.id
    assert [human_size(number) for number in (0, 1, 1536, 46 * 1024**3)] == ["0 Bytes", "1 Byte", "1.5 KB", "46 GB"]


async def test_what_it_is_made_of_and_who_stayed(node: Node) -> None:
    client, me = await staff(node)
    alice = await builders.local_account()
    bob = await builders.remote_account("bob", "far.example")
    await builders.following(alice, bob)
    await builders.post(alice, "A #heron", language="en")
    await builders.received(bob, hashtags=("heron",), language="fr")
    heron = await Hashtag.get(name="heron")
    today = clock.now()
    await User.filter(account_id=alice.id).update(last_active_at=today)
    await User.filter(account_id=me.id).update(created_at=today - timedelta(days=1), last_active_at=None)

    async def parts(key: str, **values: Any) -> list[tuple[str, str, str]]:
        asked = {"keys": [key], "limit": 5, **span(), **values}
        (found,) = await json(await client.post(f"{PATH}/dimensions", json=asked))
        assert found["key"] == key
        return [(one["key"], one["human_key"], one["value"]) for one in found["data"]]

    assert await parts("languages") == [("en", "English", "1")]
    assert await parts("sources") == [("web", "Website", "2")]
    both = [("far.example", "far.example", "1"), ("here.example", "here.example", "1")]
    assert sorted(await parts("servers")) == both
    assert sorted(await parts("tag_servers", tag_servers={"id": str(heron.id)})) == both
    spoken = [("en", "English", "1"), ("fr", "French", "1")]
    assert sorted(await parts("tag_languages", tag_languages={"id": str(heron.id)})) == spoken
    assert await parts("instance_languages", instance_languages={"domain": "far.example"}) == spoken[1:]
    assert await parts("instance_accounts", instance_accounts={"domain": "far.example"}) == [("bob", "bob", "1")]
    assert [key for key, _, value in await parts("space_usage") if int(value) >= 0][-1] == "media"
    assert [key for key, _, value in await parts("software_versions") if value][:2] == ["heliograph", "python"]
    cohorts = await json(await client.post(f"{PATH}/retention", json={**span(1), "frequency": "day"}))
    assert [[(one["value"], one["rate"]) for one in cohort["data"]] for cohort in cohorts] == [
        [("1", 1.0), ("0", 0.0)],
        [("1", 1.0)],
    ]
    monthly = await json(await client.post(f"{PATH}/retention", json={**span(1), "frequency": "month"}))
    assert monthly[-1]["frequency"] == "month" and monthly[-1]["period"].endswith("-01T00:00:00.000+00:00")
    assert sum(int(cohort["data"][0]["value"]) for cohort in monthly) == 2
    member = await node.signed_in(alice, "admin:read")
    reader, _ = await staff(node, "admin", "admin:read:accounts")
    for word in ("measures", "dimensions", "retention"):
        for other in (member, reader):
            await json(await other.post(f"{PATH}/{word}", json={"keys": ["new_users"], **span()}), 403)
    await json(await client.post(f"{PATH}/retention", json={}), 400)
