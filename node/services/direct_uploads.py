"""Files that clients send to the object store by themselves, past this server, which then takes in what lies there.

Nothing that was announced is believed: what lies there is fetched, measured and looked at like every other upload, and
kept under another key, since the address stays good for a while and what is under it could be replaced. Jobs that are
written with the announcement clear the place away, whatever becomes of the rest.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from media.durable import checksum
from media.errors import MediaError
from media.probe import probe
from media.storage import Address, FileMissing, new_key
from media.variants import EXTENSIONS
from node import clock, jobs
from node.errors import Conflict, Invalid
from node.models.accounts import Account
from node.models.media import MediaFile
from node.models.resumable_uploads import ResumableUpload
from node.rate_limits import Limit
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import films, media, resumable_uploads, throttling, uploads
from node.services.uploads import Words

BEGUN: Final = Limit("direct_uploads", 60, 3600)
ADDRESS_LASTS: Final = timedelta(hours=1)
LASTS: Final = timedelta(hours=3)
"""How long an upload waits to be finished: sending may take longer than its address lasts."""
_CLEARED_AFTER: Final = (LASTS, timedelta(hours=25))
"""When the place is cleared away: soon, since nothing bounds what is sent there, and again when the slowest is through."""
_CONTENT: Final = re.compile(r"(image|video|audio)/")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GIF: Final = "image/gif"


async def begin(
    account: Account, media_type: str, length: int, sha256: str, words: Words
) -> tuple[ResumableUpload, Address]:
    """Make room for a file of `length` bytes, and the address it is to be sent to. `sha256` is of its bytes, in
    hexadecimal, or empty.

    Raises `Invalid` (media_type, sha256, file, description, focus), `Conflict` when the files are in a folder,
    `RateLimited`.
    """
    if media_type not in EXTENSIONS or not _CONTENT.match(media_type):
        raise Invalid("media_type", "is none that this server takes")
    sha256 = sha256.lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Invalid("sha256", "must be 64 hexadecimal digits")
    key = new_key(media_type, private=True)
    address = await runtime().storage.address_for(key, ADDRESS_LASTS)
    if address is None:
        raise Conflict(
            "This server keeps its files in a folder, where nothing can be sent directly: use POST /api/v2/media or"
            " POST /api/v1/uploads"
        )
    await throttling.spend(BEGUN, str(account.id))
    upload = await resumable_uploads.begin(
        account, length, words, LASTS, store_key=key, media_type=media_type, sha256=sha256
    )
    for after in _CLEARED_AFTER:
        await jobs.enqueue(media.PURGE, {"keys": [key]}, run_at=clock.now() + after)
    return upload, address


async def finish(account: Account, upload_id: int) -> MediaFile:
    """Make the medium of what was sent; a second time, it is the same.

    Raises `NotFound`, `Conflict` while nothing lies there or another request is at it, and `Invalid` (file) when it is
    not what was announced or is refused; the upload is gone then.
    """
    upload = await resumable_uploads.own(account, upload_id, is_direct=True)
    if upload.media_id is not None:
        return await media.own(account, upload.media_id)
    async with resumable_uploads.held(upload_id):
        upload = await resumable_uploads.own(account, upload_id, is_direct=True)
        if upload.media_id is not None:
            return await media.own(account, upload.media_id)
        try:
            made = await _taken_in(account, upload)
        except Invalid:
            await _give_up(upload)
            raise
        await resumable_uploads.become(upload, made)
        await _clear(upload)
    return made


async def end(account: Account, upload_id: int) -> None:
    """Forget an upload and what was sent; what it has become stays. Raises `NotFound`."""
    await _give_up(await resumable_uploads.own(account, upload_id, is_direct=True))


async def _taken_in(account: Account, upload: ResumableUpload) -> MediaFile:
    words = Words(upload.description, (upload.focus_x, upload.focus_y))
    async with scratch_folder() as folder:
        path = folder / "sent"
        await _fetch(upload, path)
        await _check(upload, path)
        return await uploads.upload(account, path, words, patience=resumable_uploads.PATIENCE, is_counted=True)


async def _fetch(upload: ResumableUpload, path: Path) -> None:
    """Copy what was sent, unless it is longer or shorter than announced."""
    key, storage = str(upload.store_key), runtime().storage
    try:
        size = (await storage.stat(key)).size
        if size == upload.length:
            size = await _copy(key, path, upload.length)
    except FileMissing:
        raise Conflict("Nothing has been sent to the address yet") from None
    if size != upload.length:
        raise Invalid("file", f"has {size} bytes, but {upload.length} were announced")


async def _copy(key: str, path: Path, most: int) -> int:
    # It could be replaced by something larger between the two looks.
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in runtime().storage.stream(key, 0, most):
            size += await asyncio.to_thread(file.write, chunk)
    return size


async def _check(upload: ResumableUpload, path: Path) -> None:
    if upload.sha256 and not hmac.compare_digest(await checksum(path), upload.sha256):
        raise Invalid("file", "is other than its checksum says")
    is_image = upload.media_type.startswith("image/")
    if await films.is_film(path):
        is_as_announced = not is_image or upload.media_type == _GIF
    else:
        is_as_announced = is_image and await asyncio.to_thread(_type_of, path) == upload.media_type
    if not is_as_announced:
        raise Invalid("file", f"is not of the type {upload.media_type}")


def _type_of(path: Path) -> str:
    try:
        return probe(path, media.limits()).media_type
    except MediaError as refusal:
        raise Invalid("file", refusal.reason) from None


async def _give_up(upload: ResumableUpload) -> None:
    await resumable_uploads.forget([upload.id])
    await _clear(upload)


async def _clear(upload: ResumableUpload) -> None:
    if upload.store_key:
        await media.delete_files([upload.store_key])
