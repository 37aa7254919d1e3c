"""What the tasks of an editor are told: small plain values (light: no Pillow)."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from media.edits.recipe import Recipe

LARGEST_PREVIEW: Final = 1080
SMALLEST_PREVIEW: Final = 32
LARGEST_THUMBNAIL: Final = 200


class PreviewOptions(msgspec.Struct, frozen=True):
    """`size` is the longest side of the preview, in pixels."""

    recipe: Recipe
    size: Annotated[int, msgspec.Meta(ge=SMALLEST_PREVIEW, le=LARGEST_PREVIEW)]


class OriginalOptions(msgspec.Struct, frozen=True):
    """How the photograph is shown, and the camera's facts that may be written into what others get."""

    recipe: Recipe
    facts: dict[str, Any]


class StripOptions(msgspec.Struct, frozen=True):
    """A strip of squares with sides of `side` pixels, one for each filter; the recipe's own filter does not count."""

    recipe: Recipe
    side: Annotated[int, msgspec.Meta(ge=SMALLEST_PREVIEW, le=LARGEST_THUMBNAIL)]
