"""Mastodon's NotificationRequest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import account, status
from api.entities.encoding import encode, iso
from node.queries.notification_requests import RequestRow


class NotificationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose mentions were filtered asks to be heard; `notifications_count` is a number in text."""

    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: account.Account
    last_status: status.Status | None


class _Ready(msgspec.Struct, frozen=True, kw_only=True):
    """`NotificationRequest`, whose account and status are JSON already."""

    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: msgspec.Raw
    last_status: msgspec.Raw | None


async def page(rows: Sequence[RequestRow], viewer_id: int) -> list[bytes]:
    """The requests of a page, in its order; a fixed number of statements, whatever its size."""
    statuses = await status.by_id([row.status for row in rows if row.status is not None], viewer_id)
    accounts = await account.bytes_of((row.account.id, row.account.version) for row in rows)
    return [
        encode(
            _Ready(
                id=str(row.id),
                created_at=iso(row.created_at),
                updated_at=iso(row.updated_at),
                notifications_count=str(row.waiting),
                account=msgspec.Raw(accounts[row.account.id]),
                last_status=msgspec.Raw(statuses[row.status.id])
                if row.status is not None and row.status.id in statuses
                else None,
            )
        )
        for row in rows
        if row.account.id in accounts
    ]
