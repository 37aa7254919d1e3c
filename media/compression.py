"""The work on smaller files: the photograph's variants once more as AVIF and WebP, kept where that saves bytes.

They are made from what the JPEGs were made from, not from the JPEGs, whose faults would cost bytes. Measured on photographs,
they are as near to the pixels as the JPEGs are.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import msgspec
from PIL import Image

from media.decode import refusing_damage
from media.formats import SMALLER, FormatOptions
from media.image import Encoded, shown_sizes, write_pictures
from media.probe import Limits
from media.variants import FEED, FULL, GRID, Variant

_LARGE: Final = 2_500_000
"""Pixels above which an encoder may not take its time."""
_QUALITY: Final = {
    "image/avif": {GRID.name: 66, FEED.name: 70, FULL.name: 75},
    "image/webp": {GRID.name: 78, FEED.name: 82, FULL.name: 85},
}
"""Each is near the JPEG's quality; the largest variant is what people look into."""


def smaller_files(source: Path, out_dir: Path, limits: Limits, options: bytes) -> bytes:
    """Write the variants of `source` that `FormatOptions` name in every format that makes them smaller; answers a list of
    `Variant`s."""
    wanted = msgspec.msgpack.decode(options, type=FormatOptions)
    made: list[Variant] = []
    with refusing_damage():
        for box, picture in shown_sizes(source, limits, wanted.recipe):
            for media_type in SMALLER:
                data = _encoded(picture, media_type, _QUALITY[media_type][box.name])
                if len(data) < wanted.most.get(box.name, 0):
                    made += write_pictures(out_dir, [Encoded(box.name, media_type, picture.size, data)])
    return msgspec.msgpack.encode(made)


def _encoded(picture: Image.Image, media_type: str, quality: int) -> bytes:
    is_large = picture.width * picture.height > _LARGE
    options: dict[str, Any] = {"method": 2 if is_large else 4}
    if media_type == "image/avif":
        options = {"speed": 9 if is_large else 7, "max_threads": 1}
    buffer = io.BytesIO()
    picture.save(buffer, media_type.partition("/")[2].upper(), quality=quality, **options)
    return buffer.getvalue()
