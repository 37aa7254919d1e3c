"""Photographs edited without touching the original; previews of that, and filters."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires
from api.documentation import documented
from api.entities import photo_edits
from api.entities.media import MediaAttachment
from api.entities.photo_edits import PhotoEdits, PhotoFilter
from api.responses import json_response
from api.v1.media import PATIENCE, entity
from media.edits.options import LARGEST_PREVIEW, LARGEST_THUMBNAIL, SMALLEST_PREVIEW
from media.edits.recipe import Recipe
from node.errors import Invalid
from node.services import edits, films, media, previews, recipes
from node.services.previews import Picture, View

blueprint = Blueprint("photo_edits", __name__)


class EditParameters(msgspec.Struct):
    """`edits` is a recipe, as an object or as JSON in a text."""

    edits: str | dict[str, Any] = {}


class PreviewParameters(EditParameters):
    """`size` is the longest side of the preview, in pixels."""

    size: int = 540
    at: float = 0.0
    crop: str | None = None


class DocumentedEdits(msgspec.Struct):
    """`edits` is a recipe, as an object or as JSON in a text."""

    edits: Recipe


class DocumentedPreview(DocumentedEdits):
    """`size` is the longest side of the preview, in pixels, from 32 to 1080. Of a film `at` is the moment that is shown,
    in seconds of the original, and `crop` the part of the frame (`"x,y,width,height"`, each from 0 to 1)."""

    size: int = 540
    at: float = 0.0
    crop: str | None = None


class StripParameters(msgspec.Struct):
    """`size` is the side of each square, in pixels, from 32 to 200; `at` the moment of a film that is shown, in seconds."""

    size: int = 96
    at: float = 0.0


@blueprint.get("/api/v1/media/<id:media_id>/edits")
@requires("write:media")
@documented(PhotoEdits, also={206: PhotoEdits}, errors=(404,))
async def show(media_id: int) -> Response:
    """How one of the caller's own photographs is edited; 206 while something is still being worked on."""
    edited = await edits.of(await acting_account(), media_id)
    return json_response(photo_edits.render(media_id, edited), 200 if edited.pending is None else 206)


@blueprint.put("/api/v1/media/<id:media_id>/edits")
@requires("write:media")
@documented(MediaAttachment, also={202: MediaAttachment}, body=DocumentedEdits, errors=(404, 422))
async def change(media_id: int) -> Response:
    """Edit one of the caller's own photographs, posted or not, anew from the original.

    The whole recipe counts: what is left out is not done. The picture gets new addresses. 202 when that takes long: the
    picture is as it was until `GET` of the same path answers 200. A post it is in counts as edited.
    """
    wanted = await params.read(EditParameters)
    recipe = recipes.checked(wanted.edits)
    return await _changed(media_id, await edits.change(await acting_account(), media_id, recipe, patience=PATIENCE))


@blueprint.delete("/api/v1/media/<id:media_id>/edits")
@requires("write:media")
@documented(MediaAttachment, also={202: MediaAttachment}, errors=(404, 422))
async def revert(media_id: int) -> Response:
    """Bring back the original of one of the caller's own photographs."""
    account = await acting_account()
    return await _changed(media_id, await edits.change(account, media_id, recipes.NO_RECIPE, patience=PATIENCE))


@blueprint.post("/api/v1/media/<id:media_id>/edits/undo")
@requires("write:media")
@documented(MediaAttachment, also={202: MediaAttachment}, errors=(404, 422))
async def undo(media_id: int) -> Response:
    """Go back to the edits before the last, of up to 20."""
    return await _changed(media_id, await edits.undo(await acting_account(), media_id, patience=PATIENCE))


async def _changed(media_id: int, is_done: bool) -> Response:
    file = await media.own(await acting_account(), media_id)
    return json_response(await entity(file), 200 if is_done else 202)


@blueprint.post("/api/v1/media/<id:media_id>/preview")
@requires("write:media")
@documented(body=DocumentedPreview, errors=(404, 422, 503), media_type="image/jpeg")
async def preview(media_id: int) -> Response:
    """A small picture of one of the caller's own photographs or films with a recipe; nothing changes. PNG when it is
    transparent."""
    wanted = await params.read(PreviewParameters)
    if not SMALLEST_PREVIEW <= wanted.size <= LARGEST_PREVIEW:
        raise Invalid("size", f"must be from {SMALLEST_PREVIEW} to {LARGEST_PREVIEW}")
    recipe = recipes.checked(wanted.edits)
    view = View(wanted.at, films.crop_of(wanted.crop) if wanted.crop else None)
    return _picture(await previews.preview(await acting_account(), media_id, recipe, wanted.size, view))


@blueprint.get("/api/v1/media/<id:media_id>/filters")
@requires("write:media")
@documented(query=StripParameters, errors=(404, 422, 503), media_type="image/jpeg")
async def strip(media_id: int) -> Response:
    """Every filter on one of the caller's own photographs or films: squares side by side, in the order of the list of filters."""
    wanted = params.read_query(StripParameters)
    if not SMALLEST_PREVIEW <= wanted.size <= LARGEST_THUMBNAIL:
        raise Invalid("size", f"must be from {SMALLEST_PREVIEW} to {LARGEST_THUMBNAIL}")
    return _picture(await previews.strip(await acting_account(), media_id, wanted.size, View(wanted.at)))


def _picture(made: Picture) -> Response:
    headers = {"Content-Type": made.media_type, "Cache-Control": "private, no-store"}
    return Response(made.data, 200, {**headers, "X-Content-Type-Options": "nosniff"})


@blueprint.get("/api/v1/photo_filters")
@allows("read")
@documented(list[PhotoFilter])
async def filters() -> Response:
    """The filters there are for photographs."""
    return json_response(photo_edits.filters())
