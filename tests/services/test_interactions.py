"""Likes, shares, bookmarks, blocks, mutes and what people are told of them."""

from __future__ import annotations

import pytest

from node import events
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.models.graph import Bookmark, Follow, Like
from node.models.posts import Post
from node.runtime import Runtime
from node.services import blocks, bookmarks, follows, likes, mutes, notifications, posts, shares
from tests import builders


async def test_a_like_is_counted_and_told_once(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    async with builders.hearing(events.PostLiked, events.PostUnliked, events.NotificationCreated) as heard:
        like = await likes.like(bob, post.id)
        assert (await likes.like(bob, post.id)).id == like.id
    stored = await Post.get(id=post.id)
    assert (stored.likes_count, stored.version) == (1, post.version + 1)
    assert await builders.told(alice) == [("favourite", bob.id, post.id)]
    assert [type(fact) for fact in heard] == [events.NotificationCreated, events.PostLiked]
    async with builders.hearing(events.PostUnliked) as heard:
        await likes.unlike(bob, post.id)
        await likes.unlike(bob, post.id)
    assert heard == [events.PostUnliked(bob.id, post.id, like.uri)]
    assert (await Post.get(id=post.id)).likes_count == 0
    assert await builders.told(alice) == []


async def test_a_remote_like_is_not_sent_on_and_keeps_its_own_uri(started: Runtime) -> None:
    alice, bob, eve = (
        await builders.local_account("alice"),
        await builders.remote_account(),
        await builders.remote_account(),
    )
    one, other = await builders.post(alice), await builders.post(alice)
    async with builders.hearing(events.PostLiked) as heard:
        await likes.like(bob, one.id, uri="https://remote.example/l/1")
    assert heard == []
    for liker, post in ((eve, one), (bob, other)):
        with pytest.raises(Conflict):
            await likes.like(liker, post.id, uri="https://remote.example/l/1")
    assert await Like.all().count() == 1
    assert (await Post.get(id=other.id)).likes_count == 0


async def test_what_cannot_be_seen_cannot_be_liked_kept_or_shared(started: Runtime) -> None:
    alice, bob, blocked = [await builders.local_account(name) for name in ("alice", "bob", "blocked")]
    await blocks.block(alice, blocked)
    hidden, open_post = await builders.post(alice, visibility="followers"), await builders.post(alice)
    for actor, post_id in ((bob, hidden.id), (blocked, open_post.id), (bob, 4711)):
        for deed in (likes.like, bookmarks.keep, shares.share):
            with pytest.raises(NotFound):
                await deed(actor, post_id)
    assert (await Post.get(id=hidden.id)).version == hidden.version


async def test_liking_or_keeping_a_share_means_what_it_shares(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    share = await shares.share(bob, post.id)
    assert (await likes.like(bob, share.id)).post_id == post.id
    assert (await bookmarks.keep(bob, share.id)).id == post.id
    await bookmarks.keep(bob, post.id)
    assert await Bookmark.all().count() == 1
    await likes.unlike(bob, share.id)
    await bookmarks.drop(bob, share.id)
    assert not await Like.all().exists() and not await Bookmark.all().exists()


async def test_a_share_is_counted_told_and_undone(started: Runtime) -> None:
    alice, bob = await builders.remote_account("alice"), await builders.local_account("bob")
    post = await builders.received(alice)
    async with builders.hearing(events.PostPublished, events.PostDeleted) as heard:
        share = await shares.share(bob, post.id)
        assert (await shares.share(bob, post.id)).id == share.id
        assert (await Post.get(id=post.id)).shares_count == 1
        assert (await shares.unshare(bob, post.id)) is not None
        assert (await shares.unshare(bob, post.id)) is None
    assert (await Post.get(id=post.id)).shares_count == 0
    assert heard == [
        events.PostPublished(share.id),
        events.PostDeleted(share.id, bob.id, share.uri, "public", post.uri, alice.id, ["https://remote.example/inbox"]),
    ]


async def test_a_remote_share_tells_the_author_and_can_be_deleted_by_its_uri(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    post = await builders.post(alice)
    async with builders.hearing(events.PostReceived) as heard:
        share = await shares.share(bob, post.id, uri="https://remote.example/s/1", published=builders.at(2026, 5, 1))
    assert heard == [events.PostReceived(share.id)]
    assert share.created_at == builders.at(2026, 5, 1)
    assert await builders.told(alice) == [("reblog", bob.id, post.id)]
    await posts.receive_deletion(share.uri, bob)
    assert (await Post.get(id=post.id)).shares_count == 0


async def test_only_public_posts_of_others_and_own_ones_for_followers_are_shared(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(bob, alice)
    private = await builders.post(alice, visibility="followers")
    direct = await builders.post(alice, "@bob", visibility="direct")
    for actor, post in ((bob, private), (bob, direct), (alice, direct)):
        with pytest.raises(Forbidden):
            await shares.share(actor, post.id)
    assert (await shares.share(alice, private.id, visibility="public")).visibility == "followers"
    unlisted = await builders.post(alice, visibility="unlisted")
    assert (await shares.share(bob, unlisted.id, visibility="public")).visibility == "unlisted"
    with pytest.raises(Invalid):
        await shares.share(bob, unlisted.id, visibility="everyone")
    with pytest.raises(Forbidden):
        await shares.share(bob, unlisted.id, visibility="direct")


async def test_a_block_parts_both_and_tells_the_other_server(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    mine, theirs = await builders.following(alice, bob), await builders.following(bob, alice)
    await builders.received(bob)
    await likes.like(bob, (await builders.post(alice)).id, uri="https://remote.example/l/1")
    kinds = (events.Unfollowed, events.FollowRejected, events.AccountBlocked, events.AccountUnblocked)
    async with builders.hearing(*kinds) as heard:
        block = await blocks.block(alice, bob)
        assert (await blocks.block(alice, bob)).id == block.id
        await blocks.unblock(alice, bob)
        await blocks.unblock(alice, bob)
    assert heard == [
        events.Unfollowed(alice.id, bob.id, mine.uri),
        events.FollowRejected(bob.id, alice.id, theirs.uri),
        events.AccountBlocked(block.id),
        events.AccountUnblocked(alice.id, bob.id, block.uri),
    ]
    assert not await Follow.all().exists()
    assert len(await builders.home_of(alice)) == 1
    assert await builders.told(alice) == []
    assert (await builders.fresh(alice)).followers_count == (await builders.fresh(alice)).following_count == 0


async def test_a_remote_block_parts_both_and_sends_nothing(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    await builders.following(alice, bob)
    async with builders.hearing(events.Unfollowed, events.FollowRejected, events.AccountBlocked) as heard:
        await blocks.block(bob, alice, uri="https://remote.example/b/1")
    assert heard == []
    assert not await Follow.all().exists()
    with pytest.raises(Invalid):
        await blocks.block(alice, alice)


async def test_muting_hides_posts_and_if_wanted_notifications(started: Runtime) -> None:
    alice, loud, quiet = [await builders.local_account(name) for name in ("alice", "loud", "quiet")]
    post = await builders.post(alice)
    for muted in (loud, quiet):
        await builders.following(alice, muted)
        await builders.post(muted)
    await mutes.mute(alice, quiet)
    await mutes.mute(alice, loud, hide_notifications=False)
    for muted in (loud, quiet):
        await likes.like(muted, post.id)
        await builders.post(muted)
    assert await builders.told(alice) == [("favourite", loud.id, post.id)]
    assert await builders.home_of(alice) == [post.id]
    await mutes.unmute(alice, quiet)
    assert len(await builders.home_of(alice)) == 3


async def test_nobody_is_told_of_their_own_deeds_nor_a_remote_account_of_anything(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    await likes.like(alice, (await builders.post(alice)).id)
    await likes.like(alice, (await builders.received(bob)).id)
    assert await builders.told(alice) == await builders.told(bob) == []


async def test_followers_who_asked_hear_of_new_posts_but_not_of_comments(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await follows.follow(bob, alice, notify=True)
    post = await builders.post(alice)
    await builders.post(alice, "more", parent_id=post.id)
    assert await builders.told(bob) == [("status", alice.id, post.id)]


async def test_notifications_are_dismissed_by_their_owner_only(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    async with builders.hearing(events.NotificationCreated) as heard:
        await follows.follow(bob, alice)
        await likes.like(bob, (await builders.post(alice)).id)
    first = heard[0]
    assert isinstance(first, events.NotificationCreated)
    with pytest.raises(NotFound):
        await notifications.dismiss(bob, first.notification_id)
    await notifications.dismiss(alice, first.notification_id)
    assert len(await builders.told(alice)) == 1
    await notifications.clear(alice)
    assert await builders.told(alice) == []
