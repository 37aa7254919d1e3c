"""Pictures of remote posts: where they are and what their servers say of them. The files stay there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from node import clock, db
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.posts import Post
from node.services import remote_media
from node.text import clean

MAX_DESCRIPTION: Final = 10_000
MAX_BLURHASH: Final = 164


@dataclass(frozen=True, slots=True)
class IncomingMedia:
    """A picture of a remote post: where it is and what its server says of it. `focus` is (x, y) in -1..1, y upwards."""

    url: str
    kind: str = "image"
    media_type: str = ""
    description: str = ""
    blurhash: str | None = None
    width: int | None = None
    height: int | None = None
    focus: tuple[float, float] = (0.0, 0.0)
    thumbnail_url: str | None = None
    people: tuple[tuple[int, float, float], ...] = ()
    """Accounts known here that are seen in it, and where: from the left, from the top."""
    duration: float | None = None
    camera: Mapping[str, Any] = field(default_factory=dict)
    """What its photographer shows of the camera's facts (`media/shown_facts.py`)."""


async def insert(post: Post, pictures: Sequence[tuple[int, IncomingMedia]]) -> None:
    """Write pictures of a remote post at their positions; the files stay with their server."""
    now = to_milliseconds(clock.now())
    await db.execute_many(
        "INSERT INTO media_files (id, account_id, post_id, position, kind, media_type, variants, remote_url,"
        " thumbnail_remote_url, width, height, duration, size, sha256, blurhash, focus_x, focus_y, description, camera, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, ?, ?, 0, '', ?, ?, ?, ?, ?, ?)",
        [
            (
                *(new_id(), post.account_id, post.id, position, picture.kind, picture.media_type[:100], picture.url),
                *(
                    picture.thumbnail_url,
                    picture.width,
                    picture.height,
                    picture.duration,
                    _blurhash(picture),
                    *picture.focus,
                ),
                *(clean(picture.description)[:MAX_DESCRIPTION], _camera(picture), now),
            )
            for position, picture in pictures
        ],
    )


async def replace(post: Post, pictures: Sequence[IncomingMedia]) -> None:
    """Pictures that are still there keep their id; those that are gone lose the post and are collected."""
    rows = await db.fetch_all("SELECT id, remote_url FROM media_files WHERE post_id = ?", (post.id,))
    known = {row["remote_url"]: int(row["id"]) for row in rows}
    kept = {picture.url for picture in pictures} & known.keys()
    gone = [media_id for url, media_id in known.items() if url not in kept]
    await db.execute_many("UPDATE media_files SET post_id = NULL WHERE id = ?", [(media_id,) for media_id in gone])
    await remote_media.forget_pictures(gone)
    await db.execute_many(
        "UPDATE media_files SET position = ?, description = ?, focus_x = ?, focus_y = ?, camera = ? WHERE id = ?",
        [
            (
                *(position, clean(picture.description)[:MAX_DESCRIPTION], *picture.focus, _camera(picture)),
                known[picture.url],
            )
            for position, picture in enumerate(pictures)
            if picture.url in kept
        ],
    )
    await insert(post, [(at, picture) for at, picture in enumerate(pictures) if picture.url not in kept])


def _camera(picture: IncomingMedia) -> str:
    return orjson.dumps(picture.camera).decode()


def _blurhash(picture: IncomingMedia) -> str | None:
    return picture.blurhash if picture.blurhash and len(picture.blurhash) <= MAX_BLURHASH else None
