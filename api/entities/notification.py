"""Mastodon's Notification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from api.entities import account, notification_fallback, notification_subjects, status
from api.entities.account_warning import AccountWarning
from api.entities.encoding import encode, iso
from api.entities.notification_fallback import NAMING_THE_SENDER, Fallback
from api.entities.notification_subjects import MEMBERS, Subject
from api.entities.severance import RelationshipSeveranceEvent
from node.queries.notifications import ALONE, NotificationRow


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person is told. What it is about is in `status`, or in the member that its `type` calls for."""

    id: str
    type: str
    created_at: str
    group_key: str
    filtered: bool | UnsetType = UNSET
    fallback: Fallback | UnsetType = UNSET
    account: account.Account
    status: status.Status | UnsetType = UNSET
    report: dict[str, Any] | UnsetType | None = UNSET
    event: RelationshipSeveranceEvent | UnsetType | None = UNSET
    moderation_warning: AccountWarning | UnsetType | None = UNSET
    collection: dict[str, Any] | UnsetType | None = UNSET


async def page(rows: Sequence[NotificationRow], viewer_id: int, supported: list[str] | None = None) -> list[bytes]:
    """The notifications of a page, in its order; a fixed number of statements, whatever its size.

    `supported` are the kinds the app knows; those it may not know get a `fallback`.
    """
    shown = await status.by_id([row.status for row in rows if row.status is not None], viewer_id)
    accounts = await account.bytes_of((row.account.id, row.account.version) for row in rows)
    subjects = await notification_subjects.of_page([(row.kind, row.subject_id) for row in rows], viewer_id)
    fallbacks = await fallbacks_of(rows, supported, subjects)
    return [
        _joined(
            row,
            accounts[row.account.id],
            shown[row.status.id] if row.status is not None else None,
            fallbacks.get(row.id),
            subject_member(row, subjects),
        )
        for row in rows
        if row.account.id in accounts and (row.status is None or row.status.id in shown)
    ]


def _joined(
    row: NotificationRow, sender: bytes, post: bytes | None, fallback: Fallback | None, subject: bytes
) -> bytes:
    """A `Notification` of parts that are JSON already; kinds and keys of groups are words of ours."""
    key = row.group_key or f"{ALONE}{row.id}"
    parts = [
        f'{{"id":"{row.id}","type":"{row.kind}","created_at":"{iso(row.created_at)}","group_key":"{key}"'.encode(),
        b',"filtered":true' if row.filtered else b"",
        b',"fallback":%b' % encode(fallback) if fallback is not None else b"",
        b',"account":',
        sender,
        b',"status":%b' % post if post is not None else b"",
        subject,
        b"}",
    ]
    return b"".join(parts)


def subject_member(row: NotificationRow, subjects: Mapping[tuple[str, int], Subject]) -> bytes:
    """`,"report":{…}` for a notification that is about something else than a post; `null` for what is gone."""
    member = MEMBERS.get(row.kind)
    if member is None:
        return b""
    subject = subjects.get((row.kind, row.subject_id or 0))
    return b',"%b":%b' % (member.encode(), subject.body if subject is not None else b"null")


async def fallbacks_of(
    rows: Sequence[NotificationRow],
    supported: list[str] | None,
    subjects: Mapping[tuple[str, int], Subject],
    others: Mapping[int, int] | None = None,
) -> dict[int, Fallback]:
    """By id, the fallbacks of those the app may not know; `others` is how many more accounts are in their group."""
    unknown = [row for row in rows if notification_fallback.is_needed(row.kind, supported)]
    senders = await notification_fallback.sender_links(
        row.account.id for row in unknown if row.kind in NAMING_THE_SENDER
    )
    found = {}
    for row in unknown:
        subject = subjects.get((row.kind, row.subject_id or 0))
        if subject is None and row.kind in ("severed_relationships", "admin.report"):
            continue
        found[row.id] = notification_fallback.render(
            row.kind,
            senders.get(row.account.id, ""),
            (others or {}).get(row.id, 0),
            subject.name if subject is not None else "",
        )
    return found
