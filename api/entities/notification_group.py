"""Mastodon's GroupedNotificationsResults: groups of notifications, with each account and status named once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson
from msgspec import UNSET, UnsetType

from api.entities import account, notification_subjects, status
from api.entities.account_warning import AccountWarning
from api.entities.encoding import encode, iso
from api.entities.notification import fallbacks_of, subject_member
from api.entities.notification_fallback import Fallback
from api.entities.severance import RelationshipSeveranceEvent
from node.queries.accounts import AccountRow
from node.queries.notification_groups import GroupRow


class NotificationGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications shown as one. What concerns a page is missing when the group was asked for alone."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: int
    page_min_id: str | UnsetType = UNSET
    page_max_id: str | UnsetType = UNSET
    latest_page_notification_at: str | UnsetType = UNSET
    fallback: Fallback | UnsetType = UNSET
    sample_account_ids: list[str]
    status_id: str | UnsetType = UNSET
    report: dict[str, Any] | UnsetType | None = UNSET
    event: RelationshipSeveranceEvent | UnsetType | None = UNSET
    moderation_warning: AccountWarning | UnsetType | None = UNSET
    collection: dict[str, Any] | UnsetType | None = UNSET


class PartialAccount(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an account as a row of avatars needs."""

    id: str
    acct: str
    locked: bool
    bot: bool
    url: str
    avatar: str
    avatar_static: str
    avatar_description: str


class GroupedNotifications(msgspec.Struct, frozen=True, kw_only=True):
    """A page of groups. `partial_accounts` is there when partial avatars were asked for."""

    accounts: list[account.Account]
    partial_accounts: list[PartialAccount] | UnsetType = UNSET
    statuses: list[status.Status]
    notification_groups: list[NotificationGroup]


async def results(
    groups: Sequence[GroupRow],
    viewer_id: int,
    *,
    is_page: bool = True,
    partial_avatars: bool = False,
    supported: list[str] | None = None,
) -> bytes:
    """The groups of a page, in its order; a fixed number of statements, whatever its size."""
    leaders = [group.leader for group in groups]
    statuses = await status.by_id([row.status for row in leaders if row.status is not None], viewer_id)
    everybody = {member.id: member for group in groups for member in group.sample}
    accounts = await account.bytes_of((member.id, member.version) for member in everybody.values())
    subjects = await notification_subjects.of_page([(row.kind, row.subject_id) for row in leaders], viewer_id)
    others = {group.leader.id: group.size - 1 for group in groups}
    fallbacks = await fallbacks_of(leaders, supported, subjects, others)
    shown = [group for group in groups if group.leader.status is None or group.leader.status.id in statuses]
    whole, partial = _split(shown, partial_avatars)
    parts = [
        b'{"accounts":[',
        b",".join(accounts[account_id] for account_id in whole if account_id in accounts),
        _partial_accounts(partial, accounts) if partial_avatars else b"]",
        b',"statuses":[',
        b",".join(statuses.values()),
        b'],"notification_groups":[',
        b",".join(
            _group(group, is_page, fallbacks.get(group.leader.id, UNSET))[:-1]
            + subject_member(group.leader, subjects)
            + b"}"
            for group in shown
        ),
        b"]}",
    ]
    return b"".join(parts)


def _split(groups: Sequence[GroupRow], partial_avatars: bool) -> tuple[list[int], list[int]]:
    """Which accounts are shown whole, and which in part: with partial avatars, all but the newest of each group."""
    samples: list[list[AccountRow]] = [group.sample for group in groups]
    if not partial_avatars:
        return list(dict.fromkeys(member.id for sample in samples for member in sample)), []
    whole = list(dict.fromkeys(sample[0].id for sample in samples))
    rest = dict.fromkeys(member.id for sample in samples for member in sample[1:])
    return whole, [account_id for account_id in rest if account_id not in whole]


def _partial_accounts(account_ids: Sequence[int], accounts: Mapping[int, bytes]) -> bytes:
    partial = []
    for account_id in account_ids:
        if account_id in accounts:
            whole = orjson.loads(accounts[account_id])
            partial.append(PartialAccount(**{name: whole[name] for name in PartialAccount.__struct_fields__}))
    return b'],"partial_accounts":' + encode(partial)


def _group(group: GroupRow, is_page: bool, fallback: Fallback | UnsetType) -> bytes:
    leader = group.leader
    return encode(
        NotificationGroup(
            group_key=group.key,
            notifications_count=group.size,
            type=leader.kind,
            most_recent_notification_id=group.newest_id,
            page_min_id=str(group.page_min_id) if is_page else UNSET,
            page_max_id=str(group.newest_id) if is_page else UNSET,
            latest_page_notification_at=iso(group.newest_at) if is_page else UNSET,
            fallback=fallback,
            sample_account_ids=[str(member.id) for member in group.sample],
            status_id=str(leader.status.id) if leader.status is not None else UNSET,
        )
    )
