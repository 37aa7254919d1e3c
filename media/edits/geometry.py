"""The part of the upright original that a recipe shows, cut out and turned."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image

from media.edits.frames import Frame, frame_of
from media.edits.recipe import Recipe

_SHARP_PIXELS: Final = 4_000_000
"""Up to here a straightened picture is sampled bicubically; above it nobody sees the difference, which takes thrice as long."""

_Turn = Image.Transpose
_QUARTERS: Final = {90: _Turn.ROTATE_270, 180: _Turn.ROTATE_180, 270: _Turn.ROTATE_90}


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
