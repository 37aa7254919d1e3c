"""Filters over the API, and what they say of posts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from api.entities import memory
from node import db, events
from node.models.accounts import Account
from node.services import filters, shares
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements
from tests.conftest import HeldClock

PATH = "/api/v2/filters"
TERMS: dict[str, Any] = {"title": "Football", "context": ["home", "public"]}


async def made(client: Client, **values: Any) -> dict[str, Any]:
    """A new filter."""
    found: dict[str, Any] = await json(await client.post(PATH, json={**TERMS, **values}))
    return found


async def filtered(client: Client, post_id: int) -> list[dict[str, Any]]:
    """What a post meets."""
    found: list[dict[str, Any]] = (await json(await client.get(f"/api/v1/statuses/{post_id}")))["filtered"]
    return found


async def test_a_filter_is_made_shown_changed_and_removed(node: Node, held_clock: HeldClock) -> None:
    client = await node.signed_in(await builders.local_account())
    async with builders.hearing(events.FiltersChanged) as heard:
        form = [("title", "Football"), ("context[]", "home"), ("context[]", "thread"), ("expires_in", "3600")]
        form += [("filter_action", "blur")]
        form += [("keywords_attributes[][keyword]", "goal"), ("keywords_attributes[][whole_word]", "false")]
        form += [("keywords_attributes[][keyword]", "cup"), ("keywords_attributes[][whole_word]", "true")]
        encoded = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "data": urlencode(form)}
        first = await json(await client.post(PATH, **encoded))
    assert len(heard) == 1
    assert {key: first[key] for key in ("title", "context", "filter_action", "expires_at", "statuses")} == {
        "title": "Football",
        "context": ["home", "thread"],
        "filter_action": "blur",
        "expires_at": "2026-11-22T13:00:00.000Z",
        "statuses": [],
    }
    assert [(item["keyword"], item["whole_word"]) for item in first["keywords"]] == [("goal", False), ("cup", True)]
    path = f"{PATH}/{first['id']}"
    assert await json(await client.get(path)) == first
    assert await json(await client.get(PATH)) == [first]
    goal, cup = (item["id"] for item in first["keywords"])
    changes = {
        "title": "Sport",
        "expires_in": None,
        "keywords_attributes": [
            {"id": goal, "keyword": "goals"},
            {"id": cup, "_destroy": True},
            {"keyword": "match"},
            {"keyword": ""},
        ],
    }
    changed = await json(await client.call("PUT", path, json=changes))
    assert (changed["title"], changed["expires_at"], changed["context"]) == ("Sport", None, ["home", "thread"])
    assert [(item["keyword"], item["whole_word"]) for item in changed["keywords"]] == [
        ("goals", False),
        ("match", True),
    ]
    assert changed["keywords"][0]["id"] == goal
    assert await json(await client.call("DELETE", path)) == {}
    await json(await client.get(path), 404)
    assert await json(await client.get(PATH)) == []


async def test_keywords_and_statuses_have_routes_of_their_own(node: Node) -> None:
    me = await builders.local_account()
    client, post = await node.signed_in(me), await builders.post(await builders.local_account())
    path = f"{PATH}/{(await made(client))['id']}"
    keyword = await json(await client.post(f"{path}/keywords", json={"keyword": "goal"}))
    assert (keyword["keyword"], keyword["whole_word"]) == ("goal", True)
    assert await json(await client.get(f"{path}/keywords")) == [keyword]
    own = f"{PATH}/keywords/{keyword['id']}"
    assert await json(await client.get(own)) == keyword
    changed = await json(await client.call("PUT", own, form={"whole_word": "false"}))
    assert changed == {**keyword, "whole_word": False}
    assert await json(await client.call("DELETE", own)) == {}
    await json(await client.get(own), 404)
    entry = await json(await client.post(f"{path}/statuses", json={"status_id": str(post.id)}))
    assert entry["status_id"] == str(post.id)
    assert await json(await client.get(f"{path}/statuses")) == [entry]
    assert await json(await client.get(f"{PATH}/statuses/{entry['id']}")) == entry
    again = await json(await client.post(f"{path}/statuses", json={"status_id": str(post.id)}), 422)
    assert again["error"] == "Validation failed: Status has already been taken"
    assert await json(await client.call("DELETE", f"{PATH}/statuses/{entry['id']}")) == {}
    hidden = await builders.post(await builders.local_account(), visibility="followers")
    for post_id in (hidden.id, 99):
        refused = await json(await client.post(f"{path}/statuses", json={"status_id": str(post_id)}), 422)
        assert refused["error"] == "Validation failed: Status is invalid"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"title": " "}, "Validation failed: Title can't be blank"),
        ({"title": "x" * 257}, "Validation failed: Title is too long (maximum is 256 characters)"),
        (
            {"keywords_attributes": [{"keyword": "x" * 10_000, "whole_word": True}]},
            "Validation failed: Keyword is too long (maximum is 512 characters)",
        ),
        ({"context": []}, "Validation failed: Context can't be blank"),
        ({"context": ["home", "moon"]}, "Validation failed: Context None or invalid context supplied"),
        ({"filter_action": "burn"}, "Validation failed: Action is not included in the list"),
        ({"keywords_attributes": [{"keyword": "", "whole_word": True}]}, "Validation failed: Keyword can't be blank"),
    ],
)
async def test_a_wrong_filter_is_refused_and_nothing_made(node: Node, values: dict[str, Any], error: str) -> None:
    client = await node.signed_in(await builders.local_account())
    assert (await json(await client.post(PATH, json={**TERMS, **values}), 422))["error"] == error
    assert await json(await client.get(PATH)) == []


async def test_other_people_s_filters_are_not_there(node: Node) -> None:
    client, other = [await node.signed_in(await builders.local_account()) for _ in range(2)]
    post = await builders.post(await builders.local_account())
    mine = await made(client, keywords_attributes=[{"keyword": "goal"}])
    entry = await json(await client.post(f"{PATH}/{mine['id']}/statuses", json={"status_id": str(post.id)}))
    theirs = await made(other)
    keyword = mine["keywords"][0]["id"]
    for path in (
        f"{PATH}/{mine['id']}",
        f"{PATH}/keywords/{keyword}",
        f"{PATH}/statuses/{entry['id']}",
        f"/api/v1/filters/{keyword}",
    ):
        await json(await other.get(path), 404)
        await json(await other.call("DELETE", path), 404)
    for path in (f"{PATH}/{mine['id']}/keywords", f"{PATH}/{mine['id']}/statuses"):
        await json(await other.get(path), 404)
        await json(await other.post(path, json={"keyword": "x", "status_id": str(post.id)}), 404)
    stolen = {"title": "mine", "keywords_attributes": [{"id": keyword, "_destroy": True}]}
    await json(await other.call("PUT", f"{PATH}/{theirs['id']}", json=stolen), 404)
    assert (await json(await other.get(f"{PATH}/{theirs['id']}")))["title"] == "Football"
    reader = await node.signed_in(await builders.local_account(), "read")
    await json(await reader.post(PATH, json=TERMS), 403)
    await json(await node.client().get(PATH), 401)
    assert (await json(await client.post(PATH, json={**TERMS, "expires_in": "x"}), 400))["error"]


async def test_the_first_version_takes_each_keyword_for_a_filter(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    wanted = {"phrase": "goal", "context": ["home"], "irreversible": True, "whole_word": False}
    one = await json(await client.post("/api/v1/filters", json=wanted))
    assert one == {**wanted, "id": one["id"], "expires_at": None}
    (category,) = await json(await client.get(PATH))
    assert (category["title"], category["filter_action"]) == ("goal", "hide")
    path = f"/api/v1/filters/{one['id']}"
    changed = await json(await client.call("PUT", path, form={"phrase": "cup", "irreversible": "false"}))
    assert (changed["phrase"], changed["irreversible"], changed["whole_word"]) == ("cup", False, False)
    await json(await client.post(f"{PATH}/{category['id']}/keywords", json={"keyword": "match"}))
    assert [item["phrase"] for item in await json(await client.get("/api/v1/filters"))] == ["cup", "match"]
    shared = await json(await client.call("PUT", path, json={"context": ["public"]}), 422)
    assert shared["error"].startswith("These parameters cannot be changed from this application")
    for item in await json(await client.get("/api/v1/filters")):
        assert await json(await client.call("DELETE", f"/api/v1/filters/{item['id']}")) == {}
    assert await json(await client.get(PATH)) == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("keyword", "whole_word", "text", "match"),
    [
        ("goal", True, "What a GOAL!", "GOAL"),
        ("goal", True, "goalkeeper", None),
        ("goal", True, "own_goal and a goal-line", "goal"),
        ("goal", False, "goalkeeper", "goal"),
        ("#goal", True, "see #goal", "#goal"),
        ("#goal", True, "see#goal", "#goal"),
        (".*", True, "anything", None),
        ("straße", False, "STRASSE", "STRASSE"),
        ("STRASSE", True, "die Straße", "STRASSE"),
        ("été", True, "L'ÉTÉ arrive", "ÉTÉ"),
        ("two words", True, "in Two words", "Two words"),
    ],
)
async def test_words_are_found_as_they_are_meant(
    node: Node, keyword: str, whole_word: bool, text: str, match: str | None
) -> None:
    me = await builders.local_account()
    await filters.create(
        me, filters.Terms("x", ["home"]), [filters.KeywordChange(keyword, whole_word), filters.KeywordChange("unsaid")]
    )
    post = await builders.post(await builders.local_account(), text)
    found = await filtered(await node.signed_in(me), post.id)
    assert [result["keyword_matches"] for result in found] == ([[match]] if match else [])


async def test_a_filtered_post_says_why_and_so_does_its_share(node: Node, held_clock: HeldClock) -> None:
    me, author, friend = [await builders.local_account() for _ in range(3)]
    for other in (author, friend):
        await builders.following(me, other)
    client = await node.signed_in(me)
    picture = await builders.picture(author, description="A ball")
    plain = await builders.post(author, "A heron")
    post = await builders.post(author, "Nothing", media_ids=(picture.id,), spoiler_text="the cup")
    share = await shares.share(friend, post.id)
    assert await filtered(client, post.id) == []
    words = await made(client, filter_action="hide", keywords_attributes=[{"keyword": "ball"}, {"keyword": "cup"}])
    named = await made(client, title="That one", expires_in=600)
    await json(await client.post(f"{PATH}/{named['id']}/statuses", json={"status_id": str(post.id)}))
    expected = [
        {
            "filter": {
                "id": words["id"],
                "title": "Football",
                "context": ["home", "public"],
                "expires_at": None,
                "filter_action": "hide",
            },
            "keyword_matches": ["cup"],
            "status_matches": None,
        },
        {
            "filter": {
                "id": named["id"],
                "title": "That one",
                "context": ["home", "public"],
                "expires_at": "2026-11-22T12:10:00.000Z",
                "filter_action": "warn",
            },
            "keyword_matches": None,
            "status_matches": [str(post.id)],
        },
    ]
    home = await json(await client.get("/api/v1/timelines/home"))
    shown = {item["id"]: item for item in home}
    assert shown[str(plain.id)]["filtered"] == []
    for item in (shown[str(post.id)], shown[str(share.id)], shown[str(share.id)]["reblog"]):
        assert item["filtered"] == expected
    held_clock.advance(601)
    assert await filtered(client, post.id) == expected[:1]
    await json(await client.call("DELETE", f"{PATH}/{words['id']}"))
    assert await filtered(client, post.id) == []
    assert "filtered" not in await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
    assert await filtered(await node.signed_in(friend), post.id) == []


async def _home(node: Node, me: Account, limit: int) -> tuple[int, int]:
    client = await node.signed_in(me)
    await client.get("/api/v1/timelines/home")
    memory.forget_all()
    await client.get("/api/v1/statuses/1")
    counts = []
    for _ in range(3):
        with counted_statements() as seen:
            assert len(await json(await client.get(f"/api/v1/timelines/home?limit={limit}"))) == limit
        counts.append(len(seen))
    assert counts[1] == counts[2]
    return counts[0], counts[1]


async def test_a_page_with_filters_needs_no_statement_more_than_one_without(node: Node) -> None:
    me = await builders.local_account()
    for number in range(12):
        await builders.post(me, f"goal number {number}")
    cold_without, warm_without = await _home(node, me, 12)
    await filters.create(me, filters.Terms("x", ["home"]), [filters.KeywordChange("goal")])
    cold_few, warm_few = await _home(node, me, 3)
    cold, warm = await _home(node, me, 12)
    assert warm == warm_few == warm_without == 1
    assert cold == cold_few == cold_without + 3
    # Another process changed them: nothing has to tell this one.
    await db.execute("DELETE FROM filter_keywords")
    await db.execute("UPDATE users SET filters_version = filters_version + 1")
    client = await node.signed_in(me)
    assert all(item["filtered"] == [] for item in await json(await client.get("/api/v1/timelines/home")))
