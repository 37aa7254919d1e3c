"""What a person is told about: one statement for a page, posts and accounts included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node import db
from node.queries.accounts import AccountRow
from node.queries.conditions import Condition, not_blocked, not_domain_blocked, not_muted, visible_to
from node.queries.statuses import POST_JOINS, Page, StatusRow, columns

ALONE = "ungrouped-"
"""How the key of a notification begins that is in no group; its id follows."""


class NotificationRow(NamedTuple):
    """`created_at` in milliseconds; `status` is the post it is about, if it is about one."""

    id: int
    kind: str
    created_at: int
    group_key: str | None
    filtered: bool
    subject_id: int | None
    account: AccountRow
    status: StatusRow | None


_OPTIONAL_JOINS = POST_JOINS.replace(" JOIN accounts a ", " LEFT JOIN accounts a ", 1)
_SOURCE = (
    " FROM notifications n JOIN accounts fa ON fa.id = n.from_account_id LEFT JOIN posts p ON p.id = n.post_id"
    f"{_OPTIONAL_JOINS} WHERE "
)


async def page_of_notifications(viewer_id: int, page: Page, wanted: Condition) -> list[NotificationRow]:
    """A page of the viewer's notifications, newest first, restricted by `wanted` (of a notification `n`)."""
    bounds, values = page.condition("n.id")
    where = Condition(f"{wanted.sql}{bounds}", (*wanted.parameters, *values))
    found = await _read(viewer_id, where, page.order("n.id"))
    return found[::-1] if page.upwards else found


async def one(viewer_id: int, notification_id: int) -> NotificationRow | None:
    """One of the viewer's own notifications."""
    rows = await _read(viewer_id, Condition("n.id = ?", (notification_id,)), "")
    return rows[0] if rows else None


async def newest_of_group(viewer_id: int, group_key: str) -> NotificationRow | None:
    """The newest notification of one of the viewer's groups, or the one that stands alone under this key."""
    rows = await _read(viewer_id, in_group(group_key), " ORDER BY n.id DESC LIMIT 1")
    return rows[0] if rows else None


async def count_after(viewer_id: int, last_read_id: int, limit: int, wanted: Condition) -> int:
    """How many of the notifications a page would show came after `last_read_id`, counted up to `limit`."""
    shown = _shown(viewer_id, wanted & Condition("n.id > ?", (last_read_id,)))
    row = await db.fetch_one(
        f"SELECT COUNT(*) FROM (SELECT n.id{_SOURCE}{shown.sql} ORDER BY n.id ASC LIMIT ?) counted",
        (*shown.parameters, limit),
    )
    assert row is not None
    return int(row[0])


def of_kinds(kinds: Sequence[str], *, wanted: bool) -> Condition:
    """That a notification is, or is not, of one of these kinds."""
    return Condition(f"n.kind {'' if wanted else 'NOT '}IN ({db.marks(kinds)})", tuple(kinds))


def in_group(group_key: str, notifications: str = "n") -> Condition:
    """That a notification is in this group, or the one that stands alone under this key."""
    number = group_key.removeprefix(ALONE)
    if number == group_key:
        return Condition(f"{notifications}.group_key = ?", (group_key,))
    is_id = number.isascii() and number.isdigit() and len(number) <= 19
    return Condition(f"{notifications}.id = ?", (min(int(number), 2**63 - 1) if is_id else 0,))


def heard_of(viewer_id: int, notification: str, sender: str) -> Condition:
    """That nothing keeps the viewer from hearing of a notification's sender (an alias of `accounts`)."""
    unmuted = not_muted(viewer_id, f"{notification}.from_account_id", notifications=True)
    unblocked = not_blocked(viewer_id, f"{notification}.from_account_id")
    return (
        Condition(f"{sender}.suspended_at IS NULL")
        & unmuted
        & unblocked
        & not_domain_blocked(viewer_id, f"{sender}.domain")
    )


def _shown(viewer_id: int, where: Condition) -> Condition:
    """The viewer's notifications that are shown at all, and `where`."""
    seen = visible_to(viewer_id)
    return (
        Condition("n.account_id = ?", (viewer_id,))
        & where
        & heard_of(viewer_id, "n", "fa")
        & Condition(f"(n.post_id IS NULL OR {seen.sql})", seen.parameters)
    )


async def _read(viewer_id: int, where: Condition, order: str) -> list[NotificationRow]:
    post, shown = columns(viewer_id), _shown(viewer_id, where)
    rows = await db.fetch_all(
        "SELECT n.id, n.kind, n.created_at, n.group_key, n.filtered, n.subject_id, fa.id, fa.version,"
        f" {post.sql}{_SOURCE}{shown.sql}{order}",
        (*post.parameters, *shown.parameters),
    )
    return [_row(tuple(row)) for row in rows]


def _row(row: tuple[object, ...]) -> NotificationRow:
    status = StatusRow._make(row[8:]) if row[9] is not None else None
    account = AccountRow(row[6], row[6], row[7])  # type: ignore[arg-type]
    return NotificationRow._make((*row[:6], account, status))
