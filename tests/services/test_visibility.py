"""Who may see what: every kind of viewer against every visibility, for local and remote authors."""

from __future__ import annotations

import pytest

from node import db
from node.errors import NotFound
from node.models.accounts import Account
from node.models.graph import Follow
from node.models.posts import Post
from node.runtime import Runtime
from node.services import blocks, follows, shares
from node.services.visibility import may_see, narrower, visible_post, visible_to
from tests import builders

EVERYONE = {"nobody", "stranger", "follower", "pending", "mentioned", "author"}
VIEWERS = EVERYONE | {"blocked", "blocker"}
SEEN_BY = {
    "public": EVERYONE,
    "unlisted": EVERYONE,
    "followers": {"follower", "mentioned", "author"},
    "direct": {"mentioned", "author"},
}


async def _author(place: str) -> Account:
    if place == "local":
        return await builders.local_account("author", is_private=True)
    return await builders.remote_account("author", is_private=True)


async def _viewers(author: Account) -> dict[str, Account | None]:
    """One of each kind, as they stand to `author`; all are of this node."""
    viewers: dict[str, Account | None] = {
        kind: await builders.local_account(kind) for kind in VIEWERS - {"nobody", "author"}
    }
    viewers |= {"nobody": None, "author": author}
    for kind in ("follower", "pending", "blocked", "blocker"):
        viewer = viewers[kind]
        assert viewer is not None
        if kind == "pending":
            await follows.follow(viewer, author)
        else:
            await builders.following(viewer, author)
    blocked, blocker = viewers["blocked"], viewers["blocker"]
    assert blocked is not None and blocker is not None
    await blocks.block(author, blocked)
    await blocks.block(blocker, author)
    return viewers


async def _post_of(author: Account, visibility: str, addressed: list[Account]) -> Post:
    if author.is_local:
        handles = " ".join(f"@{account.username}" for account in addressed)
        return await builders.post(author, f"for {handles}", visibility=visibility)
    return await builders.received(author, visibility=visibility, mentions=tuple(addressed))


@pytest.mark.parametrize("place", ["local", "remote"])
async def test_each_viewer_sees_exactly_what_is_meant_for_them(started: Runtime, place: str) -> None:
    author = await _author(place)
    viewers = await _viewers(author)
    addressed = [viewer for kind in ("mentioned", "blocked", "blocker") if (viewer := viewers[kind]) is not None]
    for visibility, expected in SEEN_BY.items():
        post = await _post_of(author, visibility, addressed)
        assert post.visibility == visibility
        seen = {kind for kind, viewer in viewers.items() if await may_see(viewer, post)}
        assert seen == expected, visibility


async def test_a_list_shows_the_same_posts_as_one_by_one(started: Runtime) -> None:
    author = await _author("local")
    viewers = await _viewers(author)
    mentioned = viewers["mentioned"]
    assert mentioned is not None
    posts = [await _post_of(author, visibility, [mentioned]) for visibility in SEEN_BY]
    for viewer in viewers.values():
        condition = visible_to(viewer, "listed")
        rows = await db.fetch_all(f"SELECT id FROM posts listed WHERE {condition.sql}", condition.parameters)
        assert {int(row[0]) for row in rows} == {post.id for post in posts if await may_see(viewer, post)}


async def test_the_remote_follower_of_a_local_account_sees_followers_only_posts_once_accepted(started: Runtime) -> None:
    alice = await builders.local_account("alice", is_private=True)
    bob = await builders.remote_account("bob")
    post = await builders.post(alice, visibility="followers")
    await follows.follow(bob, alice, uri="https://remote.example/f/1")
    assert not await may_see(bob, post)
    await follows.accept(alice, bob.id)
    assert await may_see(bob, post)


async def test_a_private_remote_account_is_seen_only_once_its_server_accepts(started: Runtime) -> None:
    """CVE-2025-30741: the follower's own server must not decide."""
    alice = await builders.local_account("alice")
    bob = await builders.remote_account("bob")
    post = await builders.received(bob, visibility="followers")
    request = await follows.follow(alice, bob)
    assert not request.accepted
    assert not await may_see(alice, post)
    await follows.accepted_by_remote(bob, alice, request.uri)
    assert await may_see(alice, post)
    await follows.rejected_by_remote(bob, alice)
    assert not await Follow.filter(account_id=alice.id).exists()
    assert not await may_see(alice, post)


async def test_nobody_but_the_author_sees_posts_of_a_suspended_account(started: Runtime) -> None:
    alice, carol = await builders.local_account("alice"), await builders.local_account("carol")
    post = await builders.post(alice)
    await Account.filter(id=alice.id).update(suspended_at=post.created_at)
    assert not await may_see(carol, post)
    assert not await may_see(None, post)


async def test_a_share_is_hidden_from_those_the_original_is_hidden_from(started: Runtime) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    share = await shares.share(bob, (await builders.post(alice)).id)
    assert await may_see(carol, share)
    await blocks.block(alice, carol)
    assert not await may_see(carol, share)


async def test_hidden_and_missing_posts_are_refused_alike(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    hidden = await builders.post(alice, visibility="followers")
    refusals = []
    for post_id in (hidden.id, 12345):
        with pytest.raises(NotFound) as refusal:
            await visible_post(bob, post_id)
        refusals.append((refusal.value.message, refusal.value.context))
    assert refusals[0] == refusals[1]


def test_the_narrower_of_two_audiences_wins() -> None:
    assert narrower("public", "followers") == "followers"
    assert narrower("direct", "unlisted") == "direct"
