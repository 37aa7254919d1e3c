"""Folders for saved posts: made, named, filled by their owner, whom alone they concern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import db
from node.errors import BASE, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.bookmark_folders import BookmarkFolder
from node.services import bookmarks
from node.text import clean_line

MAX_FOLDERS: Final = 200
MAX_NAME: Final = 100


async def create(owner: Account, name: str) -> BookmarkFolder:
    """Make a folder. Raises `Invalid` (name, base when there are too many)."""
    name = _checked(name)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (owner.id,))
        if await BookmarkFolder.filter(account_id=owner.id).count() >= MAX_FOLDERS:
            raise Invalid(BASE, f"You cannot have more than {MAX_FOLDERS} folders", code="ERR_TOO_MANY")
        return await BookmarkFolder.create(account_id=owner.id, name=name)


async def rename(owner: Account, folder_id: int, name: str) -> None:
    """Name a folder anew. Raises `Invalid`, `NotFound`."""
    if not await BookmarkFolder.filter(id=folder_id, account_id=owner.id).update(name=_checked(name)):
        raise NotFound


async def delete(owner: Account, folder_id: int) -> None:
    """Remove a folder; what was in it stays saved. Raises `NotFound`."""
    await _own(owner, folder_id)
    await db.execute("DELETE FROM bookmark_folders WHERE id = ?", (folder_id,))


async def put_in(owner: Account, folder_id: int, post_ids: Sequence[int]) -> None:
    """Put posts into a folder, saving those that are not saved yet; twice is once.

    Raises `NotFound`, and changes nothing, when the folder is not the owner's or a post is hidden from them.
    """
    async with db.transaction():
        await _own(owner, folder_id)
        for post_id in dict.fromkeys(post_ids):
            post = await bookmarks.keep(owner, post_id)
            await db.execute(
                "INSERT INTO filed_bookmarks (id, folder_id, bookmark_id) SELECT ?, ?, kept.id FROM bookmarks kept"
                " WHERE kept.account_id = ? AND kept.post_id = ? ON CONFLICT DO NOTHING",
                (new_id(), folder_id, owner.id, post.id),
            )


async def take_out(owner: Account, folder_id: int, post_ids: Sequence[int]) -> None:
    """Take posts out of a folder; they stay saved. Raises `NotFound`."""
    await _own(owner, folder_id)
    if post_ids:
        await db.execute(
            "DELETE FROM filed_bookmarks WHERE folder_id = ? AND bookmark_id IN (SELECT kept.id FROM bookmarks kept"
            f" WHERE kept.account_id = ? AND kept.post_id IN ({db.marks(post_ids)}))",
            (folder_id, owner.id, *post_ids),
        )


async def _own(owner: Account, folder_id: int) -> None:
    if not await BookmarkFolder.exists(id=folder_id, account_id=owner.id):
        raise NotFound


def _checked(name: str) -> str:
    name = clean_line(name)
    if not name:
        raise Invalid("name", "can't be blank", code="ERR_BLANK")
    if len(name) > MAX_NAME:
        raise Invalid("name", f"is too long (maximum is {MAX_NAME} characters)", code="ERR_TOO_LONG")
    return name
