"""What stands in a home timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from node import clock, db
from node.models.accounts import Account, User
from node.runtime import Runtime
from node.services import blocks, follows, mutes, posts, shares, timelines
from tests import builders
from tests.conftest import HeldClock


async def test_a_post_reaches_followers_and_its_author_only(started: Runtime) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    remote = await builders.remote_account()
    await builders.following(bob, alice)
    await builders.following(remote, alice)
    post = await builders.post(alice)
    assert await builders.home_of(bob) == [post.id]
    assert await builders.home_of(alice) == [post.id]
    assert await builders.home_of(carol) == await builders.home_of(remote) == []


async def test_a_remote_post_reaches_local_followers_who_were_accepted(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    alice, carol = await builders.local_account("alice"), await builders.local_account("carol")
    await builders.following(alice, bob)
    await follows.follow(carol, bob)
    post = await builders.received(bob, visibility="followers")
    assert await builders.home_of(alice) == [post.id]
    assert await builders.home_of(carol) == []


async def test_direct_messages_stay_out_of_home(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(bob, alice)
    await builders.post(alice, "psst @bob", visibility="direct")
    assert await builders.home_of(bob) == await builders.home_of(alice) == []


async def test_shares_come_only_where_the_follow_wants_them(started: Runtime) -> None:
    alice, bob, carol, author = [await builders.local_account(name) for name in ("alice", "bob", "carol", "author")]
    await builders.following(bob, alice)
    await follows.follow(carol, alice, show_shares=False)
    share = await shares.share(alice, (await builders.post(author)).id)
    assert await builders.home_of(bob) == [share.id]
    assert await builders.home_of(carol) == []


async def test_comments_come_only_among_people_the_reader_follows(started: Runtime) -> None:
    alice, bob, carol, dave = [await builders.local_account(name) for name in ("alice", "bob", "carol", "dave")]
    await builders.following(carol, alice)
    await builders.following(dave, alice)
    await builders.following(dave, bob)
    await builders.following(bob, alice)
    post = await builders.post(bob)
    comment = await builders.post(alice, "lovely", parent_id=post.id)
    to_itself = await builders.post(alice, "more", parent_id=comment.id)
    assert await builders.home_of(carol) == [to_itself.id]
    assert await builders.home_of(dave) == [to_itself.id, comment.id, post.id]
    assert await builders.home_of(bob) == [to_itself.id, comment.id, post.id]


async def test_muted_and_blocked_people_stay_out_also_when_others_share_them(started: Runtime) -> None:
    alice, bob, muted, blocked, blocker = [
        await builders.local_account(name) for name in ("alice", "bob", "muted", "blocked", "blocker")
    ]
    await builders.following(bob, alice)
    await builders.following(bob, muted)
    await mutes.mute(bob, muted)
    await blocks.block(bob, blocked)
    await blocks.block(blocker, bob)
    for author in (muted, blocked, blocker):
        await shares.share(alice, (await builders.post(author)).id)
    assert await builders.home_of(bob) == []


async def test_a_mute_ends_by_itself(started: Runtime, held_clock: HeldClock) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(bob, alice)
    await mutes.mute(bob, alice, duration=60)
    unseen = await builders.post(alice, "unseen")
    held_clock.advance(61)
    post = await builders.post(alice, "seen")
    assert await builders.home_of(bob) == [post.id]
    assert await mutes.remove_expired() == 1
    assert await builders.home_of(bob) == [post.id, unseen.id]


async def test_a_new_follower_finds_the_newest_twenty_posts(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    made = [await builders.post(alice, f"post {number}") for number in range(22)]
    await builders.post(alice, "psst @bob", visibility="direct")
    await follows.follow(bob, alice)
    assert await builders.home_of(bob) == [post.id for post in reversed(made[2:])]
    await follows.unfollow(bob, alice)
    assert await builders.home_of(bob) == []


async def test_the_twenty_posts_come_when_a_remote_server_accepts(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    post = await builders.received(bob)
    await follows.follow(alice, bob)
    assert await builders.home_of(alice) == []
    await follows.accepted_by_remote(bob, alice)
    assert await builders.home_of(alice) == [post.id]


async def test_a_deleted_post_leaves_every_home_with_its_shares(started: Runtime) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    await builders.following(carol, bob)
    post = await builders.post(alice)
    await shares.share(bob, post.id)
    await posts.delete(alice, post.id)
    for reader in (alice, bob, carol):
        assert await builders.home_of(reader) == []


async def test_a_timeline_is_trimmed_to_its_newest_entries(started: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "MAX_ENTRIES", 3)
    monkeypatch.setattr(timelines, "SLACK", 1)
    alice = await builders.local_account("alice")
    made = [await builders.post(alice, f"post {number}") for number in range(5)]
    assert await timelines.trim_all() == 1
    assert await builders.home_of(alice) == [post.id for post in reversed(made[-3:])]
    assert await timelines.trim_all() == 0


async def test_a_rebuilt_timeline_equals_the_one_written_post_by_post(started: Runtime) -> None:
    alice, bob, carol, muted = [await builders.local_account(name) for name in ("alice", "bob", "carol", "muted")]
    remote = await builders.remote_account()
    for followed in (bob, muted, remote):
        await builders.following(alice, followed)
    await mutes.mute(alice, muted)
    post = await builders.post(bob)
    await builders.post(muted)
    await builders.post(bob, "a comment to a stranger", parent_id=(await builders.post(carol)).id)
    await shares.share(bob, (await builders.post(carol)).id)
    await builders.post(alice, "mine", parent_id=post.id)
    await builders.received(remote, visibility="followers")
    before = await builders.home_of(alice)
    await timelines.rebuild(alice)
    assert await builders.home_of(alice) == before
    assert len(before) == 4


async def test_the_timeline_of_somebody_long_away_is_dropped_and_rebuilt_on_return(
    started: Runtime, held_clock: HeldClock
) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(bob, alice)
    await builders.post(alice, "before")
    held_clock.advance(timedelta(days=31).total_seconds())
    await User.filter(account_id=alice.id).update(last_active_at=clock.now())
    assert await timelines.drop_quiet() == 1
    assert await builders.home_of(bob) == []
    await builders.post(alice, "while away")
    assert await builders.home_of(bob) == []
    await timelines.ensure_built(bob)
    assert len(await builders.home_of(bob)) == 2
    await builders.post(alice, "after")
    assert len(await builders.home_of(bob)) == 3


async def test_fanning_out_is_one_statement_however_many_follow(
    started: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await builders.local_account("alice")
    for _ in range(5):
        await builders.following(await builders.local_account(), alice)
    statements: list[str] = []
    execute_later = db.execute_later

    async def counting(sql: str, parameters: object = (), **hints: bool) -> None:
        statements.append(sql)
        await execute_later(sql, parameters, **hints)  # type: ignore[arg-type]

    monkeypatch.setattr(db, "execute_later", counting)
    await builders.post(alice)
    assert sum("home_entries" in statement for statement in statements) == 1
    row = await db.fetch_one("SELECT COUNT(*) FROM home_entries")
    assert row is not None and row[0] == 6
    assert await Account.filter(id=alice.id, posts_count=1).exists()
