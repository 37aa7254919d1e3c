"""Albums: made, changed, filled and put in order by their owner.

Others' posts may stand in them while they are public and their authors let it happen: who limits sharing limits this too,
who blocks the owner is seen there no longer, and every author can take a post out for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from node import clock, db
from node.errors import BASE, Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.albums import DRAFT, VISIBILITIES, Album, AlbumPost
from node.models.posts import PUBLIC as FOR_EVERYBODY
from node.models.posts import Post
from node.services import interaction_policies, post_rows
from node.services.visibility import visible_original
from node.text import clean, clean_line

MAX_TITLE: Final = 50
MAX_DESCRIPTION: Final = 500
MAX_POSTS: Final = 100
MAX_ALBUMS: Final = 500
MAX_ALBUMS_AT_PUBLISHING: Final = 3


@dataclass(frozen=True, slots=True)
class AlbumChanges:
    """What changes; `None` leaves as it is. `cover_id` is a picture of a post in the album, 0 leaves that open again."""

    title: str | None = None
    description: str | None = None
    visibility: str | None = None
    cover_id: int | None = None


async def create(owner: Account, wanted: AlbumChanges) -> Album:
    """Make an album, which is the owner's alone unless it says otherwise.

    Raises `Invalid` (title, description, visibility, base when there are too many).
    """
    values = _checked(wanted)
    if wanted.cover_id:
        raise _no_such_cover()
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (owner.id,))
        if await Album.filter(account_id=owner.id).count() >= MAX_ALBUMS:
            raise Invalid(BASE, f"You cannot have more than {MAX_ALBUMS} collections", code="ERR_TOO_MANY")
        is_published = values.get("visibility", DRAFT) != DRAFT
        return await Album.create(account_id=owner.id, published_at=clock.now() if is_published else None, **values)


async def change(owner: Account, album_id: int, wanted: AlbumChanges) -> None:
    """Change one of the owner's albums. Raises `NotFound`, `Invalid` as `create` does and for a cover that is not in it."""
    values = _checked(wanted)
    async with db.transaction():
        album = await _own(owner, album_id)
        if album.published_at is None and values.get("visibility", DRAFT) != DRAFT:
            values["published_at"] = clock.now()
        if wanted.cover_id is not None:
            values["cover_id"] = await _cover(album, wanted.cover_id)
        await Album.filter(id=album.id).update(**values, updated_at=clock.now())


async def delete(owner: Account, album_id: int) -> None:
    """Remove an album; its posts stay. Raises `NotFound`."""
    async with db.transaction():
        album = await _own(owner, album_id)
        await db.execute("DELETE FROM albums WHERE id = ?", (album.id,))


async def add(owner: Account, album_id: int, post_id: int) -> Post:
    """Put a post with pictures, of the owner's or somebody else's public one, at the end of an album; twice is once.

    Raises `NotFound` when the album is not the owner's or the post cannot be in one, `Forbidden` when its author limits
    who may share it, `Invalid` (base) for a full album.
    """
    async with db.transaction():
        album = await _own(owner, album_id)
        post = await _collectable(owner, post_id)
        if await AlbumPost.exists(album_id=album.id, post_id=post.id, withdrawn=True):
            raise NotFound
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


async def remove(account: Account, album_id: int, post_id: int) -> None:
    """Take a post out of an album: its owner, or the author of the post, who does so for good. Raises `NotFound` when the
    post is not in there, or neither is the account's."""
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM albums WHERE id = ?{db.for_update()}", (album_id,))
        entry = await AlbumPost.get_or_none(album_id=album_id, post_id=post_id, withdrawn=False)
        if entry is None:
            raise NotFound
        if await Album.exists(id=album_id, account_id=account.id):
            await entry.delete()
        elif await Post.exists(id=post_id, account_id=account.id):
            await AlbumPost.filter(id=entry.id).update(withdrawn=True)
        else:
            raise NotFound
        await Album.filter(id=album_id).update(updated_at=clock.now())


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


async def still_own(owner: Account, album_ids: Sequence[int]) -> tuple[int, ...]:
    """Those of these albums that the owner still has."""
    if not album_ids:
        return ()
    rows = await db.fetch_all(
        f"SELECT id FROM albums WHERE id IN ({db.marks(album_ids)}) AND account_id = ?", (*album_ids, owner.id)
    )
    kept = {int(row[0]) for row in rows}
    return tuple(album_id for album_id in album_ids if album_id in kept)


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


async def _collectable(owner: Account, post_id: int) -> Post:
    """A post with pictures that the owner may put into an album of theirs."""
    post = await visible_original(owner, post_id)
    if not post.has_media or not post_rows.is_top_post(post):
        raise NotFound
    if post.account_id == owner.id:
        return post
    if post.visibility != FOR_EVERYBODY:
        raise NotFound
    if not await interaction_policies.permits(post.share_policy, post.account_id, owner.id):
        raise Forbidden("The author has limited who can share", post=post.id)
    return post


async def _cover(album: Album, media_id: int) -> int | None:
    """What the album's column takes. Raises `Invalid` (cover_media_id) for a picture that is not in it."""
    if media_id == 0:
        return None
    row = await db.fetch_one(
        "SELECT m.id FROM media_files m JOIN album_posts x ON x.post_id = m.post_id"
        " WHERE m.id = ? AND x.album_id = ? AND x.withdrawn = FALSE",
        (media_id, album.id),
    )
    if row is None:
        raise _no_such_cover()
    return media_id


def _no_such_cover() -> Invalid:
    return Invalid("cover_media_id", "is not in the collection")


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
