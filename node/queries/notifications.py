"""What a person is told about: one statement for a page, posts and accounts included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node import db
from node.queries.accounts import AccountRow
from node.queries.conditions import Condition, not_blocked, not_domain_blocked, not_muted, visible_to
from node.queries.statuses import OPTIONAL_POST_JOINS, Page, StatusRow, columns


class NotificationRow(NamedTuple):
    """`created_at` in milliseconds; `status` is the post it is about, if it is about one."""

    id: int
    kind: str
    created_at: int
    account: AccountRow
    status: StatusRow | None


async def page_of_notifications(viewer_id: int, page: Page, wanted: Condition) -> list[NotificationRow]:
    """A page of the viewer's notifications, newest first, restricted by `wanted` (of a notification `n`)."""
    bounds, values = page.condition("n.id")
    return await _read(
        viewer_id,
        Condition(f"{wanted.sql}{bounds}", (*wanted.parameters, *values)),
        page.order("n.id"),
        upwards=page.upwards,
    )


async def one(viewer_id: int, notification_id: int) -> NotificationRow | None:
    """One of the viewer's own notifications."""
    rows = await _read(viewer_id, Condition("n.id = ?", (notification_id,)), "", upwards=False)
    return rows[0] if rows else None


async def count_unread(viewer_id: int, last_read_id: int, limit: int, wanted: Condition) -> int:
    """How many of the notifications a page would show came after `last_read_id`, counted up to `limit`."""
    rows = await _read(
        viewer_id, wanted & Condition("n.id > ?", (last_read_id,)), f" ORDER BY n.id DESC LIMIT {limit}", upwards=False
    )
    return len(rows)


def of_kinds(kinds: Sequence[str], *, wanted: bool) -> Condition:
    """That a notification is, or is not, of one of these kinds."""
    return Condition(f"n.kind {'' if wanted else 'NOT '}IN ({db.marks(kinds)})", tuple(kinds))


async def _read(viewer_id: int, where: Condition, order: str, *, upwards: bool) -> list[NotificationRow]:
    shown, seen = columns(viewer_id), visible_to(viewer_id)
    muted = not_muted(viewer_id, "n.from_account_id", notifications=True) & not_domain_blocked(viewer_id, "fa.domain")
    unblocked = not_blocked(viewer_id, "n.from_account_id")
    rows = await db.fetch_all(
        f"SELECT n.id, n.kind, n.created_at, fa.id, fa.version, {shown.sql} FROM notifications n"
        " JOIN accounts fa ON fa.id = n.from_account_id LEFT JOIN posts p ON p.id = n.post_id"
        f"{OPTIONAL_POST_JOINS} WHERE n.account_id = ? AND {where.sql} AND fa.suspended_at IS NULL"
        f" AND {muted.sql} AND {unblocked.sql} AND (n.post_id IS NULL OR {seen.sql}){order}",
        (
            *shown.parameters,
            viewer_id,
            *where.parameters,
            *muted.parameters,
            *unblocked.parameters,
            *seen.parameters,
        ),
    )
    found = [_row(tuple(row)) for row in rows]
    return found[::-1] if upwards else found


def _row(row: tuple[object, ...]) -> NotificationRow:
    status = StatusRow._make(row[5:]) if row[6] is not None else None
    account = AccountRow(row[3], row[3], row[4])  # type: ignore[arg-type]
    return NotificationRow(row[0], row[1], row[2], account, status)  # type: ignore[arg-type]
