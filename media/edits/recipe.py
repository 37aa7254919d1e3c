"""What is to be done to a photograph: plain, bounded, versioned values. Nothing here touches a pixel."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from media.edits.foreign import known_as
from media.edits.looks import LOOKS

Aspect = Literal["free", "original", "1:1", "4:5", "3:4", "9:16", "16:9", "1.91:1"]

ASPECTS: Final[Mapping[str, float]] = {
    "1:1": 1.0,
    "4:5": 4 / 5,
    "3:4": 3 / 4,
    "9:16": 9 / 16,
    "16:9": 16 / 9,
    "1.91:1": 1.91,
}
"""Width by height of the finished picture."""

SMALLEST_CROP: Final = 0.02
"""Of a side of the original: less is no picture any more."""

Both = Annotated[float, msgspec.Meta(ge=-1, le=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Side = Annotated[float, msgspec.Meta(ge=SMALLEST_CROP, le=1)]


class RecipeError(Exception):
    """The recipe cannot be accepted: `field` is the part of it that is wrong, `reason` what is (`must be …`)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}".strip())
        self.field = field
        self.reason = reason


class Crop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the upright original, before it is turned, in fractions of its sides from the top left corner."""

    x: Share = 0.0
    y: Share = 0.0
    width: Side = 1.0
    height: Side = 1.0


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is done to the upright original, in this order: cropped and straightened, turned by quarters, mirrored;
    its tone, its filter; then vignette, sharpening and grain. The defaults change nothing.

    `aspect` is the shape of the finished picture: what `crop` names, or the whole, is cut to it around its centre.
    `straighten`, in degrees clockwise, turns what is cropped within the original and makes it smaller where corners
    would be empty. `rotate`, in degrees clockwise, comes after. The rest goes from -1 to 1, or from 0 to 1 where only
    one direction makes sense. `filter` is a filter's name, ours or Pixelfed's.
    """

    version: Literal[1] = 1
    crop: Crop | None = None
    aspect: Aspect = "free"
    straighten: Annotated[float, msgspec.Meta(ge=-45, le=45)] = 0.0
    rotate: Literal[0, 90, 180, 270] = 0
    flip_horizontal: bool = False
    flip_vertical: bool = False
    brightness: Both = 0.0
    contrast: Both = 0.0
    saturation: Both = 0.0
    warmth: Both = 0.0
    tint: Both = 0.0
    highlights: Both = 0.0
    shadows: Both = 0.0
    fade: Share = 0.0
    filter: str = ""
    filter_strength: Share = 1.0
    vignette: Share = 0.0
    sharpen: Share = 0.0
    grain: Share = 0.0

    @property
    def look(self) -> str:
        """Our name of the filter that shows, empty when none does."""
        return self.filter if self.filter_strength > 0 else ""

    @property
    def is_idle(self) -> bool:
        """Whether it leaves every picture as it is."""
        return self.same_as(Recipe())

    def same_as(self, other: Recipe) -> bool:
        """Whether both make the same of every picture."""
        return _essence(self) == _essence(other)


def _essence(recipe: Recipe) -> Recipe:
    whole = recipe.crop == Crop()
    filtered = bool(recipe.look)
    return msgspec.structs.replace(
        recipe,
        crop=None if whole else recipe.crop,
        filter=recipe.look,
        filter_strength=recipe.filter_strength if filtered else 1.0,
    )


def read_recipe(values: Any) -> Recipe:
    """The recipe in plain values (of JSON, or of a form, where numbers are text). Raises `RecipeError`.

    Pixelfed's names of filters become ours.
    """
    if not isinstance(values, Mapping):
        raise RecipeError("", "must be an object")
    try:
        recipe = msgspec.convert(values, Recipe, strict=False)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from None
    if recipe.crop is not None and (
        recipe.crop.x + recipe.crop.width > 1 + 1e-6 or recipe.crop.y + recipe.crop.height > 1 + 1e-6
    ):
        raise RecipeError("crop", "must lie within the picture")
    return msgspec.structs.replace(recipe, filter=_our_filter(recipe.filter))


def _our_filter(name: str) -> str:
    if not name or name in LOOKS:
        return name
    ours = known_as(name)
    if ours is None:
        raise RecipeError("filter", "is none of the known filters")
    return ours


_WHERE: Final = re.compile(r"`\$\.([a-z_.]+)`")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]{1,40})`")


def _named(problem: str) -> RecipeError:
    """msgspec's sentence, as one for people."""
    where = _WHERE.search(problem)
    path = where.group(1) if where else ""
    unknown = _UNKNOWN.search(problem)
    if unknown:
        return RecipeError(".".join(part for part in (path, unknown.group(1)) if part), "is not known")
    return RecipeError(path, _bounds(path))


def _bounds(path: str) -> str:
    """What a field of the recipe must be."""
    struct: type[msgspec.Struct] = Recipe
    *outer, name = path.split(".")
    if outer:
        struct = Crop
    hint = typing.get_type_hints(struct, include_extras=True).get(name)
    meta = next((part for part in typing.get_args(hint) if isinstance(part, msgspec.Meta)), None)
    if meta is not None:
        return f"must be a number from {meta.ge:g} to {meta.le:g}"
    if typing.get_origin(hint) is Literal:
        return f"must be one of {', '.join(str(choice) for choice in typing.get_args(hint))}"
    if typing.get_origin(hint) is types.UnionType:
        return "must be an object with x, y, width and height"
    return {bool: "must be true or false", str: "must be the name of a filter"}.get(hint or object, "is not right")
