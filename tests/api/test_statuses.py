"""Posts over the API: made, read, changed, deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.entities import memory
from node import db
from node.models.accounts import User
from node.models.posts import Post
from node.services import posts
from tests import builders
from tests.api.client import Node, json
from tests.conftest import HeldClock

STATUS_KEYS = {
    *("id", "uri", "url", "created_at", "account", "content", "visibility", "sensitive", "spoiler_text"),
    *("media_attachments", "mentions", "tags", "emojis", "replies_count", "reblogs_count", "favourites_count"),
    *("in_reply_to_id", "in_reply_to_account_id", "reblog", "poll", "card", "language", "edited_at", "quote"),
    *("quote_approval", "favourited", "reblogged", "muted", "bookmarked", "filtered", "application", "place"),
}


async def test_a_post_is_published_with_everything_a_client_expects(node: Node) -> None:
    alice = await builders.local_account("alice")
    bob = await builders.local_account("bob")
    picture = await builders.picture(alice, description="a heron", width=800, height=600)
    client = await node.signed_in(alice)
    shown = await json(
        await client.post(
            "/api/v1/statuses",
            form={
                "status": "Dawn #Heron with @bob",
                "media_ids[]": str(picture.id),
                "visibility": "unlisted",
                "language": "en",
                "spoiler_text": "birds",
                "sensitive": "true",
                "place[name]": "Lough Neagh",
            },
        )
    )
    assert shown.keys() >= STATUS_KEYS
    assert shown["visibility"] == "unlisted"
    assert shown["sensitive"] is True
    assert shown["application"] == {"name": "Weir", "website": None}
    assert [item["id"] for item in shown["media_attachments"]] == [str(picture.id)]
    assert shown["media_attachments"][0]["description"] == "a heron"
    assert shown["mentions"] == [
        {"id": str(bob.id), "username": "bob", "url": "https://here.example/@bob", "acct": "bob"}
    ]
    assert shown["tags"] == [{"name": "heron", "url": "https://here.example/tags/heron"}]
    assert shown["place"]["name"] == "Lough Neagh"
    assert shown["account"]["acct"] == "alice"
    assert shown["account"]["statuses_count"] == 1
    assert shown["in_reply_to_id"] is None
    assert shown["reblog"] is None
    assert shown["pinned"] is False


async def test_a_post_for_followers_is_called_private(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    shown = await json(await client.post("/api/v1/statuses", json={"status": "hush", "visibility": "private"}))
    assert shown["visibility"] == "private"
    assert (await Post.get(id=int(shown["id"]))).visibility == "followers"


async def test_posting_defaults_count_where_nothing_is_said(node: Node) -> None:
    alice = await builders.local_account()
    await User.filter(account_id=alice.id).update(
        preferences={"visibility": "unlisted", "sensitive": True, "language": "ga"}
    )
    client = await node.signed_in(alice)
    shown = await json(await client.post("/api/v1/statuses", json={"status": "hello"}))
    assert (shown["visibility"], shown["sensitive"], shown["language"]) == ("unlisted", True, "ga")


async def test_an_anonymous_reader_gets_no_word_about_likes(node: Node) -> None:
    post = await builders.post(await builders.local_account())
    shown = await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
    assert not {"favourited", "reblogged", "bookmarked", "muted", "filtered"} & shown.keys()


@pytest.mark.parametrize(
    "body",
    [
        {"status": ["a"], "media_ids": "x"},
        {"status": "a", "in_reply_to_id": "abc"},
        {"status": "a", "sensitive": "perhaps"},
        {"status": "a", "media_ids": [{"id": 1}]},
        {"status": "a", "in_reply_to_id": 2**63},
        {"status": {"text": "a"}},
    ],
)
async def test_parameters_of_the_wrong_type_are_refused_with_400(node: Node, body: dict[str, Any]) -> None:
    client = await node.signed_in(await builders.local_account())
    assert "Invalid parameter" in (await json(await client.post("/api/v1/statuses", json=body), 400))["error"]
    assert await Post.all().count() == 0


async def test_broken_json_is_refused_with_400(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    await json(
        await client.post("/api/v1/statuses", data=b'{"status":', headers={"Content-Type": "application/json"}), 400
    )


@pytest.mark.parametrize(
    "body",
    [
        {"status": "  "},
        {"status": "a", "visibility": "everyone"},
        {"status": "a", "language": "no language"},
        {"status": "a", "visibility": "direct"},
        {"status": "a" * 2201},
        {"status": "a", "poll": {"options": ["x"], "expires_in": 300}},
        {"status": "a", "media_ids": ["12345"]},
    ],
)
async def test_values_that_cannot_be_accepted_are_refused_with_422(node: Node, body: dict[str, Any]) -> None:
    client = await node.signed_in(await builders.local_account())
    assert (await json(await client.post("/api/v1/statuses", json=body), 422))["error"]
    assert await Post.all().count() == 0


async def test_pictures_of_others_cannot_be_posted(node: Node) -> None:
    picture = await builders.picture(await builders.local_account())
    client = await node.signed_in(await builders.local_account())
    await json(await client.post("/api/v1/statuses", json={"status": "mine", "media_ids": [str(picture.id)]}), 422)
    assert await Post.all().count() == 0
    assert (await builders.fresh(picture)).post_id is None


async def test_posting_needs_a_token_and_its_scope(node: Node) -> None:
    alice = await builders.local_account()
    await json(await node.client().post("/api/v1/statuses", json={"status": "a"}), 401)
    await json(await node.client("wrong").post("/api/v1/statuses", json={"status": "a"}), 401)
    reader = await node.signed_in(alice, "read")
    await json(await reader.post("/api/v1/statuses", json={"status": "a"}), 403)


async def test_the_same_idempotency_key_makes_one_post(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    client, other = await node.signed_in(alice), await node.signed_in(bob)
    key = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/statuses", json={"status": "once"}, headers=key) for _ in range(4))
    )
    ids = {(await json(answer))["id"] for answer in answers}
    assert len(ids) == 1
    await json(await other.post("/api/v1/statuses", json={"status": "mine"}, headers=key))
    await json(await client.post("/api/v1/statuses", json={"status": "two"}, headers={"Idempotency-Key": "k-2"}))
    assert await Post.all().count() == 3


async def test_an_idempotency_key_is_forgotten_after_an_hour(node: Node, held_clock: HeldClock) -> None:
    client = await node.signed_in(await builders.local_account())
    key = {"Idempotency-Key": "k"}
    first = await json(await client.post("/api/v1/statuses", json={"status": "a"}, headers=key))
    held_clock.advance(3000)
    again = await json(await client.post("/api/v1/statuses", json={"status": "a"}, headers=key))
    held_clock.advance(24 * 3600)
    later = await json(await client.post("/api/v1/statuses", json={"status": "a"}, headers=key))
    assert first["id"] == again["id"] != later["id"]


async def test_a_refused_post_leaves_its_idempotency_key_free(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    key = {"Idempotency-Key": "k"}
    await json(await client.post("/api/v1/statuses", json={"status": ""}, headers=key), 422)
    await json(await client.post("/api/v1/statuses", json={"status": "now"}, headers=key))


async def test_an_edit_shows_at_once_and_keeps_what_was(node: Node) -> None:
    alice = await builders.local_account()
    picture = await builders.picture(alice, description="old words")
    client = await node.signed_in(alice)
    made = await json(await client.post("/api/v1/statuses", json={"status": "first", "media_ids": [str(picture.id)]}))
    path = f"/api/v1/statuses/{made['id']}"
    await json(await node.client().get(path))
    changed = await json(
        await client.call(
            "PUT",
            path,
            json={
                "status": "second",
                "media_ids": [str(picture.id)],
                "media_attributes": [{"id": str(picture.id), "description": "new words", "focus": "0.5,-0.5"}],
            },
        )
    )
    assert changed["content"] == "<p>second</p>"
    assert changed["edited_at"]
    shown = await json(await node.client().get(path))
    assert shown["content"] == "<p>second</p>"
    assert shown["media_attachments"][0]["description"] == "new words"
    assert shown["media_attachments"][0]["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    history = await json(await node.client().get(f"{path}/history"))
    assert [look["content"] for look in history] == ["<p>first</p>", "<p>second</p>"]
    assert [look["media_attachments"][0]["description"] for look in history] == ["old words", "new words"]
    source = await json(await client.get(f"{path}/source"))
    assert source == {"id": made["id"], "text": "second", "spoiler_text": ""}


async def test_nobody_edits_deletes_or_reads_the_source_of_another_s_post(node: Node) -> None:
    post = await builders.post(await builders.local_account(), "mine")
    client = await node.signed_in(await builders.local_account())
    path = f"/api/v1/statuses/{post.id}"
    await json(await client.call("PUT", path, json={"status": "yours"}), 404)
    await json(await client.call("DELETE", path), 404)
    await json(await client.get(f"{path}/source"), 404)
    assert (await builders.fresh(post)).text == "mine"


async def test_a_deletion_answers_with_the_source_and_the_post_is_gone(node: Node) -> None:
    alice = await builders.local_account()
    picture = await builders.picture(alice)
    post = await builders.post(alice, "so long #gone", media_ids=(picture.id,))
    client = await node.signed_in(alice)
    await json(await client.get(f"/api/v1/statuses/{post.id}"))
    answer = await json(await client.call("DELETE", f"/api/v1/statuses/{post.id}"))
    assert answer["text"] == "so long #gone"
    assert answer["media_attachments"][0]["id"] == str(picture.id)
    await json(await client.get(f"/api/v1/statuses/{post.id}"), 404)
    again = await json(await client.post("/api/v1/statuses", json={"media_ids": [str(picture.id)]}))
    assert again["media_attachments"][0]["id"] == str(picture.id)


async def test_delete_media_removes_the_pictures_too(node: Node) -> None:
    alice = await builders.local_account()
    picture = await builders.picture(alice)
    post = await builders.post(alice, media_ids=(picture.id,))
    client = await node.signed_in(alice)
    await json(await client.call("DELETE", f"/api/v1/statuses/{post.id}?delete_media=true"))
    await json(await client.get(f"/api/v1/media/{picture.id}"), 404)


async def test_likes_shares_and_bookmarks_show_at_once_for_the_one_who_made_them(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    post = await builders.post(alice)
    client, author = await node.signed_in(bob), await node.signed_in(alice)
    path = f"/api/v1/statuses/{post.id}"
    assert (await json(await client.post(f"{path}/favourite")))["favourited"] is True
    assert (await json(await client.post(f"{path}/bookmark")))["bookmarked"] is True
    share = await json(await client.post(f"{path}/reblog"))
    assert share["reblog"]["id"] == str(post.id)
    assert share["reblog"]["reblogged"] is True
    assert share["reblog"]["reblogs_count"] == 1
    shown = await json(await client.get(path))
    assert (shown["favourited"], shown["reblogged"], shown["bookmarked"]) == (True, True, True)
    seen = await json(await author.get(path))
    assert (seen["favourited"], seen["reblogged"], seen["bookmarked"]) == (False, False, False)
    assert (seen["favourites_count"], seen["reblogs_count"]) == (1, 1)
    assert [item["id"] for item in await json(await author.get(f"{path}/favourited_by"))] == [str(bob.id)]
    assert [item["id"] for item in await json(await author.get(f"{path}/reblogged_by"))] == [str(bob.id)]
    assert [item["id"] for item in await json(await client.get("/api/v1/favourites"))] == [str(post.id)]
    assert [item["id"] for item in await json(await client.get("/api/v1/bookmarks"))] == [str(post.id)]
    assert (await json(await client.post(f"{path}/unfavourite")))["favourites_count"] == 0
    assert (await json(await client.post(f"{path}/unbookmark")))["bookmarked"] is False
    assert (await json(await client.post(f"{path}/unreblog")))["reblogs_count"] == 0
    assert await json(await client.get("/api/v1/favourites")) == []


async def test_a_thread_reads_like_a_conversation(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    top = await builders.post(alice, "top")
    first = await builders.post(bob, "first", parent_id=top.id)
    second = await builders.post(bob, "second", parent_id=top.id)
    below_first = await builders.post(alice, "below first", parent_id=first.id)
    deepest = await builders.post(bob, "deepest", parent_id=below_first.id)
    client = node.client()
    thread = await json(await client.get(f"/api/v1/statuses/{top.id}/context"))
    assert thread["ancestors"] == []
    expected = [first, below_first, deepest, second]
    assert [item["id"] for item in thread["descendants"]] == [str(post.id) for post in expected]
    middle = await json(await client.get(f"/api/v1/statuses/{deepest.id}/context"))
    assert [item["id"] for item in middle["ancestors"]] == [str(post.id) for post in (top, first, below_first)]
    assert middle["descendants"] == []


async def test_a_thread_is_cut_for_the_public_and_longer_for_members(node: Node) -> None:
    alice = await builders.local_account()
    top = await builders.post(alice, "top")
    parent = top
    for number in range(45):
        parent = await builders.post(alice, f"level {number}", parent_id=parent.id)
    public = await json(await node.client().get(f"/api/v1/statuses/{parent.id}/context"))
    assert len(public["ancestors"]) == 40
    below = await json(await node.client().get(f"/api/v1/statuses/{top.id}/context"))
    assert len(below["descendants"]) == 20
    client = await node.signed_in(alice)
    whole = await json(await client.get(f"/api/v1/statuses/{parent.id}/context"))
    assert len(whole["ancestors"]) == 45
    assert len((await json(await client.get(f"/api/v1/statuses/{top.id}/context")))["descendants"]) == 45


async def test_several_posts_come_in_the_order_asked_for(node: Node) -> None:
    alice = await builders.local_account()
    one, two = await builders.post(alice), await builders.post(alice)
    hidden = await builders.post(alice, visibility="followers")
    path = f"/api/v1/statuses?id[]={two.id}&id[]={hidden.id}&id[]={one.id}&id[]=77"
    assert [item["id"] for item in await json(await node.client().get(path))] == [str(two.id), str(one.id)]
    await json(await node.client().get("/api/v1/statuses?id[]=x"), 400)


async def test_what_is_kept_ready_never_outlives_a_change(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account()
    post = await builders.post(alice)
    share = await json(await (await node.signed_in(bob)).post(f"/api/v1/statuses/{post.id}/reblog"))
    client = await node.signed_in(alice)
    before = await json(await client.get(f"/api/v1/statuses/{share['id']}"))
    assert before["reblog"]["account"]["display_name"] == ""
    await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", form={"display_name": "Alice A."}))
    await json(await client.post(f"/api/v1/statuses/{post.id}/favourite"))
    after = await json(await client.get(f"/api/v1/statuses/{share['id']}"))
    assert after["reblog"]["account"]["display_name"] == "Alice A."
    assert after["reblog"]["favourites_count"] == 1


async def test_a_post_deleted_between_the_statements_of_a_page_is_left_out(node: Node) -> None:
    from api.entities import status
    from node.queries import statuses

    alice = await builders.local_account()
    kept, gone = await builders.post(alice), await builders.post(alice)
    rows = await statuses.by_ids(None, [kept.id, gone.id])
    await posts.delete(alice, gone.id)
    memory.forget_all()
    assert len(await status.page(rows, None)) == 1
    assert await db.fetch_one("SELECT 1 FROM posts WHERE id = ?", (gone.id,)) is None
