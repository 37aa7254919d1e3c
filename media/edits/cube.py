"""Tone and filter of a recipe as one table from colours to colours, so that every pixel is looked up once.

The table is computed for all its colours at once: each channel of a coarse cube of colours is a small picture of floats,
and arithmetic on whole pictures is done by Pillow. All values are sRGB as encoded, 0 to 1.
"""

from __future__ import annotations

import array
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec
from PIL import Image, ImageFilter, ImageMath

from media.edits.curves import Curve, segments
from media.edits.looks import LOOKS, NOTHING, Look, Triple
from media.edits.recipe import Recipe

FINE: Final = 33
COARSE: Final = 17
"""Colours along each edge of the cube; what lies between is interpolated."""

_LUMA: Final = (0.3, 0.59, 0.11)
_WARM: Final = (0.14, 0.0, -0.2)
_MAGENTA: Final = (0.05, -0.12, 0.05)
"""What the strongest warmth and tint add to the logarithm (of base 2) of each channel."""

Plane = Any
"""One channel of the cube, in arithmetic: what `ImageMath` hands to its functions."""
Planes = tuple[Plane, Plane, Plane]


class Arithmetic(msgspec.Struct, frozen=True):
    """The functions of `ImageMath` that are no operators."""

    smaller: Callable[[Any, Any], Any]
    larger: Callable[[Any, Any], Any]

    def clamped(self, plane: Plane, low: float = 0.0, high: float = 1.0) -> Plane:
        return self.larger(self.smaller(plane, high), low)


def colour_table(recipe: Recipe, size: int = FINE) -> ImageFilter.Color3DLUT | None:
    """The table of a recipe; `None` when it leaves every colour as it is."""
    essence = Recipe(
        **{name: getattr(recipe, name) for name in _TONES},
        filter=recipe.look,
        filter_strength=recipe.filter_strength if recipe.look else 1.0,
    )
    return None if essence == Recipe() else _computed(essence, size)


_TONES: Final = ("brightness", "contrast", "saturation", "warmth", "tint", "highlights", "shadows", "fade")


@lru_cache(maxsize=32)
def _computed(recipe: Recipe, size: int) -> ImageFilter.Color3DLUT:
    done: list[Plane] = []

    def work(names: dict[str, Any]) -> Plane:
        arithmetic = Arithmetic(names["min"], names["max"])
        planes = _toned((names["r"], names["g"], names["b"]), recipe, arithmetic)
        if recipe.filter:
            looked = _looked(planes, LOOKS[recipe.filter], arithmetic)
            planes = _mixed(planes, looked, recipe.filter_strength)
        done.extend(arithmetic.clamped(plane) for plane in planes)
        return done[0]

    red, green, blue = _cube(size)
    ImageMath.lambda_eval(work, r=red, g=green, b=blue)
    table = array.array("f", bytes(size**3 * 3 * 4))
    for channel, plane in enumerate(done):
        table[channel::3] = array.array("f", plane.im.tobytes())
    return ImageFilter.Color3DLUT(size, table, _copy_table=False)


@lru_cache(maxsize=2)
def _cube(size: int) -> tuple[Image.Image, Image.Image, Image.Image]:
    """The channels of all colours of the cube, in the order of Pillow's tables: red changes fastest, blue slowest."""
    steps = [step / (size - 1) for step in range(size)]
    red = array.array("f", steps * size * size)
    green = array.array("f", [step for step in steps for _ in range(size)] * size)
    blue = array.array("f", [step for step in steps for _ in range(size * size)])
    made = [Image.frombytes("F", (size, size * size), plane.tobytes()) for plane in (red, green, blue)]
    return made[0], made[1], made[2]


def luma(planes: Planes, weights: Triple = _LUMA) -> Plane:
    red, green, blue = planes
    return red * weights[0] + green * weights[1] + blue * weights[2]


def _toned(planes: Planes, recipe: Recipe, arithmetic: Arithmetic) -> Planes:
    if recipe.warmth or recipe.tint:
        planes = _balanced(planes, recipe.warmth, recipe.tint, arithmetic)
    if recipe.brightness:
        planes = _each(planes, lambda plane: _brightened(plane, recipe.brightness))
    if recipe.highlights or recipe.shadows:
        planes = _evened(planes, recipe.highlights, recipe.shadows, arithmetic)
    if recipe.contrast:
        planes = _each(planes, lambda plane: _contrasted(plane, recipe.contrast))
    if recipe.saturation:
        planes = _saturated(planes, recipe.saturation, arithmetic)
    if recipe.fade:
        planes = _faded(planes, recipe.fade)
    return planes


def _each(planes: Planes, change: Callable[[Plane], Plane]) -> Planes:
    return change(planes[0]), change(planes[1]), change(planes[2])


def _balanced(planes: Planes, warmth: float, tint: float, arithmetic: Arithmetic) -> Planes:
    """Gains of the channels that leave grey as bright as it was."""
    gains = [
        2 ** (warmth * warm + tint * magenta * (1 if tint > 0 else 1.2))
        for warm, magenta in zip(_WARM, _MAGENTA, strict=True)
    ]
    level = sum(gain * weight for gain, weight in zip(gains, _LUMA, strict=True))
    red, green, blue = (arithmetic.clamped(plane * (gain / level)) for plane, gain in zip(planes, gains, strict=True))
    return red, green, blue


