"""Albums: made, changed, filled and put in order by their owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from node import clock, db
from node.errors import BASE, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.albums import DRAFT, VISIBILITIES, Album, AlbumPost
from node.models.posts import Post
from node.services import post_rows
from node.text import clean, clean_line

MAX_TITLE: Final = 50
MAX_DESCRIPTION: Final = 500
MAX_POSTS: Final = 100
MAX_ALBUMS: Final = 500
MAX_ALBUMS_AT_PUBLISHING: Final = 3


@dataclass(frozen=True, slots=True)
class AlbumChanges:
    """What changes; `None` leaves as it is."""

    title: str | None = None
    description: str | None = None
    visibility: str | None = None


async def create(owner: Account, wanted: AlbumChanges) -> Album:
    """Make an album, which is the owner's alone unless it says otherwise.

    Raises `Invalid` (title, description, visibility, base when there are too many).
    """
    values = _checked(wanted)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (owner.id,))
        if await Album.filter(account_id=owner.id).count() >= MAX_ALBUMS:
            raise Invalid(BASE, f"You cannot have more than {MAX_ALBUMS} collections", code="ERR_TOO_MANY")
        is_published = values.get("visibility", DRAFT) != DRAFT
        return await Album.create(account_id=owner.id, published_at=clock.now() if is_published else None, **values)


async def change(owner: Account, album_id: int, wanted: AlbumChanges) -> None:
    """Change one of the owner's albums. Raises `NotFound`, `Invalid` as `create` does."""
    values = _checked(wanted)
    async with db.transaction():
        album = await _own(owner, album_id)
        if album.published_at is None and values.get("visibility", DRAFT) != DRAFT:
            values["published_at"] = clock.now()
        await Album.filter(id=album.id).update(**values, updated_at=clock.now())


async def delete(owner: Account, album_id: int) -> None:
    """Remove an album; its posts stay. Raises `NotFound`."""
    async with db.transaction():
        album = await _own(owner, album_id)
        await db.execute("DELETE FROM albums WHERE id = ?", (album.id,))


async def add(owner: Account, album_id: int, post_id: int) -> Post:
    """Put one of the owner's posts with pictures at the end of an album; twice is once.

    Raises `NotFound` when either is not the owner's or the post cannot be in an album, `Invalid` (base) for a full one.
    """
    async with db.transaction():
        album = await _own(owner, album_id)
        post = await _own_post(owner, post_id)
        row = await db.fetch_one(
            "SELECT COUNT(*), COALESCE(MAX(position), -1), COALESCE(SUM(CASE WHEN post_id = ? THEN 1 ELSE 0 END), 0)"
            " FROM album_posts WHERE album_id = ?",
            (post.id, album.id),
        )
        count, last, known = (int(value) for value in row) if row is not None else (0, -1, 0)
        if known:
            return post
        if count >= MAX_POSTS:
            raise Invalid(BASE, f"You can only add {MAX_POSTS} posts per collection", code="ERR_TOO_MANY")
        await db.execute(
            "INSERT INTO album_posts (id, album_id, post_id, position) VALUES (?, ?, ?, ?)",
            (new_id(), album.id, post.id, last + 1),
        )
        await Album.filter(id=album.id).update(updated_at=clock.now())
    return post


async def add_new(owner: Account, post: Post, album_ids: Sequence[int]) -> None:
    """Put a post into albums in the transaction that publishes it, if it is one for albums. Raises as `add` does."""
    if post.has_media and post_rows.is_top_post(post):
        for album_id in dict.fromkeys(album_ids):
            await add(owner, album_id, post.id)


async def remove(owner: Account, album_id: int, post_id: int) -> None:
    """Take a post out of an album. Raises `NotFound` when the album is not the owner's or the post not in it."""
    async with db.transaction():
        album = await _own(owner, album_id)
        if not await AlbumPost.filter(album_id=album.id, post_id=post_id).delete():
            raise NotFound
        await Album.filter(id=album.id).update(updated_at=clock.now())


async def put_in_order(owner: Account, album_id: int, post_ids: Sequence[int]) -> None:
    """Show these posts of an album first, in this order, the others behind them. Raises `NotFound`."""
    async with db.transaction():
        album = await _own(owner, album_id)
        rows = await db.fetch_all(
            "SELECT post_id FROM album_posts WHERE album_id = ? ORDER BY position, id", (album.id,)
        )
        present = [int(row[0]) for row in rows]
        wanted = [post_id for post_id in dict.fromkeys(post_ids) if post_id in set(present)]
        ordered = [*wanted, *(post_id for post_id in present if post_id not in set(wanted))]
        await db.execute_many(
            "UPDATE album_posts SET position = ? WHERE album_id = ? AND post_id = ?",
            [(position, album.id, post_id) for position, post_id in enumerate(ordered)],
        )
        await Album.filter(id=album.id).update(updated_at=clock.now())


async def check_own(owner: Account, album_ids: Sequence[int]) -> None:
    """Raises `Invalid` (collection_ids) unless these are a few of the owner's albums."""
    wanted = set(album_ids)
    if len(wanted) > MAX_ALBUMS_AT_PUBLISHING:
        raise Invalid("collection_ids", f"are more than {MAX_ALBUMS_AT_PUBLISHING}", code="ERR_TOO_MANY")
    if wanted and await Album.filter(id__in=wanted, account_id=owner.id).count() < len(wanted):
        raise Invalid("collection_ids", "are not all collections of yours")


async def _own(owner: Account, album_id: int) -> Album:
    """The owner's album, its row locked until the transaction ends."""
    await db.fetch_one(f"SELECT id FROM albums WHERE id = ?{db.for_update()}", (album_id,))
    album = await Album.get_or_none(id=album_id, account_id=owner.id)
    if album is None:
        raise NotFound
    return album


async def _own_post(owner: Account, post_id: int) -> Post:
    post = await Post.get_or_none(id=post_id, account_id=owner.id, is_local=True, has_media=True)
    if post is None or not post_rows.is_top_post(post):
        raise NotFound
    return post


def _checked(wanted: AlbumChanges) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if wanted.title is not None:
        values["title"] = _short_enough("title", clean_line(wanted.title), MAX_TITLE)
    if wanted.description is not None:
        values["description"] = _short_enough("description", clean(wanted.description), MAX_DESCRIPTION)
    if wanted.visibility is not None:
        if wanted.visibility not in VISIBILITIES:
            raise Invalid("visibility", "is not included in the list", code="ERR_INCLUSION")
        values["visibility"] = wanted.visibility
    return values


def _short_enough(field: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise Invalid(field, f"is too long (maximum is {limit} characters)", code="ERR_TOO_LONG")
    return text
