"""Mastodon's MediaAttachment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import orjson

from media.variants import FEED
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
        url=urls.media(shown["key"]) if shown else _remote(row, "original"),
        preview_url=urls.media(preview["key"]) if preview else _remote(row, "small"),
        remote_url=row["remote_url"],
        preview_remote_url=row["thumbnail_remote_url"],
        text_url=None,
        meta=Meta(
            original=_dimensions(*size),
            small=_dimensions(preview["width"], preview["height"]) if preview else _dimensions(*_fitted(*size)),
            focus=Focus(row["focus_x"], row["focus_y"]),
        ),
        description=row["description"] or None,
        blurhash=row["blurhash"],
        is_nsfw=is_sensitive,
        mime=row["media_type"],
    )


def _remote(row: Mapping[str, Any], shape: str) -> str | None:
    """A file of another server, as readers get it."""
    if shape == "small" and row["thumbnail_remote_url"]:
        return urls.remote_file("thumbnail", row["id"], row["thumbnail_remote_url"])
    if not row["remote_url"]:
        return None
    return urls.remote_file("attachment", row["id"], row["remote_url"], shape)


def _fitted(width: int | None, height: int | None) -> tuple[int | None, int | None]:
    """The size a picture of another server is shown in as a preview."""
    if not width or not height or urls.links_to_remote_files():
        return width, height
    scale = min(FEED.max_width / width, FEED.max_height / height, 1)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _dimensions(width: int | None, height: int | None) -> Dimensions | None:
    if not width or not height:
        return None
    return Dimensions(width, height, f"{width}x{height}", width / height)
