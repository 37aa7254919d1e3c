"""A photograph in the quality it came in, for others than its owner: nothing is written in it that they are not to know.

What is not edited, and a browser shows as it is, is copied without its metadata, pixel for pixel. The rest is encoded anew
in its full size: what was cut away or changed by its owner does not come out again.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from PIL import Image

from media.bare_files import bare_png, bare_webp
from media.camera import exif_of, is_adobe_rgb, orientation, read_exif
from media.decode import develop, refusing_damage, without_idle_alpha
from media.edits.development import apply, size_to_decode
from media.edits.frames import finished_size
from media.edits.options import OriginalOptions
from media.image import Encoded, write_pictures
from media.jpeg import bare_copy
from media.probe import Limits, probe

_QUALITY: Final = 95
_MAX_PIXELS: Final = 50_000_000
"""What is encoded anew is not made larger than this: a worker's memory is bounded."""

_COPIES: Final[Mapping[str, tuple[str, Callable[[bytes], bytes | None]]]] = {
    "image/png": ("PNG", bare_png),
    "image/webp": ("WEBP", bare_webp),
}


def original_view(source: Path, out_dir: Path, limits: Limits, options: bytes) -> bytes:
    """Write what others may have of the original `source` with `OriginalOptions`; answers a `Variant`."""
    wanted = msgspec.msgpack.decode(options, type=OriginalOptions)
    with refusing_damage():
        made = _copied(source, limits, wanted.facts) if wanted.recipe.is_idle else None
        made = made or _encoded(source, limits, wanted)
    (variant,) = write_pictures(out_dir, [made])
    return msgspec.msgpack.encode(variant)


def _copied(source: Path, limits: Limits, facts: Mapping[str, Any]) -> Encoded | None:
    found = probe(source, limits)
    if found.media_type == "image/jpeg":
        return _copied_jpeg(source, facts)
    if found.media_type not in _COPIES:
        return None
    format_, copy = _COPIES[found.media_type]
    with Image.open(source, formats=[format_]) as image:
        size, turn = image.size, orientation(read_exif(image))
    data = copy(source.read_bytes()) if turn == 1 else None
    return Encoded("original", found.media_type, size, data) if data is not None else None


def _copied_jpeg(source: Path, facts: Mapping[str, Any]) -> Encoded | None:
    with Image.open(source, formats=["JPEG", "MPO"]) as image:
        exif, size, has_profile = read_exif(image), image.size, "icc_profile" in image.info
    if is_adobe_rgb(exif) and not has_profile:
        return None
    turn = orientation(exif)
    data = bare_copy(source.read_bytes(), exif=exif_of(facts, turn), keeps_profile=True)
    if data is None:
        return None
    return Encoded("original", "image/jpeg", size if turn < 5 else (size[1], size[0]), data)


def _encoded(source: Path, limits: Limits, wanted: OriginalOptions) -> Encoded:
    developed = develop(source, limits, lambda size: _size(wanted, size))
    image = without_idle_alpha(apply(developed.image, wanted.recipe))
    buffer = io.BytesIO()
    if image.mode == "RGBA":
        image.save(buffer, "PNG", compress_level=4)
        return Encoded("original", "image/png", image.size, buffer.getvalue())
    exif = exif_of(wanted.facts, 1)
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling="4:4:4", exif=exif or b"")
    return Encoded("original", "image/jpeg", image.size, buffer.getvalue())


def _size(wanted: OriginalOptions, size: tuple[int, int]) -> tuple[int, int]:
    finished = finished_size(wanted.recipe, size)
    scale = min(1.0, math.sqrt(_MAX_PIXELS / (size[0] * size[1])))
    return size_to_decode(wanted.recipe, size, (max(1, round(finished[0] * scale)), max(1, round(finished[1] * scale))))
