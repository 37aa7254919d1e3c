"""Hashtags over the API: looked at, followed, shown on profiles."""

from __future__ import annotations

from node import db
from node.services import follows, mutes, timelines
from tests import builders
from tests.api.client import Node, json
from tests.conftest import HeldClock

DAY = 86_400


async def test_a_hashtag_tells_how_it_was_used_this_week(node: Node, held_clock: HeldClock) -> None:
    one, other = await builders.local_account(), await builders.local_account()
    await builders.post(one, "#Heron long ago")
    held_clock.advance(7 * DAY)
    await builders.post(one, "#heron")
    held_clock.advance(DAY)
    for author in (one, one, other):
        await builders.post(author, "#heron")
    await builders.post(other, "#heron", visibility="unlisted")
    shown = await json(await node.client().get("/api/v1/tags/HERON"))
    assert shown.keys() == {"id", "name", "url", "history"}
    assert (shown["name"], shown["url"]) == ("Heron", "https://here.example/tags/heron")
    assert shown["id"].isdigit()
    today = int(held_clock.seconds) // DAY * DAY
    assert [item["day"] for item in shown["history"]] == [str(today - DAY * number) for number in range(7)]
    used = [(item["uses"], item["accounts"]) for item in shown["history"]]
    assert used == [("3", "2"), ("1", "1"), *[("0", "0")] * 5]
    client = await node.signed_in(one)
    unused = await json(await client.get("/api/v1/tags/nobody"))
    assert [(item["uses"], item["accounts"]) for item in unused["history"]] == [("0", "0")] * 7
    assert {key: unused[key] for key in ("name", "following", "featuring")} == {
        "name": "nobody",
        "following": False,
        "featuring": False,
    }
    for name in ("a b", "12", "a-b"):
        await json(await client.get(f"/api/v1/tags/{name}"), 404)
        await json(await client.post(f"/api/v1/tags/{name}/follow"), 404)


async def test_followed_hashtags_bring_public_posts_home(node: Node) -> None:
    me, author, muted, silenced = [await builders.local_account() for _ in range(4)]
    await mutes.mute(me, muted)
    await db.execute("UPDATE accounts SET silenced_at = 1 WHERE id = ?", (silenced.id,))
    far = await builders.remote_account()
    client = await node.signed_in(me)
    followed = await json(await client.post("/api/v1/tags/Heron/follow"))
    assert (followed["name"], followed["following"], followed["featuring"]) == ("Heron", True, False)
    assert await json(await client.post("/api/v1/tags/heron/follow")) == followed
    await json(await client.post("/api/v1/tags/fish/follow"))
    local = await builders.post(author, "#heron #fish")
    remote = await builders.received(far, hashtags=("Heron",))
    for who, values in (
        (author, {"text": "#heron", "visibility": "unlisted"}),
        (author, {"text": "no tag"}),
        (muted, {"text": "#heron"}),
        (silenced, {"text": "#heron"}),
    ):
        await builders.post(who, **values)
    both = sorted((local.id, remote.id), reverse=True)
    assert await builders.home_of(me) == both
    await timelines.rebuild(me)
    assert await builders.home_of(me) == both
    assert await builders.home_of(author) != both
    assert (await json(await client.post("/api/v1/tags/heron/unfollow")))["following"] is False
    assert await builders.home_of(me) == [local.id]
    await builders.following(me, author)
    await json(await client.post("/api/v1/tags/fish/unfollow"))
    assert local.id in await builders.home_of(me)
    await follows.unfollow(me, author)
    assert await builders.home_of(me) == []
    await json(await client.post("/api/v1/tags/never/unfollow"))


async def test_followed_hashtags_are_paged_by_their_follow(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    for name in ("a", "b", "c"):
        await json(await client.post(f"/api/v1/tags/{name}/follow"))
    first = await client.get("/api/v1/followed_tags?limit=2")
    assert [item["name"] for item in await json(first)] == ["c", "b"]
    cursor = first.headers["Link"].partition("max_id=")[2].partition(">")[0]
    assert [item["name"] for item in await json(await client.get(f"/api/v1/followed_tags?max_id={cursor}"))] == ["a"]
    reader = await node.signed_in(await builders.local_account(), "read")
    assert await json(await reader.get("/api/v1/followed_tags")) == []
    await json(await reader.post("/api/v1/tags/a/follow"), 403)
    await json(await node.client().get("/api/v1/followed_tags"), 401)


async def test_hashtags_are_shown_on_a_profile(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    for text in ("#Heron", "#heron #fish", "#fish #reed"):
        await builders.post(me, text)
    await builders.post(me, "#heron", visibility="followers")
    await builders.post(other, "#heron")
    client = await node.signed_in(me)
    suggested = [item["name"] for item in await json(await client.get("/api/v1/featured_tags/suggestions"))]
    assert sorted(suggested[:2]) == ["Heron", "fish"]
    assert suggested[2] == "reed"
    made = await json(await client.post("/api/v1/featured_tags", form={"name": "#heron"}))
    assert made.keys() == {"id", "name", "url", "statuses_count", "last_status_at"}
    assert (made["name"], made["statuses_count"], len(made["last_status_at"])) == ("heron", "2", 10)
    again = await json(await client.post("/api/v1/featured_tags", json={"name": "Heron"}), 422)
    assert again["error"] == "Validation failed: Name has already been taken"
    for name, error in (("", "can't be blank"), ("a b", "is invalid")):
        refused = await json(await client.post("/api/v1/featured_tags", json={"name": name}), 422)
        assert refused["error"] == f"Validation failed: Name {error}"
    assert (await json(await client.post("/api/v1/tags/heron/feature")))["featuring"] is True
    assert (await json(await client.post("/api/v1/tags/reed/feature")))["featuring"] is True
    listed = await json(await client.get("/api/v1/featured_tags"))
    assert [(item["name"], item["statuses_count"]) for item in listed] == [("heron", "2"), ("reed", "1")]
    assert await json(await node.client().get(f"/api/v1/accounts/{me.id}/featured_tags")) == listed
    assert [item["name"] for item in await json(await client.get("/api/v1/featured_tags/suggestions"))] == ["fish"]
    stranger = await node.signed_in(other)
    await json(await stranger.call("DELETE", f"/api/v1/featured_tags/{made['id']}"), 404)
    assert await json(await client.call("DELETE", f"/api/v1/featured_tags/{made['id']}")) == {}
    assert (await json(await client.post("/api/v1/tags/reed/unfeature")))["featuring"] is False
    assert await json(await client.get("/api/v1/featured_tags")) == []
    for number in range(10):
        await json(await client.post("/api/v1/featured_tags", json={"name": f"tag{number}"}))
    full = await json(await client.post("/api/v1/tags/more/feature"), 422)
    assert full["error"] == "Validation failed: You have already featured the maximum number of hashtags"


async def test_related_hashtags_stand_beside_each_other(node: Node) -> None:
    author = await builders.local_account()
    for text in ("#heron #fish #reed", "#heron #fish", "#reed #other"):
        await builders.post(author, text)
    client = await node.signed_in(author)
    assert await json(await client.get("/api/v1/tags/Heron/related")) == [
        {"name": "fish", "related_count": 2},
        {"name": "reed", "related_count": 1},
    ]
    await json(await client.get("/api/v1/tags/unknown/related"), 404)
