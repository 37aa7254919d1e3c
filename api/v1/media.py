"""Photographs: uploaded, described, thrown away."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.entities.media import MediaAttachment, render
from api.responses import empty, json_response
from api.uploads import uploaded_files
from node.errors import Invalid
from node.models.media import MediaFile
from node.queries.content import MEDIA_COLUMNS
from node.services import media

blueprint = Blueprint("media", __name__)

_COLUMNS = MEDIA_COLUMNS.split(", ")


class MediaParameters(msgspec.Struct):
    """`focus` is `"x,y"`, each from -1 to 1."""

    description: str | None = None
    focus: str | None = None


@blueprint.post("/api/v1/media")
@blueprint.post("/api/v2/media")
@requires("write:media")
async def upload() -> Response:
    """Upload one photograph, to be put into a post within a day."""
    wanted = await params.read(MediaParameters)
    focus = media.focus_of(wanted.focus) if wanted.focus else (0.0, 0.0)
    account = await acting_account()
    async with uploaded_files("file") as files:
        if "file" not in files:
            raise Invalid("file", "can't be blank", code="ERR_BLANK")
        made = await media.upload(account, files["file"], description=wanted.description or "", focus=focus)
    return json_response(entity(made))


@blueprint.get("/api/v1/media/<id:media_id>")
@requires("write:media")
async def show(media_id: int) -> Response:
    """One of the caller's own pictures."""
    return json_response(entity(await media.own(await acting_account(), media_id)))


@blueprint.put("/api/v1/media/<id:media_id>")
@requires("write:media")
async def describe(media_id: int) -> Response:
    """Change the alt text or the focal point of one of the caller's own pictures."""
    wanted = await params.read(MediaParameters)
    focus = media.focus_of(wanted.focus) if wanted.focus else None
    changed = await media.describe(await acting_account(), media_id, description=wanted.description, focus=focus)
    return json_response(entity(changed))


@blueprint.delete("/api/v1/media/<id:media_id>")
@requires("write:media")
async def discard(media_id: int) -> Response:
    """Throw away an upload that is in no post."""
    await media.discard(await acting_account(), media_id)
    return empty()


def entity(file: MediaFile) -> MediaAttachment:
    """The entity of a file at hand."""
    return render({column: getattr(file, column) for column in _COLUMNS})
