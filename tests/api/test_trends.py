"""What is talked about just now."""

from __future__ import annotations

import pytest

from node.errors import NotFound
from node.runtime import Runtime
from node.services import likes, mutes, trends
from tests import builders
from tests.api.client import Node, json
from tests.conftest import HeldClock


def configure(parts: Runtime, **values: object) -> None:
    """Other settings of the trends."""
    changed = parts.settings.trends.model_copy(update=values)
    object.__setattr__(parts, "settings", parts.settings.model_copy(update={"trends": changed}))


async def names(node: Node, query: str = "") -> list[str]:
    return [item["name"].lower() for item in await json(await node.client().get(f"/api/v1/trends/tags{query}"))]


async def test_hashtags_more_people_use_than_before_trend_and_fade(node: Node, held_clock: HeldClock) -> None:
    people = [await builders.local_account() for _ in range(4)]
    for person in people[:2]:
        await builders.post(person, "#old")
    held_clock.advance(86_400)
    for person in people:
        await builders.post(person, "#Heron #heron")
    for person in people[:3]:
        await builders.post(person, "#egret")
        await builders.post(person, "#secret", visibility="unlisted")
        await builders.post(person, "#old")
    for _ in range(5):
        await builders.post(people[0], "#spam")
    await trends.refresh()
    await trends.refresh()
    assert await names(node) == ["heron", "egret"]
    (heron, _) = await json(await node.client().get("/api/v1/trends"))
    assert len(heron["history"]) == 7
    assert heron["history"][0] == {"day": "1795392000", "accounts": "4", "uses": "4"}
    assert heron["history"][1] == {"day": "1795305600", "accounts": "0", "uses": "0"}
    answer = await node.client().get("/api/v1/trends/tags?limit=1")
    assert answer.headers["Link"] == '<https://here.example/api/v1/trends/tags?limit=1&offset=1>; rel="next"'
    answer = await node.client().get("/api/v1/trends/tags?limit=1&offset=1")
    assert [item["name"] for item in await json(answer)] == ["egret"]
    assert answer.headers["Link"].split(", ")[1] == (
        '<https://here.example/api/v1/trends/tags?limit=1&offset=0>; rel="prev"'
    )
    held_clock.advance(12 * 3600)
    await trends.refresh()
    assert await names(node) == ["heron"]
    held_clock.advance(12 * 3600)
    await trends.refresh()
    assert await names(node) == []
    member = await node.signed_in(people[0])
    assert (await json(await member.get("/api/v1/tags/heron")))["history"][1]["uses"] == "4"


async def test_what_the_moderators_forbid_or_have_not_seen_does_not_trend(node: Node) -> None:
    people = [await builders.local_account(discoverable=True) for _ in range(4)]
    for person in people:
        await builders.post(person, "#heron #egret")
    liked = await builders.post(people[0])
    for person in people[1:]:
        await likes.like(person, liked.id)
    await trends.refresh()
    assert sorted(await names(node)) == ["egret", "heron"]
    await trends.review_hashtag("egret", trendable=False)
    assert await names(node) == ["heron"]
    configure(node.parts, needs_review=True)
    path = "/api/v1/trends/statuses"
    assert (await names(node), await json(await node.client().get(path))) == ([], [])
    await trends.review_hashtag("heron", trendable=True)
    await trends.review_post(liked.id, trendable=True)
    assert await names(node) == ["heron"]
    assert len(await json(await node.client().get(path))) == 1
    await trends.review_hashtag("heron", listable=False)
    assert await names(node) == []
    configure(node.parts, enabled=False)
    assert await json(await node.client().get(path)) == []
    for review in (trends.review_hashtag("nothing", trendable=True), trends.review_post(1, trendable=True)):
        with pytest.raises(NotFound):
            await review


async def test_posts_many_like_trend_for_those_who_may_see_them(node: Node, held_clock: HeldClock) -> None:
    alice, *others = [await builders.local_account(discoverable=True) for _ in range(5)]
    shy = await builders.local_account(discoverable=False)
    strong, weak, hidden, covered = [
        await builders.post(alice),
        await builders.post(others[0]),
        await builders.post(shy),
        await builders.post(alice, spoiler_text="x"),
    ]
    for number, person in enumerate(others[1:]):
        for post in (strong, hidden, covered, *([weak] if number else [])):
            await likes.like(person, post.id)
    await likes.like(shy, weak.id)
    await likes.like(others[0], strong.id)
    await trends.refresh()
    path = "/api/v1/trends/statuses"
    shown = [int(item["id"]) for item in await json(await node.client().get(path))]
    assert shown == [strong.id, weak.id]
    reader = await builders.local_account()
    await mutes.mute(reader, alice)
    client = await node.signed_in(reader)
    assert [int(item["id"]) for item in await json(await client.get(path))] == [weak.id]
    held_clock.advance(86_400)
    await trends.refresh()
    assert await json(await node.client().get(path)) == []


async def test_no_links_trend_and_bad_slices_are_refused(node: Node) -> None:
    assert await json(await node.client().get("/api/v1/trends/links")) == []
    for path in ("tags", "statuses", "links"):
        await json(await node.client().get(f"/api/v1/trends/{path}?offset=x"), 400)
        answer = await node.client().get(f"/api/v1/trends/{path}?limit=999&offset=-5")
        assert await json(answer) == []
        assert "Link" not in answer.headers
