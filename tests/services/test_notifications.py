"""Whom one hears of: the policy, and what a person never hears of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node import clock, db, events
from node.models.accounts import Account, User
from node.models.fields import to_milliseconds
from node.models.graph import Follow
from node.runtime import Runtime
from node.services import (
    approvals,
    blocks,
    follows,
    likes,
    mutes,
    notification_policies,
    notifications,
    one_time_secrets,
    posts,
    sign_up,
)
from tests import builders
from tests.conftest import HeldClock

OLD = {"created_at": 0}


async def verdicts(account: Account) -> list[tuple[str, bool]]:
    """What somebody was told and whether it was filtered, oldest first."""
    rows = await db.fetch_all(
        "SELECT kind, filtered FROM notifications WHERE account_id = ? ORDER BY id", (account.id,)
    )
    return [(row[0], bool(row[1])) for row in rows]


async def held_from(account: Account) -> list[tuple[int, int | None]]:
    """Whose requests wait for an account, with the newest post."""
    rows = await db.fetch_all(
        "SELECT from_account_id, last_post_id FROM notification_requests WHERE account_id = ? ORDER BY id",
        (account.id,),
    )
    return [(row[0], row[1]) for row in rows]


async def mention(author: Account, named: Account, **values: Any) -> int:
    """A post that names somebody; returns its id."""
    return (await builders.post(author, f"@{named.username} look", **values)).id


async def set_policy(account: Account, **wishes: str) -> None:
    await notification_policies.change(account, wishes)


@pytest.mark.parametrize(
    ("rule", "stranger", "close"),
    [
        ("for_not_following", {}, "followed"),
        ("for_not_followers", {}, "follower"),
        ("for_new_accounts", {"created_at": None}, "followed"),
        ("for_limited_accounts", {"silenced_at": 1}, "followed"),
        ("for_bots", {"actor_type": "Service"}, "followed"),
    ],
)
async def test_a_policy_filters_or_drops_whom_it_names_and_nobody_closer(
    started: Runtime, rule: str, stranger: dict[str, Any], close: str
) -> None:
    me, other, near = [await builders.local_account(**OLD) for _ in range(3)]
    now = to_milliseconds(clock.now())
    columns = {name: now if value is None else value for name, value in stranger.items()}
    if columns:
        await Account.filter(id__in=[other.id, near.id]).update(**columns)
    if close == "followed":
        await builders.following(me, near)
    else:
        await builders.following(near, me)
        await Follow.filter(account_id=near.id).update(created_at=clock.now() - timedelta(days=4))
        await notifications.clear(me)
    await set_policy(me, **{rule: "filter"})
    first = await mention(other, me)
    await mention(near, me)
    assert await verdicts(me) == [("mention", True), ("mention", False)]
    assert await held_from(me) == [(other.id, first)]
    await set_policy(me, **{rule: "drop"})
    await mention(other, me)
    assert len(await verdicts(me)) == 2
    await set_policy(me, **{rule: "accept"})
    await mention(other, me)
    assert (await verdicts(me))[2:] == [("mention", False)]


async def test_a_direct_message_of_a_stranger_waits_but_an_answer_does_not(started: Runtime) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await mention(other, me, visibility="direct")
    mine = await mention(me, other, visibility="direct")
    await mention(other, me, visibility="direct", parent_id=mine)
    assert await verdicts(me) == [("mention", True), ("mention", False)]


async def test_what_is_filtered_is_no_event_and_in_no_group(started: Runtime) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await set_policy(me, for_not_following="filter")
    post = await builders.post(me)
    async with builders.hearing(events.NotificationCreated) as heard:
        await likes.like(other, post.id)
    assert heard == []
    row = await db.fetch_one("SELECT group_key FROM notifications WHERE account_id = ?", (me.id,))
    assert row is not None and row[0] is None
    assert await held_from(me) == []  # Only mentions ask to be heard.


async def test_staff_is_always_heard(started: Runtime) -> None:
    me, admin = await builders.local_account(), await builders.local_account()
    await User.filter(account_id=admin.id).update(role="admin")
    await set_policy(me, for_not_following="drop", for_new_accounts="drop")
    await mention(admin, me)
    assert await verdicts(me) == [("mention", False)]


async def test_a_mention_that_also_names_somebody_blocked_or_muted_is_not_told(started: Runtime) -> None:
    me, other, blocked, muted = [await builders.local_account() for _ in range(4)]
    await blocks.block(me, blocked)
    await mutes.mute(me, muted)
    for unwanted in (blocked, muted):
        await builders.post(other, f"@{me.username} @{unwanted.username} look")
    assert await builders.told(me) == []
    await mutes.mute(me, muted, hide_notifications=False)
    await builders.post(other, f"@{me.username} @{muted.username} look")
    assert len(await builders.told(me)) == 1


async def test_each_edit_is_told_again_in_place_of_the_one_before(started: Runtime) -> None:
    me, author = await builders.local_account(), await builders.local_account()
    post = await builders.post(author)
    async with db.transaction():
        first = await notifications.notify(notifications.UPDATE, me.id, author.id, post.id)
        second = await notifications.notify(notifications.UPDATE, me.id, author.id, post.id)
        liked = await notifications.notify(notifications.FAVOURITE, me.id, author.id, post.id)
        assert await notifications.notify(notifications.FAVOURITE, me.id, author.id, post.id) is None
    assert first is not None and second is not None and second > first and liked is not None
    assert await builders.told(me) == [("update", author.id, post.id), ("favourite", author.id, post.id)]


async def test_every_subject_is_told_once(started: Runtime) -> None:
    me, admin = await builders.local_account(), await builders.local_account()
    await User.filter(account_id=admin.id).update(role="moderator")
    async with db.transaction():
        for subject in (1, 2, 2):
            await notifications.notify_staff(notifications.REPORT, me.id, subject_id=subject)
            await notifications.notify(notifications.WARNING, me.id, me.id, subject_id=subject)
    assert await builders.told(admin) == [("admin.report", me.id, None)] * 2
    assert await builders.told(me) == [("moderation_warning", me.id, None)] * 2


async def test_a_group_takes_in_what_comes_within_twelve_hours_of_its_beginning(
    started: Runtime, held_clock: HeldClock
) -> None:
    me = await builders.local_account()
    post, another = await builders.post(me), await builders.post(me)
    began = int(held_clock.seconds // 3600)
    for hours in (0, 8, 3, 1):  # 0, 8, 11 and 12 hours after the beginning
        held_clock.advance(hours * 3600)
        await likes.like(await builders.local_account(), post.id)
    await likes.like(await builders.local_account(), another.id)
    await builders.following(await builders.local_account(), me)
    rows = await db.fetch_all("SELECT group_key FROM notifications WHERE account_id = ? ORDER BY id", (me.id,))
    assert [row[0] for row in rows] == [
        *[f"favourite-{post.id}-{began}"] * 3,
        f"favourite-{post.id}-{began + 12}",
        f"favourite-{another.id}-{began + 12}",
        f"follow-{began + 12}",
    ]


async def test_a_request_to_follow_is_told_until_it_is_decided_or_withdrawn(started: Runtime) -> None:
    me, one, two, three = [await builders.local_account() for _ in range(4)]
    await Account.filter(id=me.id).update(is_private=True)
    me = await builders.fresh(me)
    for other in (one, two, three):
        await follows.follow(other, me)
    assert await builders.told(me) == [("follow_request", other.id, None) for other in (one, two, three)]
    await follows.accept(me, one.id)
    await follows.reject(me, two.id)
    await follows.unfollow(three, me)
    assert await builders.told(me) == [("follow", one.id, None)]
    await follows.unfollow(one, me)
    assert await builders.told(me) == []


async def test_telling_takes_the_same_few_statements_whatever_the_policy(started: Runtime) -> None:
    from tests.api.statements import counted_statements

    me, other = await builders.local_account(), await builders.local_account()
    await set_policy(me, for_not_following="filter", for_new_accounts="filter", for_bots="drop")
    post = await builders.post(other)
    async with db.transaction():
        with counted_statements() as seen:
            assert await notifications.notify(notifications.MENTION, me.id, other.id, post.id) is not None
    notified = [statement for statement in seen if "notification" in statement]
    assert len(notified) == 3, notified
    assert await held_from(me) == [(other.id, post.id)]
    await posts.delete(other, post.id)
    assert await held_from(me) == [(other.id, None)]


async def test_staff_is_told_of_somebody_once_they_are_let_in(started: Runtime) -> None:
    admin = await builders.local_account()
    await User.filter(account_id=admin.id).update(role="admin")
    newcomer = await builders.local_account()
    waiting = await builders.local_account()
    await User.filter(account_id=newcomer.id).update(confirmed_at=None)
    await User.filter(account_id=waiting.id).update(approved_at=None)
    issued = await one_time_secrets.issue(await User.get(account_id=newcomer.id), one_time_secrets.CONFIRM_EMAIL)
    await sign_up.confirm_by_link(issued.token)
    await approvals.approve(await User.get(account_id=admin.id), (await User.get(account_id=waiting.id)).id)
    assert await builders.told(admin) == [("admin.sign_up", newcomer.id, None), ("admin.sign_up", waiting.id, None)]
