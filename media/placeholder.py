"""BlurHash: a picture in 28 characters, shown until the real one has come.

The algorithm is Wolt's (https://github.com/woltapp/blurhash, Algorithm.md): a small cosine transform of the
linear-light picture, its coefficients quantised and written in base 83.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PIL import Image

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_SAMPLE: Final = 32

_LINEAR: Final = tuple(
    value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)
)

_Colour = tuple[float, float, float]


def blurhash(image: Image.Image, x_components: int = 4, y_components: int = 3) -> str:
    """The BlurHash of `image`, computed from a copy of at most 32 × 32 pixels; transparency shows white."""
    scale = _SAMPLE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    tiny = image.resize(size, Image.Resampling.BOX) if max(image.size) > _SAMPLE else image
    if tiny.mode == "RGBA":
        tiny = Image.alpha_composite(Image.new("RGBA", tiny.size, "white"), tiny)
    return encode(tiny.convert("RGB").tobytes(), tiny.width, tiny.height, x_components, y_components)


def encode(rgb: bytes, width: int, height: int, x_components: int, y_components: int) -> str:
    """The BlurHash of `width` × `height` pixels of 3 bytes each, row by row."""
    planes = [[_LINEAR[value] for value in rgb[channel::3]] for channel in range(3)]
    across = [[math.cos(math.pi * i * x / width) for x in range(width)] for i in range(x_components)]
    down = [[math.cos(math.pi * j * y / height) for y in range(height)] for j in range(y_components)]
    spectra = [_transform(plane, width, across, down) for plane in planes]
    average, *factors = zip(*spectra, strict=True)
    return _write(average, factors, x_components, y_components)


def _transform(plane: Sequence[float], width: int, across: list[list[float]], down: list[list[float]]) -> list[float]:
    """The cosine coefficients of one colour plane, rows first and columns after, the lowest first."""
    rows = [plane[at : at + width] for at in range(0, len(plane), width)]
    by_row = [[sum(map(float.__mul__, row, wave)) for row in rows] for wave in across]
    coefficients = []
    for j, vertical in enumerate(down):
        for i, column in enumerate(by_row):
            weight = (1 if i == j == 0 else 2) / len(plane)
            coefficients.append(weight * sum(map(float.__mul__, column, vertical)))
    return coefficients


def _write(average: _Colour, factors: list[_Colour], x_components: int, y_components: int) -> str:
    text = _base83(x_components - 1 + (y_components - 1) * 9, 1)
    largest = max((abs(value) for factor in factors for value in factor), default=0.0)
    if factors:
        step = max(0, min(82, math.floor(largest * 166 - 0.5)))
        scale = (step + 1) / 166
    else:
        step, scale = 0, 1.0
    text += _base83(step, 1)
    red, green, blue = (_to_srgb(value) for value in average)
    text += _base83(red << 16 | green << 8 | blue, 4)
    for factor in factors:
        red, green, blue = (_quantise(value / scale) for value in factor)
        text += _base83(red * 361 + green * 19 + blue, 2)
    return text


def _quantise(value: float) -> int:
    return max(0, min(18, math.floor(math.copysign(abs(value) ** 0.5, value) * 9 + 9.5)))


def _to_srgb(value: float) -> int:
    value = max(0.0, min(1.0, value))
    if value <= 0.0031308:
        return int(value * 12.92 * 255 + 0.5)
    return int((1.055 * value ** (1 / 2.4) - 0.055) * 255 + 0.5)


def _base83(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 83)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
