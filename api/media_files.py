"""The files of posts and profiles, as browsers and other servers fetch them.

A key is drawn at random and never used twice, so an answer may be kept for good. Only what `media.storage` made a key
for is served, with the type it was stored as; originals are not.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import AsyncIterator
from functools import cache
from typing import Final

from quart import Blueprint, Response, request

from api.documentation import documented
from media.storage import FileMissing, Storage, is_key, is_private, media_type_of
from node.errors import NotFound
from node.runtime import runtime

blueprint = Blueprint("media_files", __name__)

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
HEADERS: Final = {
    "Cache-Control": _FOR_GOOD,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Accept-Ranges": "bytes",
}
_SIDE: Final = 120
_GREY: Final = bytes((200, 204, 210))


@blueprint.get("/media/<path:key>")
@documented(status=200, also={206: None, 304: None}, errors=(416,), media_type="image/webp")
async def show(key: str) -> Response:
    """A stored file, whole or a range of its bytes."""
    if not is_key(key) or is_private(key):
        raise NotFound
    return await answer(key)


async def answer(key: str, *, cache_control: str = _FOR_GOOD, etag: str | None = None) -> Response:
    """The file under a key, as a browser may have it: of the type it was stored as, in a sandbox. Raises `NotFound`.

    Its tag is the name in the key, unless another `etag` is given.
    """
    storage = runtime().storage
    try:
        size = (await storage.stat(key)).size
    except FileMissing:
        raise NotFound from None
    headers = {**HEADERS, "ETag": f'"{etag or key.rpartition("/")[2]}"', "Content-Type": media_type_of(key)}
    headers["Cache-Control"] = cache_control
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(b"", 304, headers)
    accelerated = runtime().settings.media.accel_redirect
    if accelerated and storage.local_path(key) is not None:
        return Response(b"", 200, {**headers, "X-Accel-Redirect": f"{accelerated.rstrip('/')}/{key}"})
    wanted = _wanted_range(size, headers["ETag"])
    if wanted is None:
        return _answer(storage, key, 200, 0, size, headers)
    start, end = wanted
    if start >= end:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{size}"})
    return _answer(storage, key, 206, start, end, {**headers, "Content-Range": f"bytes {start}-{end - 1}/{size}"})


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


def _answer(storage: Storage, key: str, status: int, start: int, end: int, headers: dict[str, str]) -> Response:
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
