"""Which part of the upright original a recipe shows, and how it is turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

from media.edits.recipe import ASPECTS, Crop, Recipe

Size = tuple[int, int]

_SHARP_PIXELS: Final = 4_000_000
"""Up to here a straightened picture is sampled bicubically; above it nobody sees the difference, which takes thrice as long."""

_Turn = Image.Transpose
_QUARTERS: Final = {90: _Turn.ROTATE_270, 180: _Turn.ROTATE_180, 270: _Turn.ROTATE_90}


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle within the original, in its pixels: centre, size, and by how many degrees it is tilted. The finished
    picture has its size, or that with width and height exchanged."""

    x: float
    y: float
    width: float
    height: float
    angle: float

    @property
    def size(self) -> Size:
        return max(1, round(self.width)), max(1, round(self.height))


def frame_of(recipe: Recipe, size: Size) -> Frame:
    """What is taken of an original of that size, before it is turned by quarters."""
    crop = recipe.crop or Crop()
    width, height = crop.width * size[0], crop.height * size[1]
    x, y = crop.x * size[0] + width / 2, crop.y * size[1] + height / 2
    shape = _shape(recipe, size)
    if shape is not None:
        width, height = min(width, height * shape), min(height, width / shape)
    # The picture turns clockwise when what is taken of it turns the other way.
    frame = Frame(x, y, width, height, -recipe.straighten)
    if not recipe.straighten:
        return frame
    scale = _room(frame, size)
    return Frame(x, y, max(1.0, width * scale), max(1.0, height * scale), frame.angle)


def finished_size(recipe: Recipe, size: Size) -> Size:
    """How large the finished picture is, of an original of that size."""
    width, height = frame_of(recipe, size).size
    return (height, width) if recipe.rotate in (90, 270) else (width, height)


def frame(image: Image.Image, recipe: Recipe, *, quickly: bool = False) -> Image.Image:
    """The part of `image` that the recipe shows, straight, turned and mirrored; `image` itself when that is all of it.
    `quickly` it is sampled less finely."""
    taken = frame_of(recipe, image.size)
    if taken.angle:
        image = _straightened(image, taken, quickly)
    elif taken.size != image.size:
        left, top = round(taken.x - taken.width / 2), round(taken.y - taken.height / 2)
        image = image.crop((left, top, left + taken.size[0], top + taken.size[1]))
    if recipe.rotate:
        image = image.transpose(_QUARTERS[recipe.rotate])
    if recipe.flip_horizontal:
        image = image.transpose(_Turn.FLIP_LEFT_RIGHT)
    if recipe.flip_vertical:
        image = image.transpose(_Turn.FLIP_TOP_BOTTOM)
    return image


def _shape(recipe: Recipe, size: Size) -> float | None:
    """Width by height of what is taken of the original; `None` when the crop says it alone."""
    if recipe.aspect == "free":
        return None
    if recipe.aspect == "original":
        return size[0] / size[1]
    shape = ASPECTS[recipe.aspect]
    return 1 / shape if recipe.rotate in (90, 270) else shape


def _room(tilted: Frame, size: Size) -> float:
    """By how much the tilted rectangle must shrink around its centre so that every corner lies within the original."""
    turn = math.radians(tilted.angle)
    across = (tilted.width * abs(math.cos(turn)) + tilted.height * abs(math.sin(turn))) / 2
    down = (tilted.width * abs(math.sin(turn)) + tilted.height * abs(math.cos(turn))) / 2
    free_across = min(tilted.x, size[0] - tilted.x)
    free_down = min(tilted.y, size[1] - tilted.y)
    return min(1.0, free_across / across, free_down / down)


def _straightened(image: Image.Image, taken: Frame, quickly: bool) -> Image.Image:
    width, height = taken.size
    cosine, sine = math.cos(math.radians(taken.angle)), math.sin(math.radians(taken.angle))
    matrix = (
        *(cosine, -sine, taken.x - cosine * width / 2 + sine * height / 2),
        *(sine, cosine, taken.y - sine * width / 2 - cosine * height / 2),
    )
    is_coarse = quickly or width * height > _SHARP_PIXELS
    sampling = Image.Resampling.BILINEAR if is_coarse else Image.Resampling.BICUBIC
    if image.mode == "RGBA":
        # What is transparent has a colour too, which must not bleed into its neighbours.
        tilted = image.convert("RGBa").transform((width, height), Image.Transform.AFFINE, matrix, sampling)
        return tilted.convert("RGBA")
    return image.transform((width, height), Image.Transform.AFFINE, matrix, sampling)
