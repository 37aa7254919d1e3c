"""Albums as others see them: a fixed number of statements a page.

A draft is seen by its owner; a private one by the followers its owner accepted, as is every album of a private account;
a public one by everybody, but for those its owner blocks. What is in it has an audience of its own; what others posted is
shown while it is public and its author does not block the owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from node import db
from node.queries.conditions import Condition, not_blocked, visible_to
from node.queries.statuses import POST_JOINS, StatusRow, columns

_SHOWN: Final = (
    "x.withdrawn = FALSE AND p.has_media = TRUE AND p.visibility <> 'archived' AND (p.account_id = al.account_id"
    " OR p.visibility = 'public' AND NOT EXISTS (SELECT 1 FROM blocks ab WHERE ab.account_id = p.account_id"
    " AND ab.target_id = al.account_id))"
)
"""Of an entry `x` of the album `al`, and its post `p`: whether it is shown there at all."""


class AlbumRow(NamedTuple):
    """An album, its owner's face, how many of its posts the viewer may see, the first of them, and its cover with the post
    that is in; moments in milliseconds."""

    id: int
    account_id: int
    visibility: str
    title: str
    description: str
    created_at: int
    updated_at: int
    published_at: int | None
    username: str
    avatar_key: str | None
    avatar_remote_url: str | None
    posts_count: int
    first_post_id: int | None
    cover_id: int | None
    cover_post_id: int | None

    @property
    def shown_post_id(self) -> int | None:
        """The post that stands for the album: the one with its cover, or else its first."""
        return self.cover_post_id or self.first_post_id

    def picture(self, pictures: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The picture that stands for it, among those of posts in their order: its cover, or else the first."""
        if self.cover_post_id is not None:
            return next((picture for picture in pictures if picture["id"] == self.cover_id), None)
        return next((picture for picture in pictures if picture["post_id"] == self.first_post_id), None)


async def one(viewer_id: int | None, album_id: int) -> AlbumRow | None:
    """The album, if the viewer may see it."""
    found = await _albums(viewer_id, Condition("al.id = ?", (album_id,)), 1, 0)
    return found[0] if found else None


async def of_account(viewer_id: int | None, account_id: int, *, limit: int, offset: int) -> list[AlbumRow]:
    """Those of an account's albums the viewer may see, newest first."""
    return await _albums(viewer_id, Condition("al.account_id = ?", (account_id,)), limit, offset)


async def with_post(viewer_id: int | None, post_id: int, *, limit: int) -> list[AlbumRow]:
    """The newest albums a post is shown in, as far as the viewer may see them and the post."""
    seen = visible_to(viewer_id)
    inside = (
        "EXISTS (SELECT 1 FROM album_posts x JOIN posts p ON p.id = x.post_id"
        f" WHERE x.album_id = al.id AND x.post_id = ? AND {_SHOWN} AND {seen.sql})"
    )
    return await _albums(viewer_id, Condition(inside, (post_id, *seen.parameters)), limit, 0)


async def posts_in(viewer_id: int | None, album_id: int, *, limit: int, offset: int) -> list[StatusRow]:
    """What is in an album, in its order, as far as the viewer may see it."""
    shown, seen = columns(viewer_id), visible_to(viewer_id)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM album_posts x JOIN albums al ON al.id = x.album_id"
        f" JOIN posts p ON p.id = x.post_id{POST_JOINS} WHERE x.album_id = ? AND {_SHOWN} AND {seen.sql} ORDER BY x.position, x.id LIMIT ? OFFSET ?",
        (*shown.parameters, album_id, *seen.parameters, limit, offset),
    )
    return [StatusRow._make(row) for row in rows]


async def uris_in(album_id: int, *, limit: int) -> list[str]:
    """The ids on the wire of what everybody may see in an album, in its order."""
    seen = visible_to(None)
    rows = await db.fetch_all(
        "SELECT p.uri FROM album_posts x JOIN albums al ON al.id = x.album_id JOIN posts p ON p.id = x.post_id"
        f" WHERE x.album_id = ? AND {_SHOWN} AND {seen.sql} ORDER BY x.position, x.id LIMIT ?",
        (album_id, *seen.parameters, limit),
    )
    return [str(row[0]) for row in rows]


async def _albums(viewer_id: int | None, where: Condition, limit: int, offset: int) -> list[AlbumRow]:
    seen, open_to = visible_to(viewer_id), _open_to(viewer_id)
    inside = f"FROM album_posts x JOIN posts p ON p.id = x.post_id WHERE x.album_id = al.id AND {_SHOWN} AND {seen.sql}"
    rows = await db.fetch_all(
        "SELECT al.id, al.account_id, al.visibility, al.title, al.description, al.created_at, al.updated_at,"
        f" al.published_at, a.username, a.avatar_key, a.avatar_remote_url, (SELECT COUNT(*) {inside}),"
        f" (SELECT p.id {inside} ORDER BY x.position, x.id LIMIT 1), al.cover_id,"
        f" (SELECT p.id {inside} AND p.id = (SELECT m.post_id FROM media_files m WHERE m.id = al.cover_id))"
        " FROM albums al JOIN accounts a ON a.id = al.account_id"
        f" WHERE {where.sql} AND a.suspended_at IS NULL AND {open_to.sql} ORDER BY al.id DESC LIMIT ? OFFSET ?",
        (*seen.parameters * 3, *where.parameters, *open_to.parameters, limit, offset),
    )
    return [AlbumRow._make(row) for row in rows]


def _open_to(viewer_id: int | None) -> Condition:
    everyone = "al.visibility = 'public' AND a.is_private = FALSE"
    if viewer_id is None:
        return Condition(everyone)
    peace = not_blocked(viewer_id, "al.account_id")
    return Condition(
        f"(al.account_id = ? OR ({everyone} OR al.visibility <> 'draft' AND EXISTS (SELECT 1 FROM follows f"
        f" WHERE f.account_id = ? AND f.target_id = al.account_id AND f.accepted = TRUE)) AND {peace.sql})",
        (viewer_id, viewer_id, *peace.parameters),
    )
