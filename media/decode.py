"""From an untrusted file to an upright sRGB picture of a size worth working on.

Order matters for speed and memory: shrink first (inside the JPEG decoder where possible), then colours, then
orientation.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from PIL import AvifImagePlugin, Image, ImageChops, ImageFile

from media.camera import camera_facts, is_adobe_rgb, location, orientation, read_exif
from media.colour import changes_colours, to_srgb
from media.colour_boxes import colour_codes
from media.colour_codes import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    Codes,
    Primaries,
    profile_of_codes,
    profile_of_exponent,
    profile_of_gamma,
)
from media.errors import MediaError
from media.probe import DAMAGED, Limits, Probe, check_dimensions, probe
from media.variants import CameraFacts, Location

Size = tuple[int, int]

_FORMATS: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/avif": "AVIF",
}
_BYTES_PER_PIXEL: Final = {
    "image/jpeg": 7,
    "image/png": 10,
    "image/gif": 10,
    "image/webp": 19,
    "image/heic": 14,
    "image/avif": 14,
}
"""The most memory that decoding took for each pixel of the file, measured with 50 and 100 megapixels. JPEG is
shrunk while it is decoded; WebP's decoder holds several copies of its canvas."""

_REPAIRABLE: Final = 0.8
"""A JPEG cut short is kept when at least this share of its rows arrived."""

