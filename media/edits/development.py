"""A recipe applied to a picture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from PIL import Image, ImageFilter

from media.edits.cube import COARSE, FINE, colour_table
from media.edits.finish import add_grain, darken_edges, sharpen
from media.edits.frames import Size, finished_size
from media.edits.geometry import frame
from media.edits.looks import LOOKS
from media.edits.recipe import Recipe

_LARGE: Final = 2_000_000
"""Pixels from which on a second thread is worth it."""
_STRIP: Final = 256
_THREADS: Final = 2


def apply(image: Image.Image, recipe: Recipe, *, quickly: bool = False) -> Image.Image:
    """`image` (RGB or RGBA, sRGB, upright) as the recipe wants it; `image` itself when that changes nothing.

    Transparency stays as it was. The same recipe gives the same pixels, always; `quickly`, for a preview, nearly the same.
    """
    image = frame(image, recipe, quickly=quickly)
    table = colour_table(recipe, COARSE if quickly else FINE)
    if table is not None:
        image = _looked_up(image, table)
    return _finished(image, recipe)


def _looked_up(image: Image.Image, table: ImageFilter.Color3DLUT) -> Image.Image:
    """Every pixel by the table; a large picture in strips, by two threads, since Pillow lets go of the interpreter
    meanwhile."""
    if image.width * image.height <= _LARGE:
        return image.filter(table)
    done = Image.new(image.mode, image.size)

    def look_up(top: int) -> None:
        strip = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        done.paste(strip.filter(table), (0, top))

    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(look_up, range(0, image.height, _STRIP)):
            pass
    return done


def size_to_decode(recipe: Recipe, size: Size, wanted: Size) -> Size:
    """To what an original of that size may be shrunk before the recipe is applied, when the finished picture (unshrunk:
    `finished_size`) is going to be `wanted`."""
    finished = finished_size(recipe, size)
    scale = min(max(wanted[0] / finished[0], wanted[1] / finished[1]), 1.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def edges(recipe: Recipe) -> float:
    """How strong the vignette is, that of the filter included."""
    look = LOOKS.get(recipe.look)
    return recipe.vignette if look is None else min(1.0, recipe.vignette + look.vignette * recipe.filter_strength)


def _finished(image: Image.Image, recipe: Recipe) -> Image.Image:
    vignette, grain = edges(recipe), recipe.grain
    look = LOOKS.get(recipe.look)
    if look is not None:
        grain = min(1.0, grain + look.grain * recipe.filter_strength)
    if not (vignette or grain or recipe.sharpen):
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB")
    if vignette:
        colours = darken_edges(colours, vignette)
    if recipe.sharpen:
        colours = sharpen(colours, recipe.sharpen)
    if grain:
        colours = add_grain(colours, grain)
    if alpha is not None:
        colours.putalpha(alpha)
    return colours
