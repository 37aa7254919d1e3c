"""Pixelfed's Collection: an album of posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.entities import media
from api.entities.account import picture_or_missing
from api.entities.encoding import iso
from node import urls
from node.queries import content
from node.queries.albums import AlbumRow


class Collection(msgspec.Struct, frozen=True):
    """An album. `pid` is its owner, `thumb` its cover or else its first picture; `visibility` is `public`, `private` (the
    owner's followers) or `draft`. Its page for everybody is at `url`; `uri`, ours, is its ActivityPub id, `cover_media_id`
    the attachment that was chosen as its cover."""

    id: str
    pid: str
    visibility: str
    title: str
    description: str
    thumb: str
    url: str
    uri: str
    created_at: str
    updated_at: str
    published_at: str | None
    avatar: str
    username: str
    post_count: int
    cover_media_id: str | None


async def render(rows: Sequence[AlbumRow], viewer_id: int | None) -> list[Collection]:
    """The entities of these albums: one statement for their pictures."""
    post_ids = [row.shown_post_id for row in rows if row.shown_post_id is not None]
    pictures = await content.media(post_ids) if post_ids else ()
    return [_entity(row, _thumb(row, pictures, viewer_id)) for row in rows]


def _thumb(row: AlbumRow, pictures: Sequence[Mapping[str, Any]], viewer_id: int | None) -> str | None:
    """Where the picture that stands for the album is, if it has any."""
    chosen = row.picture(pictures)
    if chosen is None:
        return None
    shown = media.render(chosen, token=media.of_reader(viewer_id))
    return shown.preview_url or shown.url


def _entity(row: AlbumRow, thumb: str | None) -> Collection:
    return Collection(
        id=str(row.id),
        pid=str(row.account_id),
        visibility=row.visibility,
        title=row.title,
        description=row.description,
        thumb=thumb or picture_or_missing(0, None, None),
        url=urls.album_page(row.id),
        uri=urls.album(urls.actor(row.account_id), row.id),
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        published_at=iso(row.published_at) if row.published_at is not None else None,
        avatar=picture_or_missing(row.account_id, row.avatar_key, row.avatar_remote_url),
        username=row.username,
        post_count=row.posts_count,
        cover_media_id=str(row.cover_id) if row.cover_post_id is not None else None,
    )
