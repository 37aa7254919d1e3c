"""Posts that somebody has begun to write, kept for their author with the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from node import clock, db
from node.errors import Invalid, NotFound
from node.models.accounts import Account
from node.models.drafts import SavedDraft
from node.services import media, post_media, posts

LIMIT: Final = 300
MAX_BYTES: Final = 256 * 1024
"""Of a draft written down. What is wrong with it otherwise is said when it is published."""


def content(parameters: Mapping[str, Any]) -> posts.Draft:
    """A draft from the plain values it is kept as."""
    return msgspec.convert(parameters, posts.Draft)


async def save(author: Account, draft: posts.Draft, scheduled_at: datetime | None = None) -> SavedDraft:
    """Keep a new draft and its pictures. Raises `Invalid` (media_ids, base), also when there are too many drafts."""
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (author.id,))
        if await SavedDraft.filter(account_id=author.id).count() >= LIMIT:
            said = f"You have exceeded the limit of {LIMIT} drafts"
            raise Invalid("base", said, code="ERR_TOO_MANY", sentence=f"Validation failed: {said}")
        _check(draft)
        saved = await keep(author.id, draft, scheduled_at)
        await _hold(saved, draft.media_ids)
    return saved


async def keep(account_id: int, draft: posts.Draft, scheduled_at: datetime | None = None) -> SavedDraft:
    """Write a draft down as it is, in the caller's transaction."""
    return await SavedDraft.create(
        account_id=account_id, parameters=msgspec.to_builtins(draft), scheduled_at=scheduled_at
    )


async def change(author: Account, draft_id: int, draft: posts.Draft, scheduled_at: datetime | None) -> SavedDraft:
    """Put a draft in the place of another. Raises `NotFound`, `Invalid` as `save` does."""
    _check(draft)
    async with db.transaction():
        saved = await locked(author, draft_id)
        saved.parameters, saved.scheduled_at = msgspec.to_builtins(draft), scheduled_at
        saved.updated_at = clock.now()
        await saved.save()
        await media.wait_anew("draft_id", saved.id)
        await db.execute("UPDATE media_files SET draft_id = NULL WHERE draft_id = ?", (saved.id,))
        await _hold(saved, draft.media_ids)
    return saved


async def own(account: Account, draft_id: int) -> SavedDraft:
    """One of the account's own drafts. Raises `NotFound`."""
    saved = await SavedDraft.get_or_none(id=draft_id, account_id=account.id)
    if saved is None:
        raise NotFound
    return saved


async def text_of(account: Account, draft_id: int) -> str:
    """What is written in one of the account's drafts, nothing if there is no such draft."""
    saved = await SavedDraft.get_or_none(id=draft_id, account_id=account.id)
    return content(saved.parameters).text if saved is not None else ""


async def locked(account: Account, draft_id: int) -> SavedDraft:
    """`own`, the row locked until the transaction ends."""
    await db.fetch_one(f"SELECT id FROM drafts WHERE id = ?{db.for_update()}", (draft_id,))
    return await own(account, draft_id)


async def remove(account: Account, draft_id: int) -> None:
    """Throw a draft away; its pictures are free again. Raises `NotFound`."""
    async with db.transaction():
        saved = await locked(account, draft_id)
        await media.wait_anew("draft_id", saved.id)
        await saved.delete()


def _check(draft: posts.Draft) -> None:
    if len(msgspec.json.encode(draft)) > MAX_BYTES:
        raise Invalid("base", "Draft is too long", code="ERR_TOO_LONG", sentence="Validation failed: Draft is too long")
    post_media.check_count(draft.media_ids)


async def _hold(saved: SavedDraft, media_ids: Sequence[int]) -> None:
    """Keep the author's pictures, ready or not, for this draft. Raises `Invalid` for one that is not free."""
    if not media_ids:
        return
    rows = await db.fetch_all(
        f"UPDATE media_files SET draft_id = ? WHERE id IN ({db.marks(media_ids)}) AND account_id = ?"
        " AND post_id IS NULL AND scheduled_post_id IS NULL AND draft_id IS NULL RETURNING id",
        (saved.id, *media_ids, saved.account_id),
    )
    post_media.refuse_missing(media_ids, [int(row[0]) for row in rows])
