"""What the admins tell everybody here, and how it is answered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from orjson import loads

from api.entities import announcement
from node import clock
from node.errors import Invalid, NotFound
from node.events import AnnouncementPublished, AnnouncementReactionChanged, AnnouncementRemoved
from node.services import announcements, emojis
from node.services.announcements import Notice
from tests import builders
from tests.api.client import Node, json
from tests.api.test_custom_emojis import still
from tests.conftest import HeldClock

PATH = "/api/v1/announcements"


async def test_an_announcement_names_people_posts_hashtags_and_emojis(node: Node, tmp_path: Path) -> None:
    await emojis.add("heron", still(tmp_path / "a"))
    alice = await builders.local_account("alice")
    post, hidden = await builders.post(alice), await builders.post(alice, visibility="followers")
    starts = clock.now()
    text = f"@alice and @nobody: #Herons :heron: {post.url} {hidden.url}"
    async with builders.hearing(AnnouncementPublished) as heard:
        made = await announcements.publish(Notice(text, starts_at=starts, ends_at=starts + timedelta(1), all_day=True))
    assert heard == [AnnouncementPublished(announcement_id=made.id)]
    client = await node.signed_in(alice)
    (shown,) = await json(await client.get(PATH))
    assert shown["id"] == str(made.id)
    assert 'class="u-url mention"' in shown["content"]
    assert (shown["all_day"], shown["read"], shown["reactions"]) == (True, False, [])
    assert shown["starts_at"] < shown["ends_at"]
    assert set(shown) == {
        *("id", "content", "starts_at", "ends_at", "all_day", "published_at", "updated_at", "read", "mentions"),
        *("statuses", "tags", "emojis", "reactions"),
    }
    assert [(who["id"], who["acct"]) for who in shown["mentions"]] == [(str(alice.id), "alice")]
    assert shown["statuses"] == [{"id": str(post.id), "url": post.url}]
    assert shown["tags"] == [{"name": "herons", "url": "https://here.example/tags/herons"}]
    assert [emoji["shortcode"] for emoji in shown["emojis"]] == ["heron"]
    assert b'"read"' not in await announcement.for_everybody(made.id)
    await json(await node.client().get(PATH), 401)


async def test_what_has_been_read_is_shown_only_when_asked_for(node: Node) -> None:
    made = await announcements.publish(Notice("Hello"))
    alice, ben = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(alice)
    for _ in range(2):
        assert await json(await client.post(f"{PATH}/{made.id}/dismiss")) == {}
    assert await json(await client.get(PATH)) == []
    assert [item["read"] for item in await json(await client.get(f"{PATH}?with_dismissed=true"))] == [True]
    assert len(await json(await (await node.signed_in(ben)).get(PATH))) == 1
    await json(await client.post(f"{PATH}/1/dismiss"), 404)
    await json(await (await node.signed_in(alice, "read")).post(f"{PATH}/{made.id}/dismiss"), 403)


async def test_announcements_are_answered_with_eight_kinds_of_emoji_at_most(node: Node, tmp_path: Path) -> None:
    await emojis.add("heron", still(tmp_path / "a"))
    made = await announcements.publish(Notice("Hello"))
    alice, ben = await builders.local_account(), await builders.local_account()
    client, other = await node.signed_in(alice), await node.signed_in(ben)
    path = f"{PATH}/{made.id}/reactions"
    async with builders.hearing(AnnouncementReactionChanged) as heard:
        for _ in range(2):
            assert await json(await client.call("PUT", f"{path}/heron")) == {}
        await json(await other.call("PUT", f"{path}/heron"))
        await json(await client.call("PUT", f"{path}/👩🏽‍🚀"))
    assert heard == [AnnouncementReactionChanged(made.id, name) for name in ("heron", "heron", "👩🏽‍🚀")]
    changed = loads(await announcement.changed_reaction(made.id, "heron"))
    assert (changed["announcement_id"], changed["name"], changed["count"]) == (str(made.id), "heron", 2)
    assert loads(await announcement.changed_reaction(made.id, "🐦")) == {
        "name": "🐦",
        "count": 0,
        "announcement_id": str(made.id),
    }
    (shown,) = await json(await other.get(PATH))
    heron, astronaut = shown["reactions"]
    assert (heron["name"], heron["count"], heron["me"], heron["url"][-4:]) == ("heron", 2, True, ".png")
    assert astronaut == {"name": "👩🏽‍🚀", "count": 1, "me": False}
    for name in ("😀", "🇩🇪", "❤️", "1️⃣", "🐦", "🐟"):
        await json(await client.call("PUT", f"{path}/{name}"))
    refused = await json(await client.call("PUT", f"{path}/🦆"), 422)
    assert refused["error"] == "Validation failed: Limit of different reactions reached"
    await json(await other.call("PUT", f"{path}/🐟"))
    for name in ("nothing", "a", "😀😀", "%00", "1"):
        answer = await client.call("PUT", f"{path}/{name}")
        assert answer.status_code == 422, name
        assert (await json(answer, 422))["error"] == "Validation failed: Name is not a recognized emoji"
    assert await json(await client.call("DELETE", f"{path}/heron")) == {}
    await json(await client.call("DELETE", f"{path}/heron"), 404)
    (shown,) = await json(await client.get(PATH))
    assert (shown["reactions"][0]["count"], shown["reactions"][0]["me"]) == (1, False)
    await json(await client.call("PUT", f"{PATH}/1/reactions/😀"), 404)


async def test_what_is_over_or_taken_back_is_gone(node: Node, held_clock: HeldClock) -> None:
    client = await node.signed_in(await builders.local_account())
    ends = clock.now() + timedelta(hours=1)
    over, kept = await announcements.publish(Notice("a", ends_at=ends)), await announcements.publish(Notice("b"))
    await announcements.edit(kept.id, Notice("c"))
    held_clock.advance(7200)
    assert [item["content"] for item in await json(await client.get(PATH))] == ["<p>c</p>"]
    async with builders.hearing(AnnouncementRemoved) as heard:
        for _ in range(2):
            await announcements.take_back_ended()
        await announcements.take_back(kept.id)
    assert heard == [AnnouncementRemoved(announcement_id=over.id), AnnouncementRemoved(announcement_id=kept.id)]
    assert await json(await client.get(f"{PATH}?with_dismissed=1")) == []
    with pytest.raises(NotFound):
        await announcements.take_back(kept.id)
    for notice in (Notice(" "), Notice("a" * 5001), Notice("a", starts_at=ends, ends_at=ends - timedelta(1))):
        with pytest.raises(Invalid):
            await announcements.publish(notice)