def _brightened(plane: Plane, brightness: float) -> Plane:
    """Moves the middle, holds black and white: Schlick's bias, whose slope is nowhere infinite."""
    middle = 0.5 + 0.25 * brightness
    return plane / ((1 / middle - 2) * (1 - plane) + 1)


def _evened(planes: Planes, highlights: float, shadows: float, arithmetic: Arithmetic) -> Planes:
    """Lifts or lowers what is bright and what is dark, hues unchanged; black and white stay."""
    light = luma(planes)
    bright = light * light * (1 - light)
    dark = light * (1 - light) * (1 - light)
    target = light + bright * (highlights * (0.9 if highlights > 0 else 1.5))
    target = target + dark * (shadows * (1.5 if shadows > 0 else 0.9))
    gain = target / arithmetic.larger(light, 1e-4)
    return _each(planes, lambda plane: arithmetic.clamped(plane * gain))


def _contrasted(plane: Plane, contrast: float) -> Plane:
    if contrast < 0:
        return plane + (0.5 - plane) * (-0.5 * contrast)
    steep = plane * plane * plane * (plane * (plane * 6 - 15) + 10)
    return plane + (steep - plane) * contrast


def _saturated(planes: Planes, saturation: float, arithmetic: Arithmetic) -> Planes:
    """Less colour evenly; more of it first where there is little, so that skin and skies do not burn out."""
    light = luma(planes)
    if saturation < 0:
        return _each(planes, lambda plane: light + (plane - light) * (1 + saturation))
    gain = 1 + (1 - _chroma(planes, arithmetic) * 0.55) * saturation
    return _each(planes, lambda plane: arithmetic.clamped(light + (plane - light) * gain))


def _chroma(planes: Planes, arithmetic: Arithmetic) -> Plane:
    red, green, blue = planes
    highest = arithmetic.larger(arithmetic.larger(red, green), blue)
    return highest - arithmetic.smaller(arithmetic.smaller(red, green), blue)


def _faded(planes: Planes, fade: float) -> Planes:
    light = luma(planes)
    low, high = 0.16 * fade, 1 - 0.06 * fade
    pale = _each(planes, lambda plane: plane + (light - plane) * (0.2 * fade))
    return _each(pale, lambda plane: plane * (high - low) + low)


def _mixed(planes: Planes, others: Planes, share: float) -> Planes:
    red, green, blue = (plane + (other - plane) * share for plane, other in zip(planes, others, strict=True))
    return red, green, blue


def _looked(planes: Planes, look: Look, arithmetic: Arithmetic) -> Planes:
    if look.mono is not None:
        grey = arithmetic.clamped(luma(planes, look.mono))
        planes = (grey, grey, grey)
    planes = _curved(planes, (look.curve, look.curve, look.curve), arithmetic)
    planes = _curved(planes, (look.red, look.green, look.blue), arithmetic)
    planes = _coloured(planes, look, arithmetic)
    if look.shadow_tint != NOTHING or look.highlight_tint != NOTHING:
        planes = _split_toned(planes, look)
    red, green, blue = (
        plane * (white - black) + black for plane, black, white in zip(planes, look.black, look.white, strict=True)
    )
    return red, green, blue


def _curved(planes: Planes, curves: tuple[Curve, Curve, Curve], arithmetic: Arithmetic) -> Planes:
    red, green, blue = (
        _along(plane, curve, arithmetic) if curve else plane for plane, curve in zip(planes, curves, strict=True)
    )
    return red, green, blue


def _along(plane: Plane, curve: Curve, arithmetic: Arithmetic) -> Plane:
    """The curve's pieces one upon another: each rises over its own stretch and is level elsewhere."""
    total = None
    for piece in segments(curve):
        at = arithmetic.clamped(plane, piece.start, piece.end) - piece.start
        rise = at * (at * (at * piece.cubic + piece.square) + piece.slope)
        total = rise + curve[0][1] if total is None else total + rise
    return arithmetic.clamped(total)


def _coloured(planes: Planes, look: Look, arithmetic: Arithmetic) -> Planes:
    """Saturation: of everything, and more or less of it among warm colours, cool ones and greens."""
    if look.saturation == look.warm_saturation == look.cool_saturation == look.green_saturation == 0:
        return planes
    red, green, blue = planes
    gain: Plane = 1 + look.saturation
    if look.warm_saturation:
        gain = arithmetic.clamped(red - arithmetic.larger(green, blue)) * (2 * look.warm_saturation) + gain
    if look.cool_saturation:
        gain = arithmetic.clamped(blue - red) * (2 * look.cool_saturation) + gain
    if look.green_saturation:
        gain = arithmetic.clamped(green - arithmetic.larger(red, blue)) * (2 * look.green_saturation) + gain
    light = luma(planes)
    if not isinstance(gain, int | float):
        gain = arithmetic.larger(gain, 0.0)
    return _each(planes, lambda plane: arithmetic.clamped(light + (plane - light) * gain))


def _split_toned(planes: Planes, look: Look) -> Planes:
    """A colour for what is dark and another for what is bright; black, white and the brightness stay near what they were."""
    light = luma(planes)
    dark = light * (1 - light) * (1 - light) * 4
    bright = light * light * (1 - light) * 4
    red, green, blue = (
        plane + dark * low + bright * high
        for plane, low, high in zip(planes, look.shadow_tint, look.highlight_tint, strict=True)
    )
    return red, green, blue
