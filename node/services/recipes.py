"""The recipes of photographs as they are written down; what is done with them is in `node.services.edits`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from media.edits.foreign import known_as
from media.edits.recipe import Recipe, RecipeError, read_recipe
from node import clock
from node.errors import Invalid
from node.models.edits import PhotoEdit

FIELD: Final = "edits"
MOST_PAST: Final = 20
NO_RECIPE: Final = Recipe()


def checked(values: str | Mapping[str, Any]) -> Recipe:
    """The recipe somebody sent, as JSON or as plain values. Raises `Invalid` (edits, edits.brightness …)."""
    try:
        plain = msgspec.json.decode(values) if isinstance(values, str) else values
    except msgspec.DecodeError:
        raise Invalid(FIELD, "is not valid JSON") from None
    try:
        return read_recipe(plain)
    except RecipeError as refusal:
        raise Invalid(f"{FIELD}.{refusal.field}".rstrip("."), refusal.reason) from None


def of_foreign_filter(name: str) -> Recipe | None:
    """What a filter of Pixelfed's, by name or class, comes to here; `None` for one it has not."""
    ours = known_as(name)
    return Recipe(filter=ours) if ours is not None else None


def from_row(plain: Mapping[str, Any]) -> Recipe:
    """A recipe that was written down."""
    return msgspec.convert(plain, Recipe)


def to_row(recipe: Recipe) -> dict[str, Any]:
    """A recipe as it is written down."""
    plain: dict[str, Any] = msgspec.to_builtins(recipe)
    return plain


async def begin(media_id: int, recipe: Recipe) -> None:
    """Write down the recipe a photograph comes with, in the caller's transaction."""
    await PhotoEdit.create(
        media_id=media_id, recipe=to_row(recipe), past=[{}], look=recipe.look, changed_at=clock.now()
    )


async def of_file(media_id: int) -> Recipe:
    """The recipe a photograph is shown with."""
    edit = await PhotoEdit.get_or_none(media_id=media_id)
    return from_row(edit.recipe) if edit is not None else NO_RECIPE
