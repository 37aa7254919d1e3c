"""People tagged in a picture and its focal point: they stay at what they mark when the picture is cropped or turned.

What is cropped away keeps its place, outside of the picture, and is shown again when that part is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from media.edits.frames import Point, Size, moved
from media.edits.recipe import Recipe
from node import db
from node.models.media import MediaFile

PEOPLE, FOCUS = "people", "focus"
_DIGITS: Final = 9
_UNSET: Final = (0.0, 0.0)
_BESIDE_CENTRE: Final = 1e-9
"""What tells a focal point that has come to the middle from none."""


async def follow(file: MediaFile, size: Size, before: Recipe, after: Recipe, staying: Collection[str] = ()) -> None:
    """Move what is marked in a photograph, in the caller's transaction, when another recipe shows it: of an original of that
    size. What is `staying` (`people`, `focus`) was said of the picture as it is going to be."""
    if PEOPLE not in staying:
        rows = await db.fetch_all("SELECT id, x, y FROM people_in_pictures WHERE media_id = ?", (file.id,))
        places = [(*_rounded(moved((row[1], row[2]), size, before, after)), row[0]) for row in rows]
        await db.execute_many("UPDATE people_in_pictures SET x = ?, y = ? WHERE id = ?", places)
    if FOCUS not in staying and (file.focus_x, file.focus_y) != _UNSET:
        point = ((file.focus_x + 1) / 2, (1 - file.focus_y) / 2)
        x, y = moved(point, size, before, after)
        focus = _rounded((2 * x - 1, 1 - 2 * y))
        await db.execute(
            "UPDATE media_files SET focus_x = ?, focus_y = ? WHERE id = ?",
            (*(focus if focus != _UNSET else (_BESIDE_CENTRE, 0.0)), file.id),
        )


def _rounded(point: Point) -> Point:
    """Going back and forth is to end where it began."""
    return round(point[0], _DIGITS) + 0.0, round(point[1], _DIGITS) + 0.0
