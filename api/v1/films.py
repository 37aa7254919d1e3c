"""Films and recordings: how far the work on them is, what is changed of them, their captions."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import film_edits
from api.entities.film_edits import EditedFilm
from api.entities.media import MediaAttachment
from api.responses import json_response
from api.uploads import uploaded_files
from api.v1.media import entity
from media.video.facts import UNEDITED, FilmEdits
from node.errors import Invalid
from node.services import captions, films, recipes

blueprint = Blueprint("films", __name__)


class MediaProgress(msgspec.Struct, frozen=True):
    """`state` is `processing`, `ready` or `failed` (in a post a film is shown as it was while it is `processing`); `stage` what is being done (`waiting`, `film`, `small`, `pictures`,
    `done`), `progress` counts to 100; `reason` says why nothing came of it."""

    id: str
    state: str
    stage: str
    progress: int
    reason: str | None


class FilmParameters(msgspec.Struct):
    """Seconds where to begin and end, whether to leave out the sound, the part of the frame to keep as shares
    (`"x,y,width,height"`, each from 0 to 1), and the moment of the poster in seconds. `edits` is a recipe, as an object or
    as JSON in a text, with a filter, tone and vignette alone."""

    start: float = 0.0
    end: float | None = None
    mute: bool = False
    crop: str | None = None
    thumb_at: float | None = None
    edits: str | dict[str, Any] = {}


@blueprint.get("/api/v1/media/<id:media_id>/progress")
@requires("write:media")
@documented(MediaProgress, errors=(404,))
async def progress(media_id: int) -> Response:
    """How far the work on one of the caller's own files is. Throwing it away (`DELETE /api/v1/media/:id`) ends it."""
    found = await films.progress(await acting_account(), media_id)
    return json_response(MediaProgress(str(media_id), found.state, found.stage, found.percent, found.reason or None))


@blueprint.get("/api/v1/media/<id:media_id>/film")
@requires("write:media")
@documented(EditedFilm, also={206: EditedFilm}, errors=(404,))
async def show(media_id: int) -> Response:
    """How one of the caller's own films is edited; 206 while something is still being worked on."""
    file, film = await films.of(await acting_account(), media_id)
    return json_response(film_edits.render(file, film), 200 if film.pending is None else 206)


@blueprint.put("/api/v1/media/<id:media_id>/film")
@requires("write:media")
@documented(MediaAttachment, status=202, body=FilmParameters, errors=(404, 422))
async def edit(media_id: int) -> Response:
    """Make one of the caller's own films anew from its original, with these edits in the place of earlier ones.

    What is left out is not done. In a post it is as it was until that is ready; the post then counts as edited, and the
    film has new addresses. 422 also when it is in no post and being worked on, or its original is not kept.
    """
    wanted = await params.read(FilmParameters)
    crop = films.crop_of(wanted.crop) if wanted.crop else None
    edits = FilmEdits(wanted.start, wanted.end, wanted.mute, crop, recipes.checked(wanted.edits or {}))
    return json_response(await entity(await films.edit(await acting_account(), media_id, edits, wanted.thumb_at)), 202)


@blueprint.delete("/api/v1/media/<id:media_id>/film")
@requires("write:media")
@documented(MediaAttachment, status=202, errors=(404, 422))
async def revert(media_id: int) -> Response:
    """Bring back one of the caller's own films as it was uploaded."""
    return json_response(await entity(await films.edit(await acting_account(), media_id, UNEDITED, None)), 202)


@blueprint.post("/api/v1/media/<id:media_id>/film/undo")
@requires("write:media")
@documented(MediaAttachment, status=202, errors=(404, 422))
async def undo(media_id: int) -> Response:
    """Go back to the edits before the last, of up to 20."""
    return json_response(await entity(await films.undo(await acting_account(), media_id)), 202)


@blueprint.put("/api/v1/media/<id:media_id>/captions/<language>")
@requires("write:media")
@documented(MediaAttachment, files=("file",), errors=(404, 422))
async def put_captions(media_id: int, language: str) -> Response:
    """Give a film captions in a language (WebVTT or SubRip), in the place of earlier ones; also when it is in a post."""
    account = await acting_account()
    async with uploaded_files("file") as files:
        if "file" not in files:
            raise Invalid("file", "can't be blank", code="ERR_BLANK")
        return json_response(await entity(await captions.put(account, media_id, language, files["file"])))


@blueprint.delete("/api/v1/media/<id:media_id>/captions/<language>")
@requires("write:media")
@documented(MediaAttachment, errors=(404, 422))
async def remove_captions(media_id: int, language: str) -> Response:
    """Take the captions in a language away."""
    return json_response(await entity(await captions.remove(await acting_account(), media_id, language)))
