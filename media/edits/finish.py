"""What a recipe does last: to places in the picture rather than to colours."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final

from PIL import Image, ImageChops

_LONG_SIDE: Final = 1080
"""A picture of this size is sharpened at its finest; in a larger one everything is as much larger, so that a small
preview looks like the whole."""
_TILE: Final = 256
_SMALL: Final = 1_200_000
"""Pixels of the largest preview."""

Size = tuple[int, int]


def darken_edges(image: Image.Image, amount: float) -> Image.Image:
    """A vignette: corners go down to a third at 1, the middle stays."""
    mask = _kept(_edges, image.size, amount)
    return ImageChops.multiply(image, Image.merge("RGB", (mask, mask, mask)))


def _kept(draw: Callable[[Size, float], Image.Image], size: Size, amount: float) -> Image.Image:
    """What `draw` draws; that of a preview is kept, since somebody who edits asks for it again and again."""
    return (_drawn_before if size[0] * size[1] <= _SMALL else _drawn)(draw, size, amount)


def _drawn(draw: Callable[[Size, float], Image.Image], size: Size, amount: float) -> Image.Image:
    return draw(size, amount)


_drawn_before = lru_cache(maxsize=4)(_drawn)


def _edges(size: Size, amount: float) -> Image.Image:
    shade = Image.radial_gradient("L").point([_shade(value / 255, amount) for value in range(256)])
    return shade.resize(size, Image.Resampling.BICUBIC)


def _shade(distance: float, amount: float) -> int:
    """`distance` is 1 at the middle of the nearest edges of a square, and beyond in its corners."""
    t = min(max((distance - 0.35) / 0.65, 0.0), 1.0)
    return round(255 * (1 - 0.65 * amount * t * t * (3 - 2 * t)))


def sharpen(image: Image.Image, amount: float) -> Image.Image:
    """Away from a blurred copy, which comes from shrinking and enlarging again: many times cheaper than a true blur."""
    step = max(2, round(max(image.size) / _LONG_SIDE * 1.5))
    if min(image.size) < step * 2:
        return image
    blurred = image.reduce(step).resize(image.size, Image.Resampling.BILINEAR)
    return Image.blend(blurred, image, 1 + amount)


def add_grain(image: Image.Image, amount: float) -> Image.Image:
    """Film grain: the same in every picture of a size, strongest in the middle tones."""
    grain = _kept(_grain, image.size, amount)
    return ImageChops.soft_light(image, Image.merge("RGB", (grain, grain, grain)))


def _grain(size: Size, amount: float) -> Image.Image:
    scale = max(1, round(max(size) / (_LONG_SIDE * 1.3)))
    tile = _grain_tile().point([round(128 + (value - 128) * amount) for value in range(256)])
    if scale > 1:
        tile = tile.resize((_TILE * scale, _TILE * scale), Image.Resampling.BICUBIC)
    grain = Image.new("L", size)
    for left in range(0, size[0], tile.width):
        for top in range(0, size[1], tile.height):
            grain.paste(tile, (left, top))
    return grain


@cache
def _grain_tile() -> Image.Image:
    chance = random.Random("grain")
    values = bytes(min(255, max(0, round(chance.gauss(128, 42)))) for _ in range(_TILE * _TILE))
    return Image.frombytes("L", (_TILE, _TILE), values)
