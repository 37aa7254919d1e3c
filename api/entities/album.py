"""Pixelfed's Collection: an album of posts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import media
from api.entities.account import picture_or_missing
from api.entities.encoding import iso
from node import urls
from node.queries import content
from node.queries.albums import AlbumRow


class Collection(msgspec.Struct, frozen=True):
    """An album. `pid` is its owner, `thumb` its first picture; `visibility` is `public`, `private` (the owner's
    followers) or `draft`."""

    id: str
    pid: str
    visibility: str
    title: str
    description: str
    thumb: str
    url: str
    created_at: str
    updated_at: str
    published_at: str | None
    avatar: str
    username: str
    post_count: int


async def render(rows: Sequence[AlbumRow], viewer_id: int | None) -> list[Collection]:
    """The entities of these albums: one statement for their pictures."""
    thumbs = await _thumbs([row.first_post_id for row in rows if row.first_post_id is not None], viewer_id)
    return [_entity(row, thumbs) for row in rows]


async def _thumbs(post_ids: list[int], viewer_id: int | None) -> dict[int, str]:
    found: dict[int, str] = {}
    for picture in await content.media(post_ids) if post_ids else ():
        shown = media.render(picture, token=media.of_reader(viewer_id))
        found.setdefault(picture["post_id"], shown.preview_url or shown.url or "")
    return found


def _entity(row: AlbumRow, thumbs: dict[int, str]) -> Collection:
    return Collection(
        id=str(row.id),
        pid=str(row.account_id),
        visibility=row.visibility,
        title=row.title,
        description=row.description,
        thumb=thumbs.get(row.first_post_id or 0) or picture_or_missing(0, None, None),
        url=urls.profile(row.username),
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        published_at=iso(row.published_at) if row.published_at is not None else None,
        avatar=picture_or_missing(row.account_id, row.avatar_key, row.avatar_remote_url),
        username=row.username,
        post_count=row.posts_count,
    )
