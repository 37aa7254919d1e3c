from __future__ import annotations

import pytest

from node import events
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.models.accounts import Account
from node.models.graph import Follow
from node.runtime import Runtime
from node.services import blocks, follows
from tests import builders

FACTS = (events.FollowRequested, events.FollowAccepted, events.FollowRejected, events.Unfollowed)


async def _counts(account: Account) -> tuple[int, int]:
    row = await Account.get(id=account.id)
    return row.followers_count, row.following_count


async def test_following_an_open_local_account_is_real_at_once(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    async with builders.hearing(*FACTS) as heard:
        follow = await follows.follow(bob, alice)
    assert follow.accepted
    assert heard == []
    assert (await _counts(alice), await _counts(bob)) == ((1, 0), (0, 1))
    assert await builders.told(alice) == [("follow", bob.id, None)]


async def test_following_a_private_account_is_a_request_until_accepted(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice", is_private=True), await builders.local_account("bob")
    follow = await follows.follow(bob, alice)
    assert not follow.accepted
    assert await _counts(alice) == (0, 0)
    assert await builders.told(alice) == [("follow_request", bob.id, None)]
    await follows.accept(alice, bob.id)
    await follows.accept(alice, bob.id)
    assert await _counts(alice) == (1, 0)
    assert await builders.told(alice) == [("follow", bob.id, None)]


async def test_a_request_can_be_rejected(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice", is_private=True), await builders.local_account("bob")
    await follows.follow(bob, alice)
    await follows.reject(alice, bob.id)
    assert not await Follow.all().exists()
    assert await builders.told(alice) == []
    with pytest.raises(NotFound):
        await follows.accept(alice, bob.id)


async def test_following_a_remote_account_waits_for_its_server_even_if_it_is_open(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    async with builders.hearing(*FACTS) as heard:
        follow = await follows.follow(alice, bob)
    assert not follow.accepted
    assert heard == [events.FollowRequested(follow.id)]
    assert await _counts(bob) == (0, 0)
    await follows.accepted_by_remote(bob, alice, follow.uri)
    await follows.accepted_by_remote(bob, alice, "https://remote.example/of-its-own-making")
    assert await _counts(bob) == (1, 0)


async def test_a_local_account_cannot_be_accepted_in_the_name_of_another_server(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice", is_private=True), await builders.local_account("bob")
    await follows.follow(bob, alice)
    with pytest.raises(Forbidden):
        await follows.accepted_by_remote(alice, bob)
    remote = await builders.remote_account("remote")
    with pytest.raises(NotFound):
        await follows.accepted_by_remote(remote, bob)


async def test_a_remote_follower_is_told_and_told_again_when_it_asks_again(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    async with builders.hearing(*FACTS) as heard:
        await follows.follow(bob, alice, uri="https://remote.example/f/1")
        again = await follows.follow(bob, alice, uri="https://remote.example/f/2")
    assert again.uri == "https://remote.example/f/2"
    assert heard == [
        events.FollowAccepted(bob.id, alice.id, "https://remote.example/f/1"),
        events.FollowAccepted(bob.id, alice.id, "https://remote.example/f/2"),
    ]
    assert await _counts(alice) == (1, 0)
    assert len(await builders.told(alice)) == 1


async def test_the_uri_of_anothers_follow_is_refused(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    eve = await builders.remote_account("eve")
    await follows.follow(bob, alice, uri="https://remote.example/f/1")
    with pytest.raises(Conflict):
        await follows.follow(eve, alice, uri="https://remote.example/f/1")
    await follows.follow(eve, alice, uri="https://remote.example/f/2")
    with pytest.raises(Conflict):
        await follows.follow(eve, alice, uri="https://remote.example/f/1")
    assert (await Follow.get(account_id=bob.id)).uri == "https://remote.example/f/1"


async def test_impossible_follows_are_refused(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    remote, other = await builders.remote_account(), await builders.remote_account()
    moved = await builders.remote_account("moved", moved_to_uri="https://new.example/users/moved")
    with pytest.raises(Invalid):
        await follows.follow(alice, alice)
    with pytest.raises(Forbidden):
        await follows.follow(remote, other, uri="https://remote.example/f/1")
    with pytest.raises(Forbidden):
        await follows.follow(alice, moved)
    await blocks.block(bob, alice)
    for one, another in ((alice, bob), (bob, alice)):
        with pytest.raises(Forbidden):
            await follows.follow(one, another)
    await Account.filter(id=remote.id).update(suspended_at=alice.created_at)
    with pytest.raises(NotFound):
        await follows.follow(alice, await builders.fresh(remote))
    assert not await Follow.all().exists()


async def test_unfollowing_tells_the_remote_server_and_counts_back(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    follow = await builders.following(alice, bob)
    async with builders.hearing(*FACTS) as heard:
        await follows.unfollow(alice, bob)
        await follows.unfollow(alice, bob)
    assert heard == [events.Unfollowed(alice.id, bob.id, follow.uri)]
    assert (await _counts(alice), await _counts(bob)) == ((0, 0), (0, 0))


async def test_removing_a_remote_follower_is_a_rejection(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    follow = await builders.following(bob, alice)
    async with builders.hearing(*FACTS) as heard:
        await follows.remove_follower(alice, bob)
    assert heard == [events.FollowRejected(bob.id, alice.id, follow.uri)]
    assert await _counts(alice) == (0, 0)


async def test_an_undo_from_afar_records_nothing_to_send(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    await builders.following(bob, alice)
    async with builders.hearing(*FACTS) as heard:
        await follows.unfollow(bob, alice)
    assert heard == []
    assert await _counts(alice) == (0, 0)


async def test_options_of_a_follow_can_be_changed_by_following_again(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await follows.follow(bob, alice, show_shares=False, notify=True)
    follow = await follows.follow(bob, alice)
    assert (follow.show_shares, follow.notify) == (False, True)
    follow = await follows.follow(bob, alice, show_shares=True, notify=False)
    stored = await Follow.get(id=follow.id)
    assert (stored.show_shares, stored.notify) == (True, False)
