"""Smaller files of the same picture, for those who can read them: AVIF and WebP beside JPEG and PNG (light: no Pillow)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from media.edits.recipe import Recipe
from media.storage import private_beside

SMALLER: Final = ("image/avif", "image/webp")
"""What a picture is also made into, the best first."""
REPLACED: Final = frozenset(("image/jpeg", "image/png"))
"""What others may be served in place of."""
ALSO: Final = "also"
"""In a variant: the sizes in bytes of the same picture's other files, by media type."""


class FormatOptions(msgspec.Struct, frozen=True):
    """What is asked of a worker: the photograph shown with `recipe`, each of its variants in fewer bytes than it has
    (`most`, by name)."""

    recipe: Recipe
    most: dict[str, int]


def keys_of_variant(variant: Mapping[str, Any]) -> list[str]:
    """Every file of a variant: the one that all can read, and the smaller ones beside it."""
    key = str(variant["key"])
    return [key, *(private_beside(key, media_type) for media_type in variant.get(ALSO, ()))]
