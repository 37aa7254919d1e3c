"""Who sees which post, through every call that can show one: the rule stands in one place, this holds it to every door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from node import db
from node.ids import new_id
from node.models.accounts import Account
from node.models.posts import Post
from node.services import blocks, likes, notifications, shares
from tests import builders
from tests.api.client import Client, Node, json

MARK = "heron"


@dataclass(frozen=True)
class Scene:
    """An author's posts for every audience under a public one, and people who stand differently to the author."""

    author: Account
    top: Post
    posts: dict[str, Post]
    clients: dict[str, Client]
    people: dict[str, Account]


async def the_scene(node: Node) -> Scene:
    """Everything is done that could bring a hidden post into a list of somebody's."""
    author = await builders.local_account("author")
    people = {name: await builders.local_account(name) for name in ("follower", "named", "stranger", "blocked")}
    await builders.following(people["follower"], author)
    await builders.following(author, people["follower"])
    top = await builders.post(author, f"top #{MARK}")
    posts = {
        visibility: await builders.post(
            author,
            f"{visibility} #{MARK} @named",
            visibility=visibility,
            parent_id=top.id,
            media_ids=((await builders.picture(author)).id,),
        )
        for visibility in ("public", "unlisted", "followers", "direct")
    }
    for person in people.values():
        await forced_traces(person, posts.values())
    await blocks.block(author, people["blocked"])
    clients = {name: await node.signed_in(person) for name, person in people.items()}
    clients |= {"author": await node.signed_in(author), "nobody": node.client()}
    return Scene(author, top, posts, clients, people)


async def forced_traces(person: Account, posts: Iterable[Post]) -> None:
    """Rows as they would stand if the person had once been allowed to see the post: no list may rely on them."""
    for post in posts:
        for table in ("likes", "bookmarks"):
            uri = ("uri, ", "?, ", [f"https://here.example/{table}/{new_id()}"]) if table == "likes" else ("", "", [])
            await db.execute(
                f"INSERT INTO {table} (id, account_id, post_id, {uri[0]}created_at) VALUES (?, ?, ?, {uri[1]}0)"
                " ON CONFLICT DO NOTHING",
                (new_id(), person.id, post.id, *uri[2]),
            )
        await db.execute(
            "INSERT INTO home_entries (account_id, post_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (person.id, post.id)
        )
        await db.execute(
            "INSERT INTO notifications (id, account_id, kind, from_account_id, post_id, created_at)"
            " VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
            (new_id(), person.id, notifications.MENTION, post.account_id, post.id),
        )


ALL = {"public", "unlisted", "followers", "direct"}
SEEN = {
    "author": ALL,
    "named": ALL,
    "follower": {"public", "unlisted", "followers"},
    "stranger": {"public", "unlisted"},
    "nobody": {"public", "unlisted"},
    "blocked": set(),
}
SIGNED_IN = set(SEEN) - {"nobody"}


def shown_in(answer: Any, scene: Scene) -> set[str]:
    """Which audiences' posts appear anywhere in an answer, by id or by word."""
    text = str(answer)
    return {name for name, post in scene.posts.items() if f"'{post.id}'" in text or post.uri in text}


