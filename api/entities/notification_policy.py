"""Mastodon's NotificationPolicy, in both versions."""

from __future__ import annotations

import msgspec

from node.models.notifications import ACCEPT, NotificationPolicy
from node.queries import notification_requests


class Summary(msgspec.Struct, frozen=True):
    """How much waits to be accepted or dismissed."""

    pending_requests_count: int
    pending_notifications_count: int


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Each is `accept`, `filter` or `drop`."""

    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    for_bots: str
    summary: Summary


class PolicyV1(msgspec.Struct, frozen=True, kw_only=True):
    """Each is whether something else becomes of such notifications than that they are accepted."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    filter_bots: bool
    summary: Summary


async def version_2(policy: NotificationPolicy) -> Policy:
    """The entity, with what waits now."""
    return Policy(
        for_not_following=policy.for_not_following,
        for_not_followers=policy.for_not_followers,
        for_new_accounts=policy.for_new_accounts,
        for_private_mentions=policy.for_private_mentions,
        for_limited_accounts=policy.for_limited_accounts,
        for_bots=policy.for_bots,
        summary=await _summary(policy.account_id),
    )


async def version_1(policy: NotificationPolicy) -> PolicyV1:
    """The entity of the first version, which knew no dropping."""
    return PolicyV1(
        filter_not_following=policy.for_not_following != ACCEPT,
        filter_not_followers=policy.for_not_followers != ACCEPT,
        filter_new_accounts=policy.for_new_accounts != ACCEPT,
        filter_private_mentions=policy.for_private_mentions != ACCEPT,
        filter_bots=policy.for_bots != ACCEPT,
        summary=await _summary(policy.account_id),
    )


async def _summary(account_id: int) -> Summary:
    return Summary(*await notification_requests.summary(account_id))
