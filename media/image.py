"""The work on one photograph: one decode, every variant. Runs in a worker process (media.pool), never beside
an event loop.

Nothing of the original file but its pixels can get out: no EXIF, GPS, XMP, IPTC, comment, thumbnail or appended
archive. A JPEG that is right as it is (upright, sRGB, within size) is copied without its metadata, not compressed
again; all else that is served is encoded anew. Opaque pictures become JPEG and pictures with
transparency PNG: the two types every peer shows (Pixelfed, as it is installed, refuses a whole post for one
WebP). The variants carry no profile, since what has none is sRGB everywhere.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from media.decode import Developed, Size, develop, refusing_damage, without_idle_alpha
from media.edits.development import apply, size_to_decode
from media.edits.frames import finished_size
from media.edits.recipe import Recipe
from media.jpeg import bare_copy
from media.placeholder import blurhash
from media.probe import Limits
from media.variants import EXTENSIONS, FEED, FULL, FULL_WITH_ALPHA, GRID, ProcessedPhoto, Variant, VariantSize

AVATAR_SIZE: Final = (400, 400)
HEADER_SIZE: Final = (1500, 500)
EMOJI_SIZE: Final = VariantSize("emoji", 128, 128, 0)
_PORTRAIT_QUALITY: Final = 88
_MAX_PROGRESSIVE_PIXELS: Final = 2_500_000
"""Progressive JPEG loads pleasantly but costs six times the work; large files are opened, not scrolled past."""


_MAX_COPIED: Final = 8 * 1024 * 1024
"""A larger JPEG is compressed again: it is sent to everybody who opens it, and Mastodon stops fetching at 16 MB."""

_UNEDITED: Final = Recipe()


def process_photo(
    source: Path, out_dir: Path, limits: Limits | None = None, recipe: Recipe = _UNEDITED
) -> ProcessedPhoto:
    """Write the variants grid, feed and full of the photograph `source` into `out_dir`, an existing folder.

    They show it as `recipe` wants it; `width` and `height` are then the edited picture's. Raises MediaError when the file is refused, OSError when the variants cannot be written; then none stays.
    """
    developed = develop(source, limits or Limits(), lambda size: _before(recipe, size))
    with refusing_damage():
        pictures = _scaled_down(without_idle_alpha(apply(developed.image, recipe)))
        encoded = [encode_picture(box.name, picture, box.quality) for box, picture in pictures]
        encoded[-1] = _copied(source, developed, recipe) or encoded[-1]
        hash_text = blurhash(pictures[0][1])
    variants = write_pictures(out_dir, encoded)
    width, height = finished_size(recipe, (developed.width, developed.height))
    return ProcessedPhoto(
        media_type=developed.found.media_type,
        width=width,
        height=height,
        frames=developed.found.frames,
        repaired=developed.repaired,
        blurhash=hash_text,
        variants=variants,
        camera=developed.camera,
        location=developed.location,
        whole=(developed.width, developed.height),
    )


def shown_sizes(source: Path, limits: Limits, recipe: Recipe) -> list[tuple[VariantSize, Image.Image]]:
    """The pictures that `process_photo` makes its variants of, smallest first. Raises as it does."""
    developed = develop(source, limits, lambda size: _before(recipe, size))
    with refusing_damage():
        return _scaled_down(without_idle_alpha(apply(developed.image, recipe)))


def process_avatar(source: Path, out_dir: Path, limits: Limits | None = None) -> Variant:
    """Write `source` as a square of at most 400 × 400, cut around its centre. Raises as process_photo does."""
    return _process_cropped(source, out_dir, limits or Limits(), "avatar", AVATAR_SIZE)


def process_header(source: Path, out_dir: Path, limits: Limits | None = None) -> Variant:
    """Write `source` as a 3:1 banner of at most 1500 × 500, cut around its centre. Raises as process_photo."""
    return _process_cropped(source, out_dir, limits or Limits(), "header", HEADER_SIZE)


def process_emoji(source: Path, out_dir: Path, limits: Limits | None = None) -> Variant:
    """Write `source`, or the first frame of an animation, whole as a PNG of at most 128 × 128. Raises as process_photo."""
    developed = develop(source, limits or Limits(), lambda size: fit(size, EMOJI_SIZE))
    with refusing_damage():
        encoded = encode_picture("emoji", developed.image.convert("RGBA"), 0)
    (variant,) = write_pictures(out_dir, [encoded])
    return variant


def fit(size: Size, box: VariantSize) -> Size:
    """The largest size of the same shape that fits into `box`; `size` itself when it does already."""
    scale = min(box.max_width / size[0], box.max_height / size[1], 1)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def cover(size: Size, box: Size) -> Size:
    """The smallest size of the same shape that covers `box`; `size` itself when it is smaller than that."""
    scale = min(max(box[0] / size[0], box[1] / size[1]), 1)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _before(recipe: Recipe, size: Size) -> Size:
    """The size of the original from which the largest variant of what the recipe shows can be made."""
    return size_to_decode(recipe, size, fit(finished_size(recipe, size), FULL))


def _scaled_down(master: Image.Image) -> list[tuple[VariantSize, Image.Image]]:
    """Each variant from the next larger one, smallest first."""
    full = FULL_WITH_ALPHA if master.mode == "RGBA" else FULL
    pictures: list[tuple[VariantSize, Image.Image]] = []
    for box in (full, FEED, GRID):
        size = fit(master.size, box)
        picture = pictures[-1][1] if pictures else master
        if size != picture.size:
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)
        pictures.append((box, picture))
    return pictures[::-1]


def _process_cropped(source: Path, out_dir: Path, limits: Limits, name: str, box: Size) -> Variant:
    developed = develop(source, limits, lambda size: cover(size, box))
    with refusing_damage():
        image = _crop_centre(developed.image, box)
        encoded = encode_picture(name, image, _PORTRAIT_QUALITY)
    (variant,) = write_pictures(out_dir, [encoded])
    return variant


def _crop_centre(image: Image.Image, box: Size) -> Image.Image:
    scale = min(image.width / box[0], image.height / box[1], 1)
    width, height = max(1, round(box[0] * scale)), max(1, round(box[1] * scale))
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _copied(source: Path, developed: Developed, recipe: Recipe) -> Encoded | None:
    """The uploaded JPEG itself as the largest variant, when nothing had to be done to its pixels."""
    is_right = developed.as_stored and developed.found.media_type == "image/jpeg" and recipe == _UNEDITED
    if not is_right or developed.found.size > 2 * _MAX_COPIED:
        return None
    data = bare_copy(source.read_bytes())
    if data is None or len(data) > _MAX_COPIED:
        return None
    return Encoded(FULL.name, "image/jpeg", (developed.width, developed.height), data)


class Encoded(NamedTuple):
    """A picture as a file, not yet on the disk."""

    name: str
    media_type: str
    size: Size
    data: bytes


def encode_picture(name: str, image: Image.Image, quality: int, *, progressive: bool = True) -> Encoded:
    """An opaque picture as JPEG, `progressive` if it is not large; one with transparency as PNG."""
    buffer = io.BytesIO()
    if image.mode == "RGBA":
        image.save(buffer, "PNG", compress_level=4)
        return Encoded(name, "image/png", image.size, buffer.getvalue())
    is_small = image.width * image.height <= _MAX_PROGRESSIVE_PIXELS
    image.save(buffer, "JPEG", quality=quality, subsampling="4:2:0", progressive=progressive and is_small)
    return Encoded(name, "image/jpeg", image.size, buffer.getvalue())


def write_pictures(out_dir: Path, pictures: list[Encoded]) -> tuple[Variant, ...]:
    """Write the pictures into a folder: all, or none with OSError."""
    variants: list[Variant] = []
    written: list[Path] = []
    try:
        for name, media_type, size, data in pictures:
            path = out_dir / f"{name}.{EXTENSIONS[media_type]}"
            written.append(path)
            path.write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            variants.append(Variant(name, path.name, media_type, *size, len(data), digest))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return tuple(variants)


Task = Callable[[Path, Path, Limits], ProcessedPhoto | Variant]

TASKS: Final[dict[str, Task]] = {
    "photo": process_photo,
    "avatar": process_avatar,
    "header": process_header,
    "emoji": process_emoji,
}
