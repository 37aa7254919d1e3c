"""Photographs: uploaded, described, thrown away."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import media_files, params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities.media import MediaAttachment, of_reader, render
from api.responses import empty, json_response
from api.uploads import uploaded_files
from node.errors import Invalid
from node.models.media import PROCESSING, MediaFile
from node.queries import content
from node.services import media, uploads
from node.services.uploads import Words

blueprint = Blueprint("media", __name__)

PATIENCE = 5.0
"""Seconds until an upload is answered, ready or not."""


class MediaParameters(msgspec.Struct):
    """`focus` is `"x,y"`, each from -1 to 1."""

    description: str | None = None
    focus: str | None = None


@blueprint.post("/api/v1/media")
@requires("write:media")
@documented(MediaAttachment, body=MediaParameters, files=("file",), errors=(422, 503))
async def upload_and_wait() -> Response:
    """Upload one photograph, to be put into a post within a day; answers when it is ready."""
    return json_response(await entity(await _upload(None)))


@blueprint.post("/api/v2/media")
@requires("write:media")
@documented(MediaAttachment, also={202: MediaAttachment}, body=MediaParameters, files=("file",), errors=(422,))
async def upload() -> Response:
    """Upload one photograph, to be put into a post within a day.

    202, and `url` is `null`, when it is not ready yet: `GET /api/v1/media/:id` says when it is.
    """
    made = await _upload(PATIENCE)
    return json_response(await entity(made), 202 if made.state == PROCESSING else 200)


async def _upload(patience: float | None) -> MediaFile:
    wanted = await params.read(MediaParameters)
    words = Words(wanted.description or "", media.focus_of(wanted.focus) if wanted.focus else (0.0, 0.0))
    account = await acting_account()
    async with uploaded_files("file", "thumbnail") as files:
        if "file" not in files:
            raise Invalid("file", "can't be blank", code="ERR_BLANK")
        if "thumbnail" in files:
            raise Invalid("thumbnail", "must be blank")
        return await uploads.upload(account, files["file"], words, patience=patience)


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
@documented(MediaAttachment, also={206: MediaAttachment}, body=MediaParameters, errors=(404, 422))
async def describe(media_id: int) -> Response:
    """Change the alt text or the focal point of one of the caller's own pictures."""
    wanted = await params.read(MediaParameters)
    focus = media.focus_of(wanted.focus) if wanted.focus else None
    return await _shown(
        await media.describe(await acting_account(), media_id, description=wanted.description, focus=focus)
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
    (row,) = await content.media_by_ids([file.id])
    return render(row, token=of_reader(file.account_id))
