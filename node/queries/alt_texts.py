"""Pictures that say nothing to those who do not see them, and the posts they are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import db
from node.queries.conditions import Condition
from node.queries.statuses import Page, StatusRow, page_of

_IS_MISSING: Final = "m.description = '' AND m.kind <> 'audio'"
"""Of a file `m`: there is something to see in it, and no word of what."""


async def missing(account_id: int, media_ids: Sequence[int]) -> list[int]:
    """Those of these files of the account that lack an alt text, in the order given."""
    if not media_ids:
        return []
    rows = await db.fetch_all(
        f"SELECT m.id FROM media_files m WHERE m.id IN ({db.marks(media_ids)}) AND m.account_id = ? AND {_IS_MISSING}",
        (*media_ids, account_id),
    )
    found = {int(row[0]) for row in rows}
    return [media_id for media_id in media_ids if media_id in found]


async def posts_without(account_id: int, page: Page) -> list[StatusRow]:
    """The newest of an account's own posts with a picture that lacks one."""
    where = Condition(
        "p.account_id = ? AND p.has_media = TRUE AND p.shared_post_id IS NULL"
        f" AND EXISTS (SELECT 1 FROM media_files m WHERE m.post_id = p.id AND {_IS_MISSING})",
        (account_id,),
    )
    return await page_of(account_id, "posts p", where, page)
