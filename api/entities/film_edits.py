"""How a film is edited."""

from __future__ import annotations

from typing import Any

import msgspec

from media.edits.recipe import Recipe
from media.video.facts import FilmEdits
from node.models.films import Film
from node.models.media import MediaFile


class Cuts(msgspec.Struct, frozen=True):
    """Seconds where it begins and ends (`null`: where the original does), whether it is silent, the part of the frame that
    is kept (`"x,y,width,height"`, as shares), the moment of the poster, and a recipe for its colours."""

    start: float
    end: float | None
    mute: bool
    crop: str | None
    thumb_at: float | None
    edits: Recipe


class EditedFilm(msgspec.Struct, frozen=True):
    """`film` is what it is shown with; `pending` what is still being worked on; `error` why the last could not be done.
    `duration` is the original's, in seconds. `can_undo`: there is something before; `can_edit`: the original is kept."""

    media_id: str
    film: Cuts
    pending: Cuts | None
    duration: float
    version: int
    can_undo: bool
    can_edit: bool
    error: str | None


def render(file: MediaFile, film: Film) -> EditedFilm:
    """The entity of a film's edits."""
    return EditedFilm(
        media_id=str(file.id),
        film=_cuts(film.edits, film.poster_at),
        pending=_cuts(film.pending["edits"], film.pending["poster_at"]) if film.pending is not None else None,
        duration=film.seconds,
        version=film.version,
        can_undo=bool(film.past),
        can_edit=file.original_key is not None,
        error=film.reason or None,
    )


def _cuts(plain: dict[str, Any], poster_at: float | None) -> Cuts:
    edits = msgspec.convert(plain, FilmEdits)
    crop = edits.crop
    shares = (crop.x, crop.y, crop.width, crop.height) if crop is not None else ()
    return Cuts(
        start=edits.start,
        end=edits.end,
        mute=edits.mute,
        crop=",".join(f"{share:g}" for share in shares) or None,
        thumb_at=poster_at,
        edits=edits.recipe,
    )
