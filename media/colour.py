"""From whatever colour space a picture was made in to sRGB, which every screen and every peer understands."""

from __future__ import annotations

import io
from functools import cache, lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageCms

_SPACES: Final = {"RGB": "RGB", "RGBA": "RGB", "L": "GRAY", "CMYK": "CMYK"}
_INVISIBLE: Final = 3
"""A profile that moves no colour of a coarse cube by more than this (of 255) is sRGB by another name."""


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` (modes RGB, RGBA, L, LA, CMYK) as RGB, or RGBA when it has an alpha channel, in sRGB.

    `profile` is the embedded ICC profile; a broken one, or one for another kind of picture, is ignored as
    browsers do. The conversion is relative colorimetric with black point compensation, so colours that sRGB
    has stay exactly what they are. May change `image` in place.
    """
    if image.mode == "LA":
        grey, alpha = image.split()
        coloured = to_srgb(grey, profile)
        coloured.putalpha(alpha)
        return coloured
    transform = _transform(image.mode, profile)
    if transform is None:
        return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    if image.mode in ("RGB", "RGBA"):
        ImageCms.applyTransform(image, transform, inPlace=True)
        return image
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None
    return converted


def changes_colours(mode: str, profile: bytes | None) -> bool:
    """Whether `to_srgb` would change the pixels of an RGB or RGBA picture."""
    return _transform(mode, profile) is not None


@lru_cache(maxsize=8)
def _transform(mode: str, profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """How to get to sRGB; `None` when there is nothing to do, or the profile cannot be used. Kept, because cameras
    write the same profile into every picture."""
    if not profile:
        return None
    try:
        return _transform_to_srgb(mode, profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _transform_to_srgb(mode: str, profile: bytes) -> ImageCms.ImageCmsTransform | None:
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if opened.profile.xcolor_space.strip() != _SPACES[mode]:
        return None
    transform = ImageCms.buildTransform(
        opened,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGBA" if mode == "RGBA" else "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if mode in ("RGB", "RGBA") and _changes_nothing(transform, mode):
        return None
    return transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    cube = _colour_cube().convert(mode)
    converted = ImageCms.applyTransform(cube, transform)
    assert converted is not None
    difference = ImageChops.difference(cube.convert("RGB"), converted.convert("RGB"))
    return all(high <= _INVISIBLE for _low, high in _channel_extrema(difference))


def _channel_extrema(image: Image.Image) -> list[tuple[float, float]]:
    extrema = []
    for channel in image.split():
        low, high = channel.getextrema()
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        extrema.append((low, high))
    return extrema


@cache
def _colour_cube() -> Image.Image:
    steps = [round(step * 255 / 8) for step in range(9)]
    colours = bytes(value for red in steps for green in steps for blue in steps for value in (red, green, blue))
    return Image.frombytes("RGB", (81, 9), colours)
