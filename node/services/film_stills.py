"""What a film shows at a moment before anything is done to it: small pictures for an editor.

They are taken from the film as it is served while it is unedited, which is quick, else from the original, in the way the
film itself is made.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from media.edits.options import LARGEST_PREVIEW
from media.edits.recipe import Crop as RecipeCrop
from media.edits.recipe import Recipe
from media.storage import FileMissing
from media.video import workers
from media.video.facts import UNEDITED, Crop, FilmEdits
from node.errors import Invalid
from node.models.films import Film
from node.models.media import FAILED, MediaFile
from node.runtime import runtime
from node.services import film_work, films, kept_previews

_STEP: Final = 0.05
"""Seconds: moments that lie closer together are one picture."""


def is_seen(file: MediaFile) -> bool:
    """Whether it is a film that can be shown, also while the first work on it is under way."""
    return file.kind in ("video", "gifv") and file.state != FAILED


def look_of(recipe: Recipe, crop: Crop | None) -> Recipe:
    """The recipe with which a picture looks as the film will. Raises `Invalid` (edits) for what is for photographs."""
    films.check_look(recipe, has_pictures=True)
    if crop is None:
        return recipe
    return msgspec.structs.replace(recipe, crop=RecipeCrop(crop.x, crop.y, crop.width, crop.height))


async def still(file: MediaFile, at: float) -> Path:
    """The picture at a moment of the original, on this machine's disk. Raises `Invalid` (at), FileMissing, and MediaError,
    MediaBusy, MediaFailure."""
    film = await Film.get(media_id=file.id)
    if not (math.isfinite(at) and 0 <= at <= film.seconds):
        raise Invalid("at", "must be a moment of the film")
    at = round(at / _STEP) * _STEP
    served = _served(file, film)
    key = served or file.original_key
    if not key:
        raise FileMissing
    source = await kept_previews.local(key, ending=kept_previews.FILM)

    async def make(folder: Path) -> Path:
        if served is not None:
            return await workers.still(runtime().film_pool, source, folder, at, LARGEST_PREVIEW)
        return await film_work.studio().still(source, folder, at)

    return await kept_previews.kept(f"{key} {at:.2f}", make)


def _served(file: MediaFile, film: Film) -> str | None:
    """The key of the film as it is served, while that looks as the original does."""
    is_edited = replace(msgspec.convert(film.edits, FilmEdits), mute=False) != UNEDITED
    return None if is_edited or "video" not in file.variants else str(file.variants["video"]["key"])
