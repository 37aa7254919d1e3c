"""Words the admins do not want: what is held for a moderator stays held, whatever else happens to it."""

from __future__ import annotations

from datetime import timedelta

from node import clock
from node.models.accounts import Account
from node.models.conversations import Conversation
from node.models.posts import FOR_STAFF, Post
from node.models.received_rules import HOLD, REJECT, SILENCE, HeldPost
from node.runtime import Runtime
from node.services import comment_limits, keyword_rules, posts
from tests import builders


async def _rule(keyword: str, action: str) -> Account:
    moderator = await builders.local_account()
    await keyword_rules.add(moderator.id, keyword, action)
    return moderator


async def _state(post: Post, parent: Post) -> tuple[int | None, int]:
    """For whom a comment is held back, and how many its parent counts."""
    return (await builders.fresh(post)).held_for, (await builders.fresh(parent)).comments_count


async def test_what_waits_for_a_moderator_is_not_let_out_by_the_limits_of_whose_post_it_answers(
    started: Runtime,
) -> None:
    moderator, alice, bob = (
        await _rule("casino", HOLD),
        await builders.local_account("alice"),
        await builders.remote_account("bob"),
    )
    parent = await builders.post(alice)
    held = await builders.received(bob, content_html="<p>casino</p>", parent=parent)
    assert await _state(held, parent) == (FOR_STAFF, 0)
    for followers_only in (True, False, True):
        await comment_limits.change(alice, comment_limits.Changes(followers_only=followers_only))
        assert await _state(held, parent) == (FOR_STAFF, 0)
    await keyword_rules.release(moderator.id, (await HeldPost.get(post_id=held.id)).id)
    assert await _state(held, parent) == (alice.id, 0)
    assert await builders.told(alice) == []
    await comment_limits.change(alice, comment_limits.Changes(followers_only=False))
    assert await _state(held, parent) == (None, 1)


async def test_a_held_comment_that_came_before_its_parent_is_counted_once_it_is_released(started: Runtime) -> None:
    moderator, bob, carol = (
        await _rule("casino", HOLD),
        await builders.remote_account("bob"),
        await builders.remote_account("carol"),
    )
    parent_uri = "https://remote.example/posts/later"
    held = await builders.received(bob, content_html="<p>casino</p>", parent_uri=parent_uri)
    parent = await builders.received(carol, uri=parent_uri)
    assert await _state(held, parent) == (FOR_STAFF, 0)
    await keyword_rules.release(moderator.id, (await HeldPost.get(post_id=held.id)).id)
    assert await _state(held, parent) == (None, 1)


async def test_an_edit_falls_under_the_rules_as_a_new_post_does(started: Runtime) -> None:
    moderator, alice, bob = (
        await _rule("casino", HOLD),
        await builders.local_account("alice"),
        await builders.remote_account("bob"),
    )
    await keyword_rules.add(moderator.id, "pills", REJECT)
    await keyword_rules.add(moderator.id, "loud", SILENCE)
    parent = await builders.post(alice)
    comment = await builders.received(bob, published=builders.at(2026, 1, 1), parent=parent)
    assert await _state(comment, parent) == (None, 1)

    async def edited(day: int, words: str) -> None:
        await posts.receive_edit(
            await builders.fresh(comment),
            builders.incoming(bob, uri=comment.uri, content_html=f"<p>{words}</p>", updated=builders.at(2026, 1, day)),
        )

    for day in (2, 3):
        await edited(day, f"casino {day}")
        assert await _state(comment, parent) == (FOR_STAFF, 0)
    assert (await HeldPost.get()).post_id == comment.id
    await edited(4, "nothing")
    assert await _state(comment, parent) == (FOR_STAFF, 0)
    await keyword_rules.release(moderator.id, (await HeldPost.get()).id)
    assert await _state(comment, parent) == (None, 1)
    await edited(5, "so loud")
    assert (await builders.fresh(bob)).silenced_at is not None and await _state(comment, parent) == (None, 1)


async def test_a_held_message_begins_no_conversation_before_it_is_released(started: Runtime) -> None:
    moderator, alice, bob = (
        await _rule("casino", HOLD),
        await builders.local_account("alice"),
        await builders.remote_account("bob"),
    )
    held = await builders.received(bob, content_html="<p>casino</p>", visibility="direct", mentions=(alice,))
    assert not await Conversation.exists()
    await keyword_rules.release(moderator.id, (await HeldPost.get(post_id=held.id)).id)
    assert (await Conversation.get(account_id=alice.id)).last_post_id == held.id
    assert [kind for kind, *_ in await builders.told(alice)] == ["mention"]
    await posts.receive_edit(
        await builders.fresh(held),
        builders.incoming(bob, uri=held.uri, content_html="<p>Casino!</p>", updated=clock.now() + timedelta(hours=1)),
    )
    assert not await Conversation.exists()
