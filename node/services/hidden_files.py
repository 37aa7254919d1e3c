"""Files that everybody could read and nobody may any more: of suspended accounts, of archived and deleted posts, taken out
of a post. They leave the address they had, and are back at it when they are for everybody again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from node import db, jobs
from node.models.accounts import Account
from node.models.posts import Post
from node.queries import content
from node.runtime import runtime
from node.services import front, media

ARRANGE: Final = "arrange_files_of_account"
ARRANGE_SOME: Final = "arrange_files"
_BATCH: Final = 100


async def arrange_soon(account_id: int) -> None:
    """Have the files of a local account hidden if it is suspended and shown as they were if it is not, in the caller's
    transaction."""
    await jobs.enqueue(ARRANGE, {"account_id": account_id}, lane=f"files:{account_id}")


async def arrange_some_soon(account_id: int, media_ids: Sequence[int]) -> None:
    """Have these files of an account hidden or shown, as their posts have it then, in the caller's transaction."""
    if media_ids:
        await jobs.enqueue(ARRANGE_SOME, {"media_ids": list(media_ids)}, lane=f"files:{account_id}")


async def arrange_post_soon(post: Post) -> None:
    """`arrange_some_soon` for what is in a local post now."""
    if post.is_local and post.has_media:
        rows = await db.fetch_all("SELECT id FROM media_files WHERE post_id = ?", (post.id,))
        await arrange_some_soon(post.account_id, [int(row[0]) for row in rows])


async def show_again_soon(post: Post) -> None:
    """Have files shown that were hidden and have come into a post for everybody."""
    rows = await db.fetch_all("SELECT id FROM media_files WHERE post_id = ? AND hidden = TRUE", (post.id,))
    await arrange_some_soon(post.account_id, [int(row[0]) for row in rows])


async def _arrange(payload: dict[str, Any]) -> None:
    """The job; what it did already it may do again."""
    account = await Account.get_or_none(id=payload["account_id"])
    if account is None:
        return
    move = runtime().storage.show if account.suspended_at is None else runtime().storage.hide
    pictures = [key for key in (account.avatar_key, account.header_key) if key is not None]
    for key in pictures:
        await move(key)
    if account.suspended_at is not None:
        await front.forget_soon(pictures)
    last = 0
    while rows := await db.fetch_all(
        "SELECT id, post_id FROM media_files WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?",
        (account.id, last, _BATCH),
    ):
        await _arrange_files([int(row[0]) for row in rows])
        post_ids = sorted({int(row[1]) for row in rows if row[1] is not None})
        if post_ids:
            # What was rendered meanwhile says that they are not for everybody.
            await db.execute(f"UPDATE posts SET version = version + 1 WHERE id IN ({db.marks(post_ids)})", post_ids)
        last = int(rows[-1][0])


async def _arrange_some(payload: dict[str, Any]) -> None:
    await _arrange_files(payload["media_ids"])


async def _arrange_files(media_ids: Sequence[int]) -> None:
    storage = runtime().storage
    for row in await content.media_by_ids(media_ids):
        keys = media.served_keys(row["variants"])
        for key in keys:
            await (storage.show(key) if row["is_open"] else storage.hide(key))
        if not row["is_open"]:
            await front.forget_soon(keys)
        await db.execute(
            "UPDATE media_files SET hidden = ? WHERE id = ? AND hidden <> ?",
            (not row["is_open"], row["id"], not row["is_open"]),
        )


jobs.register(ARRANGE, _arrange)
jobs.register(ARRANGE_SOME, _arrange_some)