@pytest.mark.parametrize("who", sorted(SEEN))
async def test_nobody_sees_a_post_through_any_call_that_is_not_for_them(node: Node, who: str) -> None:
    scene = await the_scene(node)
    client, expected = scene.clients[who], SEEN[who]
    ids = "&".join(f"id[]={post.id}" for post in scene.posts.values())
    assert shown_in(await json(await client.get(f"/api/v1/statuses?{ids}")), scene) == expected
    profile = f"/api/v1/accounts/{scene.author.id}/statuses"
    for query in ("", "?only_media=true", f"?tagged={MARK}", "?exclude_reblogs=true"):
        assert shown_in(await json(await client.get(profile + query)), scene) == expected, query
    tagged = await json(await client.get(f"/api/v1/timelines/tag/{MARK}"))
    assert shown_in(tagged, scene) == expected & {"public"}
    also_tagged = await json(await client.get(f"/api/v1/timelines/tag/none?any[]={MARK}"))
    assert shown_in(also_tagged, scene) == expected & {"public"}
    assert shown_in(await json(await client.get("/api/v1/timelines/public")), scene) <= expected & {"public"}
    if who != "blocked":
        thread = await json(await client.get(f"/api/v1/statuses/{scene.top.id}/context"))
        assert shown_in(thread, scene) == expected
    for name, post in scene.posts.items():
        await everything_of_one_post_answers_alike(client, post, name in expected)
        for address in (post.uri, post.url):
            found = await json(await client.get("/api/v2/search", query_string={"q": address}))
            assert shown_in(found["statuses"], scene) == ({name} & expected)
    if who in SIGNED_IN:
        await own_lists_show_only(client, scene, expected, who)


async def everything_of_one_post_answers_alike(client: Client, post: Post, visible: bool) -> None:
    status = 200 if visible else 404
    for part in ("", "/context", "/history", "/favourited_by", "/reblogged_by"):
        await json(await client.get(f"/api/v1/statuses/{post.id}{part}"), status)


async def own_lists_show_only(client: Client, scene: Scene, expected: set[str], who: str) -> None:
    lists = ["/api/v1/timelines/home", "/api/v1/notifications?include_filtered=true"]
    if who != "author":
        lists += ["/api/v1/favourites", "/api/v1/bookmarks"]
    for path in lists:
        shown = shown_in(await json(await client.get(path)), scene)
        assert shown <= expected, path
        if who != "author":
            assert shown == expected, path


@pytest.mark.parametrize("who", ["stranger", "blocked", "follower"])
async def test_nobody_acts_on_a_post_they_may_not_see(node: Node, who: str) -> None:
    scene = await the_scene(node)
    post, client = scene.posts["direct"], scene.clients[who]
    before = await builders.fresh(post)
    for deed in ("favourite", "reblog", "bookmark"):
        await json(await client.post(f"/api/v1/statuses/{post.id}/{deed}"), 404)
    await json(await client.post("/api/v1/statuses", json={"status": "hm", "in_reply_to_id": str(post.id)}), 404)
    assert (await builders.fresh(post)).version == before.version


async def test_a_share_of_a_hidden_post_shows_nothing(node: Node) -> None:
    author, fan = await builders.local_account(), await builders.local_account()
    await builders.following(fan, author)
    post = await builders.post(author, visibility="followers")
    share = await shares.share(author, post.id)
    stranger, follower = node.client(), await node.signed_in(fan)
    await json(await stranger.get(f"/api/v1/statuses/{share.id}"), 404)
    shown = await json(await follower.get(f"/api/v1/statuses/{share.id}"))
    assert shown["reblog"]["id"] == str(post.id)
    assert await json(await stranger.get(f"/api/v1/accounts/{author.id}/statuses")) == []


async def test_a_blocked_person_s_like_is_not_shown_to_who_blocks_them(node: Node) -> None:
    author, enemy, third = [await builders.local_account() for _ in range(3)]
    post = await builders.post(author)
    await likes.like(enemy, post.id)
    await blocks.block(third, enemy)
    path = f"/api/v1/statuses/{post.id}/favourited_by"
    assert await json(await (await node.signed_in(third)).get(path)) == []
    assert len(await json(await node.client().get(path))) == 1


async def test_posts_of_a_suspended_account_are_gone_for_everybody_else(node: Node) -> None:
    author = await builders.local_account()
    post = await builders.post(author, f"#{MARK}")
    await Account.filter(id=author.id).update(suspended_at=1)
    reader = await node.signed_in(await builders.local_account())
    for client in (node.client(), reader):
        await json(await client.get(f"/api/v1/statuses/{post.id}"), 404)
        assert await json(await client.get(f"/api/v1/timelines/tag/{MARK}")) == []
        assert await json(await client.get("/api/v1/timelines/public")) == []
