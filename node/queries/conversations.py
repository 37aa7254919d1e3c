"""Conversations: one statement for a page, the newest posts included."""

from __future__ import annotations

from typing import NamedTuple

from node import db
from node.queries.conditions import Condition, visible_to
from node.queries.statuses import POST_JOINS, Page, StatusRow, columns

MAX_SHOWN: int = 40
"""Participants that are shown of one conversation."""


class ConversationRow(NamedTuple):
    """A conversation; `last` is its newest post, if the viewer may see it still."""

    id: int
    cursor: int
    unread: bool
    participants: list[int]
    last: StatusRow | None


_OPTIONAL_JOINS = POST_JOINS.replace(" JOIN accounts a ", " LEFT JOIN accounts a ", 1)


async def page_of_conversations(viewer_id: int, page: Page) -> list[ConversationRow]:
    """The viewer's conversations, newest post first, by which they are paged."""
    bounds, values = page.condition("c.last_post_id")
    rows = await _read(viewer_id, Condition(bounds, tuple(values)), page.order("c.last_post_id"))
    return rows[::-1] if page.upwards else rows


async def one(viewer_id: int, conversation_id: int) -> ConversationRow | None:
    """One of the viewer's own conversations."""
    rows = await _read(viewer_id, Condition(" AND c.id = ?", (conversation_id,)), "")
    return rows[0] if rows else None


async def _read(viewer_id: int, where: Condition, order: str) -> list[ConversationRow]:
    shown, seen = columns(viewer_id), visible_to(viewer_id)
    rows = await db.fetch_all(
        f"SELECT c.id, c.last_post_id, c.unread, c.participants, {shown.sql} FROM conversations c"
        f" LEFT JOIN posts p ON p.id = c.last_post_id AND {seen.sql}{_OPTIONAL_JOINS}"
        f" WHERE c.account_id = ?{where.sql}{order}",
        (*shown.parameters, *seen.parameters, viewer_id, *where.parameters),
    )
    return [_row(tuple(row)) for row in rows]


def _row(row: tuple[object, ...]) -> ConversationRow:
    numbers = [int(number) for number in str(row[3]).split(",") if number][:MAX_SHOWN]
    last = StatusRow._make(row[4:]) if row[5] is not None else None
    return ConversationRow(row[0], row[1], bool(row[2]), numbers, last)  # type: ignore[arg-type]
