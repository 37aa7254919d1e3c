"""What waits to be published: scheduled posts, drafts, and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from node import db
from node.queries.content import MEDIA, MEDIA_COLUMNS
from node.queries.statuses import Page


async def scheduled_posts(account_id: int, page: Page) -> Sequence[Any]:
    """A page of an account's scheduled posts, newest first: id, scheduled_at and parameters by name."""
    return await _page("id, scheduled_at, parameters FROM scheduled_posts", account_id, page)


async def drafts(account_id: int, page: Page) -> Sequence[Any]:
    """A page of an account's drafts, newest first: id, scheduled_at, parameters, created_at and updated_at by name."""
    return await _page("id, scheduled_at, parameters, created_at, updated_at FROM drafts", account_id, page)


async def _page(what: str, account_id: int, page: Page) -> Sequence[Any]:
    bounds, values = page.condition("id")
    rows = await db.fetch_all(f"SELECT {what} WHERE account_id = ?{bounds}{page.order('id')}", (account_id, *values))
    return list(rows)[::-1] if page.upwards else rows


async def media_of_scheduled_posts(scheduled_ids: Sequence[int]) -> Sequence[Any]:
    """The pictures these wait with, `holder_id` naming the post."""
    return await _media("scheduled_post_id", scheduled_ids)


async def media_of_drafts(draft_ids: Sequence[int]) -> Sequence[Any]:
    """The pictures these wait with, `holder_id` naming the draft."""
    return await _media("draft_id", draft_ids)


async def _media(column: str, ids: Sequence[int]) -> Sequence[Any]:
    if not ids:
        return []
    return await db.fetch_all(
        f"SELECT m.{column} AS holder_id, {MEDIA_COLUMNS} FROM {MEDIA} WHERE m.{column} IN ({db.marks(ids)})", ids
    )
