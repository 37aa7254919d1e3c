"""Pictures drawn from a seed: a sky, a sun, hills and their reflection, for the demo and for tests."""

from __future__ import annotations

import colorsys
import io
import math
import random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

_LAYERS: Final = 5

_Colour = tuple[int, int, int]


def draw_picture(seed: int | str, width: int = 1600, height: int = 1200) -> bytes:
    """A JPEG of a landscape; the same seed and size give the same picture."""
    image = draw_landscape(seed, width, height)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def draw_landscape(seed: int | str, width: int, height: int) -> Image.Image:
    """The same picture, not yet encoded (mode RGB)."""
    chance = random.Random(f"landscape {seed}")
    hue = chance.random()
    image = _sky(hue, width, height)
    _sun(image, chance, hue)
    draw = ImageDraw.Draw(image)
    for layer in range(_LAYERS):
        nearness = layer / (_LAYERS - 1)
        colour = _colour(hue + 0.55 + 0.04 * layer, 0.25 + 0.3 * nearness, 0.75 - 0.6 * nearness)
        draw.polygon(_ridge(chance, width, height, nearness), fill=colour)
    return _with_grain(image, chance)


def _colour(hue: float, saturation: float, value: float) -> _Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(1, saturation), min(1, value))
    return round(red * 255), round(green * 255), round(blue * 255)


def _sky(hue: float, width: int, height: int) -> Image.Image:
    steps = 64
    column = Image.new("RGB", (1, steps))
    for step in range(steps):
        share = step / (steps - 1)
        column.putpixel((0, step), _colour(hue + 0.12 * share, 0.65 - 0.4 * share, 0.7 + 0.3 * share))
    return column.resize((width, height), Image.Resampling.BICUBIC)


def _sun(image: Image.Image, chance: random.Random, hue: float) -> None:
    small = (max(1, image.width // 8), max(1, image.height // 8))
    radius = max(2, min(small) // chance.randint(6, 10))
    x, y = chance.uniform(0.2, 0.8) * small[0], chance.uniform(0.15, 0.45) * small[1]
    glow = Image.new("L", small)
    ImageDraw.Draw(glow).ellipse((x - radius * 2, y - radius * 2, x + radius * 2, y + radius * 2), fill=110)
    glow = glow.filter(ImageFilter.GaussianBlur(radius))
    ImageDraw.Draw(glow).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    mask = glow.resize(image.size, Image.Resampling.BICUBIC)
    image.paste(_colour(hue + 0.14, 0.12, 1.0), (0, 0), mask)


def _ridge(chance: random.Random, width: int, height: int, nearness: float) -> list[tuple[float, float]]:
    base = height * (0.5 + 0.4 * nearness)
    waves = [
        (chance.uniform(0.6, 1.4) * 2**octave, chance.uniform(0, math.tau), 0.07 * height / 1.9**octave)
        for octave in range(5)
    ]
    points = []
    for step in range(201):
        share = step / 200
        rise = sum(math.sin(share * math.tau * speed + phase) * size for speed, phase, size in waves)
        points.append((share * width, base - rise))
    return [*points, (width, height), (0, height)]


def _with_grain(image: Image.Image, chance: random.Random) -> Image.Image:
    """A little film grain, so that the picture compresses like a photograph. Drawn from the seed."""
    tile = Image.frombytes("L", (128, 128), bytes(min(255, max(0, round(chance.gauss(128, 6)))) for _ in range(16384)))
    grain = Image.new("L", image.size)
    for left in range(0, image.width, 128):
        for top in range(0, image.height, 128):
            grain.paste(tile, (left, top))
    return ImageChops.add(image, Image.merge("RGB", (grain, grain, grain)), 1, -128)