_Turn = Image.Transpose
_TURNS: Final = {
    2: _Turn.FLIP_LEFT_RIGHT,
    3: _Turn.ROTATE_180,
    4: _Turn.FLIP_TOP_BOTTOM,
    5: _Turn.TRANSPOSE,
    6: _Turn.ROTATE_270,
    7: _Turn.TRANSVERSE,
    8: _Turn.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Developed:
    """An upright sRGB picture (mode RGB, or RGBA when something is transparent) without any metadata, and
    beside it what the file said. `width` and `height` are the original's, upright. `as_stored` says that the
    pixels of the file were upright sRGB already, whole and no larger than needed."""

    image: Image.Image
    found: Probe
    width: int
    height: int
    camera: CameraFacts
    location: Location | None
    repaired: bool
    as_stored: bool = False


def develop(source: Path, limits: Limits, needed: Callable[[Size], Size]) -> Developed:
    """Decode `source` and shrink it to the size that `needed` answers for the original's upright size (never
    enlarging). An animation gives its first frame.

    Raises MediaError for whatever is wrong with the file, OSError when it cannot be opened at all.
    """
    found = probe(source, limits)
    _check_memory(found, limits)
    with source.open("rb") as file, refusing_damage():
        codes = colour_codes(file, found.media_type)
        image = _open(file, found, limits)
        exif = read_exif(image)
        # ISO 23008-12 §7.2.1: in HEIF the Exif orientation is to be ignored, libheif applied irot and imir.
        turn = 1 if found.media_type == "image/heic" else orientation(exif)
        width, height = _turned(image.size, turn)
        target = _turned(needed((width, height)), turn)
        profile = _profile(image, exif, codes)
        if found.media_type == "image/jpeg":
            image.draft(None, target)
        image, kept = _load(image, found)
        if kept < 1:
            width, height = _turned((image.width, image.height), turn)
            target = _turned(needed((width, height)), turn)
        image = _workable(image)
        as_stored = kept == 1 and turn == 1 and target == image.size and image.mode == "RGB"
        as_stored = as_stored and not changes_colours(image.mode, profile)
        image = to_srgb(_shrink(image, target), profile)
        if turn in _TURNS:
            image = image.transpose(_TURNS[turn])
        image = without_idle_alpha(image)
        image.info.clear()
        facts, place = camera_facts(exif), location(exif)
    return Developed(image, found, width, height, facts, place, repaired=kept < 1, as_stored=as_stored)


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Whatever a decoder stumbles over becomes a MediaError: decoders raise almost anything."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except MediaError:
        raise
    except MemoryError:
        raise MediaError("The picture needs more memory than this server gives to one picture.") from None
    except Exception as problem:
        raise MediaError(DAMAGED) from problem


def _check_memory(found: Probe, limits: Limits) -> None:
    most = limits.max_memory // _BYTES_PER_PIXEL[found.media_type]
    if found.width * found.height > most:
        kind = _FORMATS[found.media_type].replace("HEIF", "HEIC")
        raise MediaError(f"A {kind} picture may have at most {most / 1_000_000:.3g} megapixels. JPEG may have more.")


def _profile(image: Image.Image, exif: Image.Exif, codes: Codes | None) -> bytes | None:
    """The ICC profile of the picture's colours, whichever way the file tells them; `None` for sRGB.

    PNG §12.1: cICP goes before iCCP, that before gAMA; in HEIF an ICC profile goes before the numbers.
    """
    embedded = image.info.get("icc_profile")
    if image.format == "PNG" and codes is not None:
        return profile_of_codes(codes)
    if isinstance(embedded, bytes):
        return embedded
    if codes is not None:
        return profile_of_codes(codes)
    if image.format == "PNG" and "gamma" in image.info and "srgb" not in image.info:
        return profile_of_gamma(image.info["gamma"], _png_primaries(image.info.get("chromaticity")))
    if image.format in ("JPEG", "MPO") and is_adobe_rgb(exif):
        return profile_of_exponent(ADOBE_RGB, ADOBE_GAMMA)
    return None


def _png_primaries(told: object) -> Primaries | None:
    """cHRM: white, red, green, blue."""
    if not isinstance(told, tuple) or len(told) != 8:
        return None
    white, red, green, blue = zip(told[::2], told[1::2], strict=True)
    return (red, green, blue, white)


def _open(file: BinaryIO, found: Probe, limits: Limits) -> Image.Image:
    if found.media_type == "image/heic":
        _know_heif()
    elif found.media_type == "image/avif":
        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    image = Image.open(file, formats=[_FORMATS[found.media_type]])
    check_dimensions(*image.size, limits)
    return image


def _know_heif() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DECODE_THREADS = 1


def _load(image: Image.Image, found: Probe) -> tuple[Image.Image, float]:
    """The decoded picture, and the share of its rows that was there (1.0 unless a JPEG was cut short)."""
    try:
        image.load()
    except OSError:
        if found.media_type != "image/jpeg" or image.info.get("progressive"):
            raise
    else:
        return image, 1.0
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return _cut_to_what_arrived(image)


def _cut_to_what_arrived(image: Image.Image) -> tuple[Image.Image, float]:
    """libjpeg paints what is missing in one colour; the last pixel shows which. The row of blocks in which
    the data ended is cut off with it."""
    blank = Image.new(image.mode, image.size, image.getpixel((image.width - 1, image.height - 1)))
    box = ImageChops.difference(image, blank).getbbox(alpha_only=False)
    bottom = box[3] if box else 0
    if bottom < image.height:
        bottom = (bottom - 1) // 16 * 16
    if bottom < image.height * _REPAIRABLE:
        raise MediaError("The picture is cut short: too much of it is missing. Please send it again.")
    return image.crop((0, 0, image.width, bottom)), min(bottom / image.height, 0.999)


def _workable(image: Image.Image) -> Image.Image:
    """The same picture in a mode that can be resampled: RGB, RGBA, L, LA or CMYK."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in image.info or image.mode in ("PA", "RGBa", "La"):
        return image.convert("RGBA")
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _shrink(image: Image.Image, target: Size) -> Image.Image:
    if image.width <= target[0] and image.height <= target[1]:
        return image
    return image.resize(target, Image.Resampling.LANCZOS, reducing_gap=1.5)


def without_idle_alpha(image: Image.Image) -> Image.Image:
    """The picture without a channel of transparency in which nothing is transparent."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def _turned(size: Size, turn: int) -> Size:
    return (size[1], size[0]) if turn >= 5 else size
