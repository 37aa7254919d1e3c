"""Mastodon's Notification."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import account, status
from api.entities.encoding import encode, iso
from node.queries.notifications import NotificationRow


class Notification(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a person is told. `account` and `status` are ready JSON of those entities."""

    id: str
    type: str
    created_at: str
    group_key: str
    account: msgspec.Raw
    status: msgspec.Raw | None = None


async def page(rows: Sequence[NotificationRow], viewer_id: int) -> list[bytes]:
    """The notifications of a page, in its order."""
    posts = [row.status for row in rows if row.status is not None]
    shown = await status.by_id(posts, viewer_id)
    accounts = await account.bytes_of((row.account.id, row.account.version) for row in rows)
    return [
        encode(
            Notification(
                str(row.id),
                row.kind,
                iso(row.created_at),
                f"ungrouped-{row.id}",
                msgspec.Raw(accounts[row.account.id]),
                msgspec.Raw(shown[row.status.id]) if row.status is not None else None,
            )
        )
        for row in rows
        if row.account.id in accounts and (row.status is None or row.status.id in shown)
    ]
