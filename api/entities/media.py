"""Mastodon's MediaAttachment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import orjson

from node import urls

SHOWN: Final = "full"
PREVIEW: Final = "feed"
_KINDS: Final = frozenset(("image", "gifv", "video", "audio"))


class Dimensions(msgspec.Struct, frozen=True):
    """Pixels; `size` is `1080x720`, `aspect` width by height."""

    width: int
    height: int
    size: str
    aspect: float


class Focus(msgspec.Struct, frozen=True):
    """The point to keep when cropping: -1 to 1 from left to right and from bottom to top."""

    x: float
    y: float


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sizes of what `url` and `preview_url` lead to."""

    original: Dimensions | None = None
    small: Dimensions | None = None
    focus: Focus | None = None


class MediaAttachment(msgspec.Struct, frozen=True):
    """A picture of a post, or one that waits for its post. What follows `blurhash` is Pixelfed's: its filters are
    applied before a picture is uploaded, so none is named."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None
    preview_remote_url: str | None
    text_url: str | None
    meta: Meta
    description: str | None
    blurhash: str | None
    is_nsfw: bool
    mime: str
    license: None = None
    filter_name: None = None
    filter_class: None = None
    optimized_url: None = None
    hls_manifest: None = None


def render(row: Mapping[str, Any], *, is_sensitive: bool = False) -> MediaAttachment:
    """The entity of a row with `queries.content.MEDIA_COLUMNS`; `is_sensitive` when its post is."""
    variants = orjson.loads(row["variants"]) if isinstance(row["variants"], str | bytes) else row["variants"]
    shown = variants.get(SHOWN) or variants.get("feed")
    preview = variants.get(PREVIEW) or shown
    size = (shown["width"], shown["height"]) if shown else (row["width"], row["height"])
    return MediaAttachment(
        id=str(row["id"]),
        type=row["kind"] if row["kind"] in _KINDS else "unknown",
        url=urls.media(shown["key"]) if shown else row["remote_url"],
        preview_url=urls.media(preview["key"]) if preview else row["thumbnail_remote_url"] or row["remote_url"],
        remote_url=row["remote_url"],
        preview_remote_url=row["thumbnail_remote_url"],
        text_url=None,
        meta=Meta(
            original=_dimensions(*size),
            small=_dimensions(preview["width"], preview["height"]) if preview else _dimensions(*size),
            focus=Focus(row["focus_x"], row["focus_y"]),
        ),
        description=row["description"] or None,
        blurhash=row["blurhash"],
        is_nsfw=is_sensitive,
        mime=row["media_type"],
    )


def _dimensions(width: int | None, height: int | None) -> Dimensions | None:
    if not width or not height:
        return None
    return Dimensions(width, height, f"{width}x{height}", width / height)
