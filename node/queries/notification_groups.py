"""Notifications that came close together, shown as one: two statements for a page, whatever its size.

A group stands on a page where its leader stands: its newest notification below the upper bound, or, when a page is read
upwards, its oldest above the lower bound. The page after may show the same group again, from its older part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from node import db
from node.queries import notifications
from node.queries.accounts import AccountRow
from node.queries.conditions import EVERYTHING, Condition
from node.queries.notifications import ALONE, NotificationRow, heard_of

SAMPLE: Final = 8
"""How many accounts of a group are shown."""


class Page(Protocol):
    """A slice of a keyset-paged list (`api.pagination.Page`)."""

    @property
    def limit(self) -> int: ...

    @property
    def max_id(self) -> int | None: ...

    @property
    def since_id(self) -> int | None: ...

    @property
    def upwards(self) -> bool: ...

    def condition(self, column: str) -> tuple[str, list[int]]: ...

    def order(self, column: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which notifications are grouped: those of `kinds`; with `from_account_id`, only that account's are looked at."""

    kinds: tuple[str, ...]
    from_account_id: int | None = None

    def covers(self, row: NotificationRow) -> bool:
        """Whether a notification is shown with its group."""
        return row.group_key is not None and row.kind in self.kinds


class GroupRow(NamedTuple):
    """A group: its `leader`, its size up to the end of the page, and the newest accounts.

    `newest_*` are of the newest notification in it, `page_min_id` of the oldest on this page; moments in milliseconds.
    """

    key: str
    leader: NotificationRow
    size: int
    newest_id: int
    newest_at: int
    page_min_id: int
    sample: list[AccountRow]


class _Range(NamedTuple):
    """The ids a page stands for; 0 or `None` where it is open."""

    first: int
    last: int | None


async def page_of_groups(viewer_id: int, page: Page, wanted: Condition, grouping: Grouping) -> list[GroupRow]:
    """A page of the viewer's groups, newest leader first, restricted by `wanted` (of a notification `n`)."""
    leading = _is_leader(viewer_id, grouping, upwards=page.upwards, page=page)
    leaders = await notifications.page_of_notifications(viewer_id, page, wanted & leading)
    return await _with_members(viewer_id, leaders, grouping, _range(leaders, page))


async def one_group(viewer_id: int, group_key: str, grouping: Grouping) -> GroupRow | None:
    """One of the viewer's groups, or the notification that stands alone under this key."""
    newest = await notifications.newest_of_group(viewer_id, group_key)
    groups = await _with_members(viewer_id, [newest], grouping, _Range(0, None)) if newest is not None else []
    return groups[0] if groups else None


async def count_after(viewer_id: int, last_read_id: int, limit: int, wanted: Condition, grouping: Grouping) -> int:
    """How many groups have something newer than `last_read_id`, counted up to `limit`."""
    leading = _is_leader(viewer_id, grouping, upwards=True, above=last_read_id)
    return await notifications.count_after(viewer_id, last_read_id, limit, wanted & leading)


async def accounts_of_group(viewer_id: int, group_key: str, page: Page) -> list[AccountRow]:
    """Whom the notifications of a group came from, newest first; `cursor` is the notification's id."""
    where = notifications.in_group(group_key) & heard_of(viewer_id, "n", "fa")
    bounds, values = page.condition("n.id")
    rows = await db.fetch_all(
        "SELECT n.id, fa.id, fa.version FROM notifications n JOIN accounts fa ON fa.id = n.from_account_id"
        f" WHERE n.account_id = ? AND {where.sql}{bounds}{page.order('n.id')}",
        (viewer_id, *where.parameters, *values),
    )
    found = [AccountRow._make(row) for row in rows]
    return found[::-1] if page.upwards else found


