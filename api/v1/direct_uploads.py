"""Uploads that go to the object store directly, where this server keeps its files in one."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response
from werkzeug.exceptions import RequestEntityTooLarge

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities.media import MediaAttachment
from api.responses import empty, json_response
from api.v1.media import entity
from node import clock
from node.models.media import PROCESSING
from node.runtime import runtime
from node.services import direct_uploads, media
from node.services.uploads import Words

blueprint = Blueprint("direct_uploads", __name__)


class AnnouncedUpload(msgspec.Struct):
    """`length` in bytes; `sha256` of the file, in hexadecimal, if it is to be checked; `focus` is `"x,y"`, each from -1
    to 1."""

    media_type: str
    length: int
    sha256: str = ""
    description: str | None = None
    focus: str | None = None


class DirectUpload(msgspec.Struct, frozen=True):
    """Where the file is to be sent, by `method` with these `headers`, before `expires_at`; then it is finished by
    `POST /api/v1/uploads/direct/:id/finish`."""

    id: str
    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


@blueprint.post("/api/v1/uploads/direct")
@requires("write:media")
@documented(DirectUpload, body=AnnouncedUpload, errors=(413, 422, 503))
async def begin() -> Response:
    """Announce a file that is sent to the object store; 422 when this server keeps its files in a folder."""
    wanted = await params.read(AnnouncedUpload)
    if wanted.length > runtime().settings.media.max_upload_bytes:
        raise RequestEntityTooLarge
    words = Words(wanted.description or "", media.focus_of(wanted.focus) if wanted.focus else (0.0, 0.0))
    account = await acting_account()
    expires_at = clock.now() + direct_uploads.ADDRESS_LASTS
    upload, address = await direct_uploads.begin(account, wanted.media_type, wanted.length, wanted.sha256, words)
    said = DirectUpload(str(upload.id), "PUT", address.url, dict(address.headers), expires_at.isoformat())
    return json_response(said, headers={"Cache-Control": "no-store"})


@blueprint.post("/api/v1/uploads/direct/<id:upload_id>/finish")
@requires("write:media")
@documented(MediaAttachment, also={202: MediaAttachment}, errors=(404, 422, 503))
async def finish(upload_id: int) -> Response:
    """Make a media attachment of what was sent, to be put into a post within a day; 202 when it is not ready yet.

    422 when nothing has been sent yet, or it is not what was announced; then the upload is gone.
    """
    made = await direct_uploads.finish(await acting_account(), upload_id)
    return json_response(await entity(made), 202 if made.state == PROCESSING else 200)


@blueprint.delete("/api/v1/uploads/direct/<id:upload_id>")
@requires("write:media")
@documented(Empty, errors=(404,))
async def end(upload_id: int) -> Response:
    """Give an upload up; what it has become stays."""
    await direct_uploads.end(await acting_account(), upload_id)
    return empty()
