"""The files of posts and profiles, as browsers and other servers fetch them.

A key is drawn at random and never used twice, so an answer may be kept for good. Only what `media.storage` made a key
for is served, with the type it was stored as; originals are not. In place of a photograph may come a smaller file of it,
if the request names its type in `Accept`.
"""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Final

from quart import Blueprint, Response, request

from api.accept import wanted_types
from api.documentation import documented
from media.formats import REPLACED, SMALLER
from media.storage import FileMissing, Storage, StoredFile, is_key, is_private, media_type_of, private_beside
from node.errors import NotFound
from node.runtime import runtime
from node.secrecy import fingerprint
from node.services import originals

blueprint = Blueprint("media_files", __name__)

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_FOR_MINUTES: Final = "public, max-age=300"
"""Of what may be taken back."""
HEADERS: Final = {
    "Cache-Control": _FOR_GOOD,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Accept-Ranges": "bytes",
}
VARIES: Final = {"Vary": "Accept"}
NO_HEADERS: Final[Mapping[str, str]] = {}
_SIDE: Final = 120
_GREY: Final = bytes((200, 204, 210))


@blueprint.get("/media/<path:key>")
@documented(status=200, also={206: None, 304: None}, errors=(416,), media_type="image/webp")
async def show(key: str) -> Response:
    """A stored file, whole or a range of its bytes."""
    if not is_key(key) or is_private(key):
        raise NotFound
    if not varies(key):
        return await answer(key)
    wanted = [private_beside(key, media_type) for media_type in types_wanted(key)]
    usual, *smaller = await asyncio.gather(*(_found(at) for at in (key, *wanted)))
    if usual is None:
        raise NotFound
    best = next((file for file in smaller if file is not None), usual)
    return await _answer(best, {**VARIES, "Cache-Control": _FOR_GOOD})


@blueprint.get("/media/original/<id:media_id>")
@documented(status=200, also={206: None, 304: None}, errors=(404, 416, 503), media_type="image/jpeg")
async def original(media_id: int) -> Response:
    """A photograph in the quality it came in, whole or a range of its bytes, where its owner shows everybody that."""
    key = await originals.for_everybody(media_id)
    return await answer(key, cache_control=_FOR_MINUTES, etag=fingerprint(key, "tag of an original"))


def varies(key: str) -> bool:
    """Whether a smaller file may be served in place of this one."""
    return runtime().settings.media.smaller_formats and media_type_of(key) in REPLACED


def types_wanted(key: str) -> list[str]:
    """The types of smaller files that the request would rather have than this one, the most wanted first."""
    return wanted_types(SMALLER, media_type_of(key))


async def _found(key: str) -> StoredFile | None:
    try:
        return await runtime().storage.stat(key)
    except FileMissing:
        return None


async def answer(
    key: str, *, cache_control: str = _FOR_GOOD, etag: str | None = None, extra: Mapping[str, str] = NO_HEADERS
) -> Response:
    """The file under a key, as a browser may have it: of the type it was stored as, in a sandbox, with `extra` headers.
    Raises `NotFound`.

    Its tag is the name in the key, unless another `etag` is given.
    """
    found = await _found(key)
    if found is None:
        raise NotFound
    return await _answer(found, {**extra, "Cache-Control": cache_control}, etag)


async def _answer(found: StoredFile, extra: Mapping[str, str], etag: str | None = None) -> Response:
    storage, key, size = runtime().storage, found.key, found.size
    headers = {**HEADERS, **extra, "Content-Type": media_type_of(key)}
    headers["ETag"] = f'"{etag or key.rpartition("/")[2]}"'
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(b"", 304, headers)
    accelerated = runtime().settings.media.accel_redirect
    if accelerated and storage.local_path(key) is not None:
        return Response(b"", 200, {**headers, "X-Accel-Redirect": f"{accelerated.rstrip('/')}/{key}"})
    wanted = _wanted_range(size, headers["ETag"])
    if wanted is None:
        return _bytes(storage, key, 200, 0, size, headers)
    start, end = wanted
    if start >= end:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{size}"})
    return _bytes(storage, key, 206, start, end, {**headers, "Content-Range": f"bytes {start}-{end - 1}/{size}"})


def _wanted_range(size: int, etag: str) -> tuple[int, int] | None:
    """First byte and the one after the last; `None` for the whole file (RFC 9110 §14: several ranges may be ignored)."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or match.groups() == ("", "") or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < int(first):
        return None
    return int(first), max(end, 0)


def _bytes(storage: Storage, key: str, status: int, start: int, end: int, headers: dict[str, str]) -> Response:
    body: AsyncIterator[bytes] | bytes = b"" if request.method == "HEAD" else storage.stream(key, start, end)
    response = Response(body, status, headers)
    response.headers["Content-Length"] = str(end - start)
    return response


@blueprint.get("/avatars/original/missing.png")
async def missing_avatar() -> Response:
    """The picture of those who have none."""
    return Response(_plain(_SIDE, _SIDE), 200, {**HEADERS, "Content-Type": "image/png"})


@blueprint.get("/headers/original/missing.png")
async def missing_header() -> Response:
    """The banner of those who have none."""
    return Response(_plain(_SIDE * 3, _SIDE), 200, {**HEADERS, "Content-Type": "image/png"})


@cache
def _plain(width: int, height: int) -> bytes:
    """A PNG of one colour (W3C PNG §5)."""
    rows = (b"\x00" + _GREY * width) * height
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
