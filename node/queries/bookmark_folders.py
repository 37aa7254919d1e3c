"""Folders of saved posts as their owner reads them."""

from __future__ import annotations

from typing import NamedTuple

from node import db
from node.queries.conditions import Condition
from node.queries.statuses import Page, StatusRow, page_of


class FolderRow(NamedTuple):
    """A folder; its moment in milliseconds."""

    id: int
    name: str
    posts_count: int
    created_at: int


async def of_account(account_id: int, *, containing: int | None = None) -> list[FolderRow]:
    """All folders of an account in the order they were made; with `containing` those a post is in."""
    kept = ""
    if containing is not None:
        kept = (
            " AND EXISTS (SELECT 1 FROM bookmarks k JOIN filed_bookmarks x ON x.bookmark_id = k.id"
            " WHERE x.folder_id = f.id AND k.account_id = f.account_id AND k.post_id = ?)"
        )
    return await _folders(f"f.account_id = ?{kept}", (account_id,) if containing is None else (account_id, containing))


async def one(account_id: int, folder_id: int) -> FolderRow | None:
    """One of the account's own folders."""
    found = await _folders("f.account_id = ? AND f.id = ?", (account_id, folder_id))
    return found[0] if found else None


async def posts_in(viewer_id: int, folder_id: int, page: Page) -> list[StatusRow]:
    """What is in one of the viewer's own folders, last put in first; the cursor is the entry's."""
    where = Condition("x.folder_id = ? AND kept.account_id = ?", (folder_id, viewer_id))
    source = "filed_bookmarks x JOIN bookmarks kept ON kept.id = x.bookmark_id JOIN posts p ON p.id = kept.post_id"
    return await page_of(viewer_id, source, where, page, "x.id")


async def _folders(where: str, parameters: tuple[int, ...]) -> list[FolderRow]:
    rows = await db.fetch_all(
        "SELECT f.id, f.name, (SELECT COUNT(*) FROM filed_bookmarks x WHERE x.folder_id = f.id), f.created_at"
        f" FROM bookmark_folders f WHERE {where} ORDER BY f.id",
        parameters,
    )
    return [FolderRow._make(row) for row in rows]
