"""A recipe applied to a picture."""

from __future__ import annotations

from PIL import Image

from media.edits.cube import FINE, colour_table
from media.edits.finish import add_grain, darken_edges, sharpen
from media.edits.geometry import Size, finished_size, frame
from media.edits.looks import LOOKS
from media.edits.recipe import Recipe


def apply(image: Image.Image, recipe: Recipe, *, fineness: int = FINE) -> Image.Image:
    """`image` (RGB or RGBA, sRGB, upright) as the recipe wants it; `image` itself when that changes nothing.

    Transparency stays as it was. The same recipe gives the same pixels, always.
    """
    image = frame(image, recipe)
    table = colour_table(recipe, fineness)
    if table is not None:
        image = image.filter(table)
    return _finished(image, recipe)


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
