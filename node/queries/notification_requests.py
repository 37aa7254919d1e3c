"""Accounts that ask to be heard, with the newest of what they wrote: one statement for a page."""

from __future__ import annotations

from typing import NamedTuple

from node import db
from node.queries.accounts import AccountRow
from node.queries.conditions import Condition, not_blocked, visible_to
from node.queries.statuses import POST_JOINS, Page, StatusRow, columns

MOST_COUNTED = 100

_HELD = (
    "FROM notifications n WHERE n.account_id = r.account_id AND n.from_account_id = r.from_account_id"
    " AND n.filtered = TRUE AND n.kind IN ('mention', 'quote')"
)
_COUNT = f"(SELECT COUNT(*) FROM (SELECT 1 {_HELD} LIMIT {MOST_COUNTED}) held)"
_SOURCE = "notification_requests r JOIN accounts fa ON fa.id = r.from_account_id"
_OPTIONAL_JOINS = POST_JOINS.replace(" JOIN accounts a ", " LEFT JOIN accounts a ", 1)


class RequestRow(NamedTuple):
    """Moments in milliseconds; `waiting` counts the filtered mentions, up to `MOST_COUNTED`."""

    id: int
    created_at: int
    updated_at: int
    waiting: int
    account: AccountRow
    status: StatusRow | None


class Summary(NamedTuple):
    """How many requests wait, and how many notifications in them."""

    requests: int
    notifications: int


async def page_of_requests(viewer_id: int, page: Page) -> list[RequestRow]:
    """A page of the requests to the viewer, newest first."""
    bounds, values = page.condition("r.id")
    rows = await _read(viewer_id, Condition(f"TRUE{bounds}", tuple(values)), page.order("r.id"))
    return rows[::-1] if page.upwards else rows


async def one(viewer_id: int, request_id: int) -> RequestRow | None:
    """One of the requests to the viewer."""
    rows = await _read(viewer_id, Condition("r.id = ?", (request_id,)), "")
    return rows[0] if rows else None


async def summary(viewer_id: int) -> Summary:
    """How much waits for the viewer, in the newest `MOST_COUNTED` requests."""
    waiting = _waiting(viewer_id)
    row = await db.fetch_one(
        f"SELECT COUNT(*), COALESCE(SUM(counted.held), 0) FROM (SELECT {_COUNT} AS held FROM {_SOURCE}"
        f" WHERE {waiting.sql} ORDER BY r.id DESC LIMIT ?) counted",
        (*waiting.parameters, MOST_COUNTED),
    )
    assert row is not None
    return Summary(int(row[0]), int(row[1]))


def _waiting(viewer_id: int) -> Condition:
    """That a request is to the viewer, and there is something in it."""
    return (
        Condition(f"r.account_id = ? AND fa.suspended_at IS NULL AND EXISTS (SELECT 1 {_HELD})", (viewer_id,))
    ) & not_blocked(viewer_id, "r.from_account_id")


async def _read(viewer_id: int, where: Condition, order: str) -> list[RequestRow]:
    """The post is left out, and its request is not, when the viewer may not see it (any more)."""
    post, waiting, seen = columns(viewer_id), _waiting(viewer_id), visible_to(viewer_id)
    rows = await db.fetch_all(
        f"SELECT r.id, r.created_at, r.updated_at, {_COUNT}, fa.id, fa.version, {post.sql} FROM {_SOURCE}"
        f" LEFT JOIN posts p ON p.id = r.last_post_id AND {seen.sql}{_OPTIONAL_JOINS}"
        f" WHERE {waiting.sql} AND {where.sql}{order}",
        (*post.parameters, *seen.parameters, *waiting.parameters, *where.parameters),
    )
    return [_row(tuple(row)) for row in rows]


def _row(row: tuple[object, ...]) -> RequestRow:
    status = StatusRow._make(row[6:]) if row[7] is not None else None
    return RequestRow._make((*row[:4], AccountRow._make((row[4], row[4], row[5])), status))
