"""How a photograph is edited, and the filters there are."""

from __future__ import annotations

import msgspec

from media.edits.foreign import FOREIGN_CLASSES
from media.edits.looks import LOOKS
from media.edits.recipe import Recipe
from node.services.edits import Edited


class PhotoEdits(msgspec.Struct, frozen=True):
    """`edits` is what the picture is shown with; `pending` what is still being worked on; `error` why the last could not
    be done. `can_undo`: there is a recipe before this one; `can_edit`: the original is kept."""

    media_id: str
    edits: Recipe
    pending: Recipe | None
    version: int
    can_undo: bool
    can_edit: bool
    error: str | None


class PhotoFilter(msgspec.Struct, frozen=True):
    """A filter; `position` is its place in the strip of a picture, from 0. `pixelfed` are the classes of Pixelfed's filters
    that come out as this one."""

    name: str
    title: str
    category: str
    position: int
    pixelfed: list[str]


def render(media_id: int, edited: Edited) -> PhotoEdits:
    """The entity of a photograph's edits."""
    return PhotoEdits(
        media_id=str(media_id),
        edits=edited.recipe,
        pending=edited.pending,
        version=edited.version,
        can_undo=bool(edited.past),
        can_edit=edited.has_original,
        error=edited.problem or None,
    )


def filters() -> list[PhotoFilter]:
    """Every filter, in order."""
    return [
        PhotoFilter(
            name, look.title, look.category, place, [known for known, ours in FOREIGN_CLASSES.items() if ours == name]
        )
        for place, (name, look) in enumerate(LOOKS.items())
    ]