def _is_leader(
    viewer_id: int, grouping: Grouping, *, upwards: bool, page: Page | None = None, above: int | None = None
) -> Condition:
    """That no other notification `o` of the same group stands before this one on the page."""
    if not grouping.kinds:
        return EVERYTHING
    nearer = Condition("o.id < n.id" if upwards else "o.id > n.id")
    if page is not None:
        bounds, values = page.condition("o.id")
        nearer = Condition(f"{nearer.sql}{bounds}", tuple(values))
    if above is not None:
        nearer = nearer & Condition("o.id > ?", (above,))
    if grouping.from_account_id is not None:
        nearer = nearer & Condition("o.from_account_id = ?", (grouping.from_account_id,))
    heard = heard_of(viewer_id, "o", "oa")
    return Condition(
        f"(n.group_key IS NULL OR n.kind NOT IN ({db.marks(grouping.kinds)}) OR NOT EXISTS (SELECT 1"
        " FROM notifications o JOIN accounts oa ON oa.id = o.from_account_id WHERE o.account_id = n.account_id"
        f" AND o.group_key = n.group_key AND {nearer.sql} AND {heard.sql}))",
        (*grouping.kinds, *nearer.parameters, *heard.parameters),
    )


def _range(leaders: Sequence[NotificationRow], page: Page) -> _Range:
    """From the oldest to the newest leader; a page that is not full reaches to the end of what was asked for."""
    if not leaders:
        return _Range(0, None)
    newest, oldest = leaders[0].id, leaders[-1].id
    if len(leaders) >= page.limit:
        return _Range(oldest, newest)
    if page.upwards:
        return _Range(oldest, page.max_id - 1 if page.max_id is not None else None)
    return _Range(page.since_id + 1 if page.since_id is not None else 0, newest)


async def _with_members(
    viewer_id: int, leaders: Sequence[NotificationRow], grouping: Grouping, bounds: _Range
) -> list[GroupRow]:
    keys = [row.group_key for row in leaders if row.group_key is not None and grouping.covers(row)]
    members = await _members(viewer_id, keys, bounds) if keys else {}
    groups = []
    for row in leaders:
        if not grouping.covers(row):
            key = f"{ALONE}{row.id}"
            groups.append(GroupRow(key, row, 1, row.id, row.created_at, row.id, [row.account]))
            continue
        key = str(row.group_key)
        rows = members.get(key)
        if rows is None:
            continue
        newest = rows[0]
        sample = [AccountRow(int(member[3]), int(member[3]), int(member[4])) for member in rows]
        groups.append(GroupRow(key, row, int(newest[5]), int(newest[1]), int(newest[2]), int(newest[6]), sample))
    return groups


async def _members(viewer_id: int, keys: Sequence[str], bounds: _Range) -> dict[str, list[db.Row]]:
    """The newest notifications of each group, with how many there are and the oldest on the page."""
    heard = heard_of(viewer_id, "n", "fa")
    upper = Condition("n.id <= ?", (bounds.last,)) if bounds.last is not None else EVERYTHING
    rows = await db.fetch_all(
        "SELECT g.group_key, g.id, g.created_at, g.from_account_id, g.version, g.total, g.page_min_id FROM (SELECT"
        " n.group_key, n.id, n.created_at, n.from_account_id, fa.version,"
        " ROW_NUMBER() OVER (PARTITION BY n.group_key ORDER BY n.id DESC) AS place,"
        " COUNT(*) OVER (PARTITION BY n.group_key) AS total,"
        " MIN(CASE WHEN n.id >= ? THEN n.id END) OVER (PARTITION BY n.group_key) AS page_min_id"
        " FROM notifications n JOIN accounts fa ON fa.id = n.from_account_id"
        f" WHERE n.account_id = ? AND n.group_key IN ({db.marks(keys)}) AND {upper.sql} AND {heard.sql}) g"
        " WHERE g.place <= ? ORDER BY g.id DESC",
        (bounds.first, viewer_id, *keys, *upper.parameters, *heard.parameters, SAMPLE),
    )
    members: dict[str, list[db.Row]] = {}
    for row in rows:
        members.setdefault(str(row[0]), []).append(row)
    return members
