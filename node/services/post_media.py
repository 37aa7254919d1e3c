"""The pictures of a post: given to it, put in another order, described anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node import db
from node.errors import Invalid
from node.models.media import READY
from node.models.posts import Post
from node.runtime import runtime
from node.services import hidden_files, media
from node.services.received_media import MAX_DESCRIPTION
from node.text import clean

NOT_READY = "Cannot attach files that have not finished processing. Try again in a moment!"


def check_count(media_ids: Sequence[int]) -> None:
    """Raises `Invalid` (media_ids) for too many pictures, or one named twice."""
    limit = runtime().settings.media.max_attachments
    if len(media_ids) > limit:
        said = f"Cannot attach more than {limit} files"
        raise Invalid("media_ids", said, code="ERR_TOO_MANY", sentence=said)
    if len(set(media_ids)) != len(media_ids):
        raise Invalid("media_ids", "can't name a file twice")


async def check_free(account_id: int, media_ids: Sequence[int], post_id: int | None = None) -> None:
    """Raises `Invalid` (media_ids) unless all are the account's, ready, and in no post but this, nor a scheduled one."""
    if not media_ids:
        return
    rows = await db.fetch_all(
        f"SELECT id, state FROM media_files WHERE id IN ({db.marks(media_ids)}) AND account_id = ?"
        " AND scheduled_post_id IS NULL AND (post_id IS NULL OR post_id = ?)",
        (*media_ids, account_id, post_id),
    )
    refuse_missing(media_ids, [int(row[0]) for row in rows])
    if any(row[1] != READY for row in rows):
        raise Invalid("media_ids", NOT_READY, sentence=NOT_READY)


def refuse_missing(media_ids: Sequence[int], found: Sequence[int]) -> None:
    """Raises `Invalid` (media_ids) naming those that were not found."""
    missing = ", ".join(str(number) for number in media_ids if number not in found)
    if missing:
        said = f"Media {missing} not found or already attached to another post"
        raise Invalid("media_ids", said, code="ERR_NOT_FOUND", sentence=said)


async def attach(post: Post, media_ids: Sequence[int]) -> None:
    """Give the author's uploads to the post, in order. Raises `Invalid` as `check_free` does."""
    if not media_ids:
        return
    positions = " ".join(f"WHEN ? THEN {position}" for position in range(len(media_ids)))
    taken = await db.execute(
        f"UPDATE media_files SET post_id = ?, draft_id = NULL, position = CASE id {positions} ELSE 0 END"
        f" WHERE id IN ({db.marks(media_ids)}) AND account_id = ? AND state = ? AND scheduled_post_id IS NULL"
        " AND (post_id IS NULL OR post_id = ?)",
        (post.id, *media_ids, *media_ids, post.account_id, READY, post.id),
    )
    if taken != len(media_ids):
        await check_free(post.account_id, media_ids, post.id)
        refuse_missing(media_ids, ())
    await hidden_files.show_again_soon(post)


async def of_post(post: Post) -> tuple[int, ...]:
    """The pictures of a post, in order."""
    rows = await db.fetch_all("SELECT id FROM media_files WHERE post_id = ? ORDER BY position", (post.id,))
    return tuple(int(row[0]) for row in rows)


async def replace(post: Post, media_ids: Sequence[int]) -> None:
    """Give the post exactly these, in this order; what it had besides is free again, nobody's but its owner's, and
    nobody is tagged in it any more."""
    await hidden_files.arrange_post_soon(post)
    await media.wait_anew("post_id", post.id)
    await db.execute("UPDATE media_files SET post_id = NULL WHERE post_id = ?", (post.id,))
    await attach(post, media_ids)
    await db.execute(
        "DELETE FROM people_in_pictures WHERE post_id = ? AND state <> 'removed'"
        " AND media_id NOT IN (SELECT id FROM media_files WHERE post_id = ?)",
        (post.id, post.id),
    )


async def describe(post: Post, descriptions: Mapping[int, str]) -> None:
    """Give pictures of the post new alt texts."""
    for media_id, description in descriptions.items():
        await db.execute(
            "UPDATE media_files SET description = ? WHERE id = ? AND post_id = ?",
            (clean(description)[:MAX_DESCRIPTION], media_id, post.id),
        )
