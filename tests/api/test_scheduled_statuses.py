"""Posts that wait for their time, over the API."""

from __future__ import annotations

from typing import Any

from node.models.drafts import SavedDraft
from node.models.media import MediaFile
from node.models.posts import Post
from node.models.scheduled_posts import ScheduledPost
from node.services import albums, media, own_places, posts
from tests import builders
from tests.api.client import Client, Node, json
from tests.conftest import HeldClock

IN_TEN_MINUTES = "2026-11-22T12:10:00.000Z"
TOO_SOON = "Validation failed: Scheduled at date must be in the future"


async def scheduled(
    client: Client, at: str = IN_TEN_MINUTES, headers: dict[str, str] | None = None, **body: Any
) -> Any:
    """The entity of a post that was just scheduled."""
    answer = await client.post("/api/v1/statuses", json={"scheduled_at": at, **body}, headers=headers or {})
    return await json(answer)


async def test_a_post_waits_for_its_time_and_is_published_once(node: Node, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    picture = await builders.picture(alice)
    poll = {"options": ["a", "b"], "expires_in": 300}
    shown = await scheduled(client, status="Later", media_ids=[str(picture.id)], spoiler_text="soon", poll=poll)
    assert shown["scheduled_at"] == IN_TEN_MINUTES
    assert [item["id"] for item in shown["media_attachments"]] == [str(picture.id)]
    params = shown["params"]
    assert isinstance(params.pop("application_id"), int)
    assert params == {
        "text": "Later",
        "poll": {**poll, "multiple": False, "hide_totals": False},
        "media_ids": [str(picture.id)],
        "sensitive": None,
        "spoiler_text": "soon",
        "visibility": None,
        "language": None,
        "in_reply_to_id": None,
        "scheduled_at": None,
        "idempotency": None,
        "with_rate_limit": False,
        "place_name": None,
        "place_id": None,
        "collection_ids": [],
        "media_attributes": [],
        "comments_disabled": False,
        "quoted_status_id": None,
        "quote_approval_policy": None,
        "comment_policy": None,
        "share_policy": None,
        "hide_like_counts": None,
        "show_originals": None,
        "list_id": None,
    }
    path = f"/api/v1/scheduled_statuses/{shown['id']}"
    assert (await json(await client.get(path)))["params"]["text"] == "Later"
    await builders.run_jobs()
    assert await Post.all().count() == 0
    held_clock.advance(600)
    await builders.run_jobs()
    post = await Post.get(account_id=alice.id)
    assert (post.text, post.created_at.minute) == ("Later", 10)
    entity = await json(await client.get(f"/api/v1/statuses/{post.id}"))
    assert entity["poll"]["expires_at"] == "2026-11-22T12:15:00.000Z"
    assert entity["media_attachments"][0]["id"] == str(picture.id)
    await json(await client.get(path), 404)
    from node.services import scheduled_posts

    await scheduled_posts._publish({"scheduled_id": int(shown["id"])})
    assert await Post.all().count() == 1


async def test_what_cannot_be_scheduled_is_refused(node: Node, held_clock: HeldClock) -> None:
    client = await node.signed_in(await builders.local_account())
    for at, said in (
        ("2026-11-22T12:05:00Z", TOO_SOON),
        ("2020-01-01T00:00:00Z", TOO_SOON),
        ("tomorrow", "Record invalid"),
    ):
        answer = await client.post("/api/v1/statuses", json={"status": "a", "scheduled_at": at})
        assert (await json(answer, 422))["error"] == said
    blank = await client.post("/api/v1/statuses", json={"scheduled_at": IN_TEN_MINUTES})
    assert (await json(blank, 422))["error"] == "Validation failed: Text can't be blank"
    assert await ScheduledPost.all().count() == 0
    assert await Post.all().count() == 0


async def test_there_is_a_limit_for_a_day_and_in_all(node: Node, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    first = await scheduled(client, status="a")
    moment = held_clock.seconds
    rows = [ScheduledPost(account_id=alice.id, scheduled_at=int(moment * 1000) + n, parameters={}) for n in range(24)]
    await ScheduledPost.bulk_create(rows)
    answer = await client.post("/api/v1/statuses", json={"status": "b", "scheduled_at": IN_TEN_MINUTES})
    said = "Validation failed: You have exceeded the limit of 25 scheduled posts for today"
    assert (await json(answer, 422))["error"] == said
    await json(
        await client.call(
            "PUT", f"/api/v1/scheduled_statuses/{first['id']}", json={"scheduled_at": "2026-11-22T13:00:00Z"}
        )
    )
    later = [
        ScheduledPost(account_id=alice.id, scheduled_at=int(moment * 1000) + 9 * 86_400_000, parameters={})
        for _ in range(275)
    ]
    await ScheduledPost.bulk_create(later)
    answer = await client.post("/api/v1/statuses", json={"status": "b", "scheduled_at": "2026-12-24T00:00:00Z"})
    said = "Validation failed: You have exceeded the limit of 300 scheduled posts"
    assert (await json(answer, 422))["error"] == said


async def test_scheduled_posts_are_listed_moved_and_cancelled_by_their_author(
    node: Node, held_clock: HeldClock
) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    client, other = await node.signed_in(alice), await node.signed_in(bob)
    first, second = await scheduled(client, status="a"), await scheduled(client, status="b")
    page = await client.get("/api/v1/scheduled_statuses?limit=1")
    assert [item["id"] for item in await json(page)] == [second["id"]]
    assert f"max_id={second['id']}" in page.headers["Link"]
    below = await json(await client.get(f"/api/v1/scheduled_statuses?max_id={second['id']}"))
    assert below == [first]
    path = f"/api/v1/scheduled_statuses/{first['id']}"
    moved = await json(await client.call("PUT", path, json={"scheduled_at": "2026-11-22T15:00:00+01:00"}))
    assert moved["scheduled_at"] == "2026-11-22T14:00:00.000Z"
    await json(await client.call("PUT", path, json={"scheduled_at": "2026-11-22T12:01:00Z"}), 422)
    held_clock.advance(601)
    await builders.run_jobs()
    assert [post.text for post in await Post.all()] == ["b"]
    assert await json(await other.get("/api/v1/scheduled_statuses")) == []
    for method in ("GET", "PUT", "DELETE"):
        await json(await other.call(method, path), 404)
    assert await json(await client.call("DELETE", path)) == {}
    held_clock.advance(7200)
    await builders.run_jobs()
    assert await Post.all().count() == 1
    await json(await node.client().get("/api/v1/scheduled_statuses"), 401)
    await json(await (await node.signed_in(alice, "read")).call("DELETE", path), 403)


async def test_asking_twice_under_a_key_schedules_once(node: Node, held_clock: HeldClock) -> None:
    client = await node.signed_in(await builders.local_account())
    key = {"Idempotency-Key": "once"}
    first = await scheduled(client, headers=key, status="a")
    assert (await scheduled(client, headers=key, status="a"))["id"] == first["id"]
    held_clock.advance(601)
    await builders.run_jobs()
    posted = await json(await client.post("/api/v1/statuses", json={"status": "a"}, headers=key))
    assert await Post.all().count() == 1
    again = {"status": "a", "scheduled_at": "2026-11-22T13:00:00Z"}
    await json(await client.post("/api/v1/statuses", json=again, headers=key), 404)
    assert posted["content"] == "<p>a</p>"


async def test_its_pictures_are_kept_and_nobody_else_takes_them(node: Node, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    one, two = await builders.picture(alice), await builders.picture(alice)
    shown = await scheduled(client, "2026-11-24T12:00:00Z", media_ids=[one.id, two.id])
    taken = await client.post("/api/v1/statuses", json={"media_ids": [one.id]})
    said = f"Media {one.id} not found or already attached to another post"
    assert (await json(taken, 422))["error"] == said
    held_clock.advance(30 * 3600)
    assert await media.collect_unposted() == 0
    await json(await client.call("DELETE", f"/api/v1/media/{two.id}"))
    held_clock.advance(18 * 3600)
    await builders.run_jobs()
    post = await Post.get(account_id=alice.id)
    assert (await MediaFile.get(id=one.id)).post_id == post.id
    await json(await client.get(f"/api/v1/scheduled_statuses/{shown['id']}"), 404)


async def test_a_comment_outlives_its_parent_with_the_audience_it_had(node: Node, held_clock: HeldClock) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    await builders.following(bob, alice)
    parent = await builders.post(alice, visibility="followers")
    client = await node.signed_in(bob)
    shown = await scheduled(client, status="Well", in_reply_to_id=str(parent.id), visibility="public")
    assert (shown["params"]["in_reply_to_id"], shown["params"]["visibility"]) == (str(parent.id), "private")
    await posts.delete(alice, parent.id)
    held_clock.advance(600)
    await builders.run_jobs()
    comment = await Post.get(account_id=bob.id)
    assert (comment.visibility, comment.parent_id) == ("followers", None)


async def test_it_goes_where_and_into_what_it_said_as_far_as_that_is_still_there(
    node: Node, held_clock: HeldClock
) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client = await node.signed_in(alice)
    first, second = await builders.picture(alice), await builders.picture(alice)
    hut, tarn = [await own_places.create(alice, own_places.OwnPlace(name)) for name in ("Hut", "Tarn")]
    kept, gone = [await albums.create(alice, albums.AlbumChanges(title=name)) for name in ("kept", "gone")]
    into = [str(kept.id), str(gone.id)]
    people = [{"id": str(first.id), "people": [{"account_id": str(bob.id), "x": 0.25, "y": 0.5}]}]
    wish = {"status": "one", "media_ids": [str(first.id)], "place_id": str(hut.id), "media_attributes": people}
    await scheduled(client, **wish, collection_ids=into)
    await scheduled(client, status="two", media_ids=[str(second.id)], place_id=str(tarn.id))
    await albums.delete(alice, gone.id)
    await own_places.delete(alice, tarn.id)
    held_clock.advance(600)
    await builders.run_jobs()
    one, two = [await Post.get(text=text) for text in ("one", "two")]
    shown = await json(await client.get(f"/api/v1/statuses/{one.id}"))
    assert shown["place"]["name"] == "Hut" and two.place_id is None
    assert [seen["x"] for seen in shown["media_attachments"][0]["people"]] == [0.25]
    inside = await json(await client.get(f"/api/v1.1/collections/items/{kept.id}"))
    assert [item["id"] for item in inside] == [str(one.id)]


async def test_what_can_no_longer_be_published_becomes_a_draft(node: Node, held_clock: HeldClock) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    parent = await builders.post(alice)
    picture = await builders.picture(bob)
    client = await node.signed_in(bob)
    await scheduled(client, status="Well", in_reply_to_id=str(parent.id), media_ids=[picture.id])
    await Post.filter(id=parent.id).update(comments_disabled=True)
    held_clock.advance(600)
    await builders.run_jobs()
    assert await Post.filter(account_id=bob.id).count() == 0
    assert await ScheduledPost.all().count() == 0
    saved = await SavedDraft.get(account_id=bob.id)
    assert saved.parameters["text"] == "Well"
    assert (await builders.fresh(picture)).draft_id == saved.id
