"""The colours of a recipe for films: the very table photographs are looked up in, as a file ffmpeg reads, and its
vignette as a picture that every frame is multiplied by. What is drawn anew for each place of a picture (sharpening,
grain) and its geometry are for photographs."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PIL import Image

from media.edits.cube import FINE, colour_table
from media.edits.development import edges
from media.edits.finish import darken_edges
from media.edits.recipe import Recipe
from media.video.orders import TABLE_FILE, VIGNETTE_FILE, Size


class LookOptions(msgspec.Struct, frozen=True):
    """A recipe for a film of that size."""

    recipe: Recipe
    size: Size


def draw_look(out_dir: Path, wanted: LookOptions) -> None:
    """Write TABLE_FILE and VIGNETTE_FILE, whichever the recipe calls for (`orders.Look`)."""
    table = colour_table(wanted.recipe)
    if table is not None:
        values = [f"{value:.6f}" for value in table.table]
        colours = (" ".join(values[at : at + 3]) for at in range(0, len(values), 3))
        (out_dir / TABLE_FILE).write_text("\n".join([f"LUT_3D_SIZE {FINE}", *colours, ""]))
    amount = edges(wanted.recipe)
    if amount:
        white = Image.new("RGB", wanted.size, "white")
        darken_edges(white, amount).save(out_dir / VIGNETTE_FILE, compress_level=1)
