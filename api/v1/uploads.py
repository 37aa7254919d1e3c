"""Uploads that survive bad networks: the tus protocol 1.0, https://tus.io/protocols/resumable-upload.

A finished upload is a media attachment like any other: `Upload-Media-Id`, or `media_id` of `GET`, names it.
"""

from __future__ import annotations

import base64
from email.utils import format_datetime
from typing import Final

import msgspec
from quart import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.auth import acting_account, requires
from api.documentation import documented
from api.errors import error_body
from api.params import InvalidParameter
from api.responses import json_response
from node import urls
from node.models.resumable_uploads import ResumableUpload
from node.runtime import runtime
from node.services import media, resumable_uploads
from node.services.uploads import Words

blueprint = Blueprint("uploads", __name__)

VERSION: Final = "1.0.0"
PATH: Final = "/api/v1/uploads"
EXTENSIONS: Final = "creation,termination,checksum,expiration"
_RESUMABLE: Final = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_OF_PROTOCOL: Final = {"Tus-Resumable": "The version of the protocol: 1.0.0"}
_MISMATCH: Final = 460


class Upload(msgspec.Struct, frozen=True):
    """A file on its way: bytes announced and received; `media_id` when it has become a media attachment."""

    id: str
    length: int
    offset: int
    expires_at: str
    media_id: str | None


@blueprint.route(PATH, methods=["OPTIONS"], provide_automatic_options=False)
@documented(status=204)
async def abilities() -> Response:
    """What this server can do of the protocol."""
    return _answer(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(runtime().settings.media.max_upload_bytes),
            "Tus-Checksum-Algorithm": ",".join(resumable_uploads.ALGORITHMS),
        },
    )


@blueprint.post(PATH)
@requires("write:media")
@documented(
    status=201,
    errors=(412, 413, 422),
    headers={
        **_OF_PROTOCOL,
        "Upload-Length": "Size of the file in bytes",
        "Upload-Metadata": "`description` and `focus`, each with its value in base64, separated by commas",
    },
)
async def begin() -> Response:
    """Announce a file; `Location` is where its pieces go."""
    if (refusal := _other_version()) is not None:
        return refusal
    length = _number("Upload-Length")
    if length > runtime().settings.media.max_upload_bytes:
        raise RequestEntityTooLarge
    upload = await resumable_uploads.begin(await acting_account(), length, _words())
    return _answer(201, {"Location": f"{urls.base()}{PATH}/{upload.id}", **_standing(upload)})


@blueprint.get(f"{PATH}/<id:upload_id>")
@requires("write:media")
@documented(Upload, errors=(404, 422))
async def show(upload_id: int) -> Response:
    """How far an upload of the caller's is; `HEAD` says it in headers."""
    try:
        upload = await resumable_uploads.settle(await acting_account(), upload_id)
    except resumable_uploads.Busy as refusal:
        return json_response(error_body(refusal.message), 423, _RESUMABLE)
    said = Upload(
        str(upload.id),
        upload.length,
        upload.received,
        upload.expires_at.isoformat(),
        str(upload.media_id) if upload.media_id else None,
    )
    return json_response(said, 200, {**_RESUMABLE, **_standing(upload)})


@blueprint.patch(f"{PATH}/<id:upload_id>")
@requires("write:media")
@documented(
    status=204,
    errors=(404, 409, 412, 415, 422, 423, _MISMATCH),
    headers={
        **_OF_PROTOCOL,
        "Upload-Offset": "Where in the file the piece begins",
        "Upload-Checksum": "Algorithm and digest in base64, of the piece",
    },
)
async def append(upload_id: int) -> Response:
    """Send a piece (`application/offset+octet-stream`). The last one makes the media attachment, `Upload-Media-Id`."""
    if (refusal := _other_version()) is not None:
        return refusal
    if request.mimetype != "application/offset+octet-stream":
        raise UnsupportedMediaType
    offset, checksum = _number("Upload-Offset"), request.headers.get("Upload-Checksum")
    digest = resumable_uploads.digest_of(checksum) if checksum else None
    if checksum and digest is None:
        raise InvalidParameter("Invalid parameter: Upload-Checksum")
    account = await acting_account()
    try:
        upload = await resumable_uploads.append(account, upload_id, offset, request.body.__aiter__(), digest)
    except resumable_uploads.WrongOffset as wrong:
        return json_response(error_body(wrong.message), 409, _RESUMABLE)
    except resumable_uploads.Busy as wrong:
        return json_response(error_body(wrong.message), 423, _RESUMABLE)
    except resumable_uploads.WrongChecksum as wrong:
        return json_response(error_body(wrong.message), _MISMATCH, _RESUMABLE)
    return _answer(204, _standing(upload))


@blueprint.delete(f"{PATH}/<id:upload_id>")
@requires("write:media")
@documented(status=204, errors=(404, 412), headers=_OF_PROTOCOL)
async def end(upload_id: int) -> Response:
    """Give an upload up; what it has become stays."""
    if (refusal := _other_version()) is not None:
        return refusal
    await resumable_uploads.end(await acting_account(), upload_id)
    return _answer(204, {})


def _other_version() -> Response | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return json_response(error_body("Tus-Resumable must be 1.0.0"), 412, {**_RESUMABLE, "Tus-Version": VERSION})


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(b"", status, {**_RESUMABLE, **headers})


def _standing(upload: ResumableUpload) -> dict[str, str]:
    headers = {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.length),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
    return {**headers, "Upload-Media-Id": str(upload.media_id)} if upload.media_id else headers


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidParameter(f"Invalid parameter: {header}")
    return int(text)


def _words() -> Words:
    given = _metadata(request.headers.get("Upload-Metadata", ""))
    return Words(given.get("description", ""), media.focus_of(given["focus"]) if given.get("focus") else (0.0, 0.0))


def _metadata(text: str) -> dict[str, str]:
    """`"name base64,name base64"`; names and types of files are read, and not believed."""
    found = {}
    for pair in text.split(",") if text.strip() else ():
        name, _, encoded = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            raise InvalidParameter("Invalid parameter: Upload-Metadata") from None
    return found
