"""Every filter on one photograph, in a grid with names: for looking at them."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw, ImageFont

from media.edits.development import apply
from media.edits.looks import LOOKS
from media.edits.recipe import Recipe

_GAP: Final = 12
_LABEL: Final = 30
_PAPER: Final = (250, 250, 248)
_INK: Final = (40, 40, 40)


def contact_sheet(photo: Image.Image, *, columns: int = 6, side: int = 320) -> Image.Image:
    """The photograph (RGB, sRGB) as it is, then with each filter, none larger than `side` × `side`."""
    scale = min(side / photo.width, side / photo.height, 1.0)
    small = photo.resize(
        (max(1, round(photo.width * scale)), max(1, round(photo.height * scale))), Image.Resampling.LANCZOS
    )
    shown = [("Original", small)]
    shown += [(look.title, apply(small, Recipe(filter=name))) for name, look in LOOKS.items()]
    across, down = small.width + _GAP, small.height + _LABEL + _GAP
    rows = -(-len(shown) // columns)
    sheet = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
    for place, (title, picture) in enumerate(shown):
        left, top = _GAP + place % columns * across, _GAP + place // columns * down
        sheet.paste(picture, (left, top))
        draw.text((left, top + small.height + 4), title, fill=_INK, font=font)
    return sheet
