"""Photographs, films and recordings: uploaded, described, thrown away."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
from quart import Blueprint, Response

from api import media_files, params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities.media import MediaAttachment, of_reader, render
from api.responses import empty, json_response
from api.uploads import uploaded_files
from media.edits.recipe import Recipe
from media.video.facts import FilmEdits
from node.errors import Invalid, NotFound
from node.models.media import PROCESSING, MediaFile
from node.queries import content
from node.services import films, media, quotas, recipes, uploads
from node.services.films import FilmWishes
from node.services.uploads import Words

blueprint = Blueprint("media", __name__)

PATIENCE = 5.0
"""Seconds until an upload is answered, ready or not."""
FILM_PATIENCE = 60.0
"""The same for a film whose client does not know of waiting."""
LOOKED_AT_EVERY = 0.5


class MediaParameters(msgspec.Struct):
    """`focus` is `"x,y"`, each from -1 to 1."""

    description: str | None = None
    focus: str | None = None


class UploadParameters(MediaParameters):
    """Of films: seconds where to begin and end, whether to leave out the sound, the part of the frame to keep as shares
    (`"x,y,width,height"`, each from 0 to 1), and the moment of the poster in seconds. Of photographs and films: `edits`
    is a recipe, as an object or as JSON in a text, for films with a filter, tone and vignette alone; `filter_class` or `filter_name`, Pixelfed's, one of its filters, in place of that."""

    start: float = 0.0
    end: float | None = None
    mute: bool = False
    crop: str | None = None
    thumb_at: float | None = None
    edits: str | dict[str, Any] | None = None
    filter_class: str | None = None
    filter_name: str | None = None

    @property
    def recipe(self) -> Recipe:
        """What is to be done to the picture. Raises `Invalid` (edits)."""
        if self.edits is not None and self.edits != "":
            return recipes.checked(self.edits)
        foreign = (recipes.of_foreign_filter(name) for name in (self.filter_class, self.filter_name) if name)
        return next((recipe for recipe in foreign if recipe is not None), recipes.NO_RECIPE)


class MediaQuota(msgspec.Struct, frozen=True):
    """Bytes; `limit` and `left` are `null` where there is no limit."""

    used: int
    limit: int | None
    left: int | None


class ChangedMedia(MediaParameters):
    """`camera_shown` names the facts that others see (`camera`, `exposure`, `film`, `date`), at first those of the account's
    defaults. `film` is what it was taken on, in its owner's words."""

    camera_shown: list[str] | None = None
    film: str | None = None


@blueprint.post("/api/v1/media")
@requires("write:media")
@documented(
    MediaAttachment, also={202: MediaAttachment}, body=UploadParameters, files=("file", "thumbnail"), errors=(422, 503)
)
async def upload_and_wait() -> Response:
    """Upload one photograph, film or recording, to be put into a post within a day; answers when it is ready, with 202
    for a film that takes longer than a minute."""
    return await _answer(await _when_ready(await _upload(None)))


@blueprint.post("/api/v2/media")
@requires("write:media")
@documented(
    MediaAttachment, also={202: MediaAttachment}, body=UploadParameters, files=("file", "thumbnail"), errors=(422, 503)
)
async def upload() -> Response:
    """Upload one photograph, film or recording, to be put into a post within a day.

    202, and `url` is `null`, when it is not ready yet: `GET /api/v1/media/:id` says when it is,
    `GET /api/v1/media/:id/progress` how far it is. A film's `thumbnail` becomes its poster.
    """
    return await _answer(await _upload(PATIENCE))


async def _answer(made: MediaFile) -> Response:
    return json_response(await entity(made), 202 if made.state == PROCESSING else 200)


async def _when_ready(made: MediaFile) -> MediaFile:
    """The file when the work on it has ended, or as it is when that takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FILM_PATIENCE):
            while made.state == PROCESSING:
                await asyncio.sleep(LOOKED_AT_EVERY)
                made = await media.known(made.id)
    media.refuse_failed(made)
    return made


async def _upload(patience: float | None) -> MediaFile:
    wanted = await params.read(UploadParameters)
    recipe = wanted.recipe
    crop = films.crop_of(wanted.crop) if wanted.crop else None
    edits = FilmEdits(wanted.start, wanted.end, wanted.mute, crop, recipe)
    focus = media.focus_of(wanted.focus) if wanted.focus else (0.0, 0.0)
    words = Words(wanted.description or "", focus, recipe)
    account = await acting_account()
    async with uploaded_files("file", "thumbnail") as files:
        if "file" not in files:
            raise Invalid("file", "can't be blank", code="ERR_BLANK")
        wishes = FilmWishes(edits, wanted.thumb_at, files.get("thumbnail"))
        return await uploads.upload(account, files["file"], words, patience=patience, wishes=wishes)


@blueprint.get("/api/v1/media/quota")
@requires("write:media")
@documented(MediaQuota)
async def quota() -> Response:
    """How many bytes the caller keeps here, and may keep."""
    found = await quotas.of((await acting_account()).id)
    return json_response(MediaQuota(found.used, found.limit, found.left))


@blueprint.get("/api/v1/media/<id:media_id>")
@requires("write:media")
@documented(MediaAttachment, also={206: MediaAttachment}, errors=(404, 422))
async def show(media_id: int) -> Response:
    """One of the caller's own pictures; 206 while it is not ready, 422 when it cannot be."""
    file = await media.own(await acting_account(), media_id)
    media.refuse_failed(file)
    return await _shown(file)


@blueprint.get("/api/v1/media/<id:media_id>/original")
@requires("write:media")
@documented(status=200, also={206: None, 304: None}, errors=(404, 416), media_type="image/jpeg")
async def original(media_id: int) -> Response:
    """The file as the caller uploaded it, metadata and all; 404 when this server does not keep originals."""
    key = await media.original_key(await acting_account(), media_id)
    return await media_files.answer(key, cache_control="private, no-store")


@blueprint.put("/api/v1/media/<id:media_id>")
@requires("write:media")
@documented(MediaAttachment, also={206: MediaAttachment}, body=ChangedMedia, errors=(404, 422))
async def describe(media_id: int) -> Response:
    """Change the alt text, the focal point or the shown camera facts of one of the caller's own pictures."""
    wanted = await params.read(ChangedMedia)
    focus = media.focus_of(wanted.focus) if wanted.focus else None
    return await _shown(
        await media.describe(
            await acting_account(),
            media_id,
            description=wanted.description,
            focus=focus,
            camera_shown=wanted.camera_shown,
            film=wanted.film,
        )
    )


@blueprint.delete("/api/v1/media/<id:media_id>")
@requires("write:media")
@documented(Empty, errors=(404, 422))
async def discard(media_id: int) -> Response:
    """Throw away an upload that is in no post."""
    await media.discard(await acting_account(), media_id)
    return empty()


async def _shown(file: MediaFile) -> Response:
    return json_response(await entity(file), 206 if file.state == PROCESSING else 200)


async def entity(file: MediaFile) -> MediaAttachment:
    """The entity of a file as its owner sees it."""
    rows = await content.media_by_ids([file.id])
    if not rows:
        raise NotFound
    return render(rows[0], token=of_reader(file.account_id))
