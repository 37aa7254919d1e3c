"""Files that come in piece by piece over bad networks, and become media when they are whole.

The pieces are in `<data>/uploads`, one file each, which several web processes may share: whoever writes holds the file's
lock. The row says how much of it is there for good; what lies beyond, after a crash or with a wrong checksum, is cut off.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from node import clock, db
from node.errors import Conflict, Invalid, NotFound
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.media import MediaFile
from node.models.resumable_uploads import ResumableUpload
from node.runtime import runtime
from node.services import media, quotas, uploads
from node.services.uploads import Words
from node.text import clean

ALGORITHMS: Final = ("sha1", "sha256", "sha512", "md5")
LASTS: Final = timedelta(hours=24)
"""How long an upload waits for its next piece, and is remembered when it is whole."""
MOST_AT_ONCE: Final = 20
CHECKPOINT: Final = 1024 * 1024
PATIENCE: Final = 5.0
_BATCH: Final = 100


class Busy(Conflict):
    """Another request is writing to this upload."""


class WrongOffset(Conflict):
    """The piece does not begin where the last one ended."""


class WrongChecksum(Conflict):
    """What came is not what was sent."""


async def begin(
    account: Account, length: int, words: Words, lasts: timedelta = LASTS, **columns: Any
) -> ResumableUpload:
    """Make room for a file of `length` bytes, to be sent before that is over; `columns` say more of the upload. Raises
    `Invalid` (file, description, focus)."""
    words = Words(clean(words.description), words.focus)
    media.check(words.description, words.focus)
    if length < 1:
        raise Invalid("file", "can't be blank", code="ERR_BLANK")
    async with db.transaction():
        await quotas.claim(account, length)
        if await ResumableUpload.filter(account_id=account.id, media_id=None).count() >= MOST_AT_ONCE:
            raise Invalid("file", f"is one too many: {MOST_AT_ONCE} uploads are under way", code="ERR_TOO_MANY")
        return await ResumableUpload.create(
            account_id=account.id,
            length=length,
            description=words.description,
            focus_x=words.focus[0],
            focus_y=words.focus[1],
            expires_at=clock.now() + lasts,
            **columns,
        )


async def own(account: Account, upload_id: int, *, is_direct: bool = False) -> ResumableUpload:
    """One of the account's uploads that come in pieces, or past this server. Raises `NotFound` for others' and expired
    ones."""
    upload = await ResumableUpload.get_or_none(id=upload_id, account_id=account.id)
    if upload is None or upload.expires_at <= clock.now() or is_direct is (upload.store_key is None):
        raise NotFound
    return upload


async def append(
    account: Account, upload_id: int, offset: int, pieces: AsyncIterator[bytes], checksum: tuple[str, bytes] | None
) -> ResumableUpload:
    """Add what comes, from `offset` on, and make the medium when it is whole.

    What came before a connection broke is kept, unless it has a checksum: `(algorithm, digest)`. Raises `NotFound`,
    `WrongOffset`, `Busy`, `WrongChecksum`, and `Invalid` when the whole file is refused; the upload is gone then.
    """
    await own(account, upload_id)
    async with held(upload_id) as file:
        upload = await own(account, upload_id)
        if offset != upload.received:
            raise WrongOffset(f"The next piece begins at {upload.received}")
        if upload.media_id is None:
            await asyncio.to_thread(_cut, file, offset)
            await _take_in(upload, file, pieces, checksum)
            await _finish(account, upload)
        return upload


async def settle(account: Account, upload_id: int) -> ResumableUpload:
    """The upload; one that is whole, but was left before it became a medium, becomes it now. Raises as `append`."""
    upload = await own(account, upload_id)
    if upload.media_id is not None or upload.received < upload.length:
        return upload
    async with held(upload_id):
        upload = await own(account, upload_id)
        await _finish(account, upload)
    return upload


async def _take_in(
    upload: ResumableUpload, file: BinaryIO, pieces: AsyncIterator[bytes], checksum: tuple[str, bytes] | None
) -> None:
    digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
    reached = upload.received
    try:
        async for piece in pieces:
            if reached + len(piece) > upload.length:
                raise Invalid("file", f"is longer than the {upload.length} bytes that were announced")
            await asyncio.to_thread(file.write, piece)
            reached += len(piece)
            if digest is not None:
                await asyncio.to_thread(digest.update, piece)
            elif reached - upload.received >= CHECKPOINT:
                await _keep(upload, file, reached)
    except BaseException:
        if digest is None:
            await asyncio.shield(_keep(upload, file, reached))
        raise
    if checksum is not None and digest is not None and not hmac.compare_digest(digest.digest(), checksum[1]):
        raise WrongChecksum("The checksum does not match")
    await _keep(upload, file, reached)


async def _keep(upload: ResumableUpload, file: BinaryIO, reached: int) -> None:
    await asyncio.to_thread(_sync, file)
    upload.received, upload.expires_at = reached, clock.now() + LASTS
    await upload.save(update_fields=["received", "expires_at"])


async def _finish(account: Account, upload: ResumableUpload) -> None:
    if upload.media_id is not None or upload.received < upload.length:
        return
    words = Words(upload.description, (upload.focus_x, upload.focus_y))
    try:
        made: MediaFile = await uploads.upload(account, _path(upload.id), words, patience=PATIENCE, is_counted=True)
    except Invalid:
        await forget([upload.id])
        raise
    await become(upload, made)


async def become(upload: ResumableUpload, made: MediaFile) -> None:
    """Note what an upload has become; its pieces go."""
    upload.media_id = made.id
    await upload.save(update_fields=["media_id"])
    await asyncio.to_thread(_path(upload.id).unlink, missing_ok=True)


async def end(account: Account, upload_id: int) -> None:
    """Forget an upload and its pieces; what it has become stays. Raises `NotFound`."""
    await own(account, upload_id)
    await forget([upload_id])


async def forget_expired() -> int:
    """Forget uploads whose next piece did not come for a day; periodic. Returns how many."""
    forgotten = 0
    while rows := await db.fetch_all(
        "SELECT id FROM resumable_uploads WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
        (to_milliseconds(clock.now()), _BATCH),
    ):
        await forget([int(row[0]) for row in rows])
        forgotten += len(rows)
    await _sweep()
    return forgotten


async def _sweep() -> None:
    """Remove pieces of uploads that no row knows: their accounts are gone."""
    names = await asyncio.to_thread(lambda: [int(path.name) for path in _folder().glob("[0-9]*")])
    for start in range(0, len(names), _BATCH):
        ids = names[start : start + _BATCH]
        rows = await db.fetch_all(f"SELECT id FROM resumable_uploads WHERE id IN ({db.marks(ids)})", ids)
        for gone in set(ids) - {int(row[0]) for row in rows}:
            await asyncio.to_thread(_path(gone).unlink, missing_ok=True)


async def forget(upload_ids: list[int]) -> None:
    """Forget these uploads, and remove their pieces."""
    await db.execute(f"DELETE FROM resumable_uploads WHERE id IN ({db.marks(upload_ids)})", upload_ids)
    for upload_id in upload_ids:
        await asyncio.to_thread(_path(upload_id).unlink, missing_ok=True)


def digest_of(text: str) -> tuple[str, bytes] | None:
    """`"sha256 <base64>"` as algorithm and digest; `None` when it is no such thing."""
    algorithm, _, encoded = text.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    return (algorithm, digest) if algorithm in ALGORITHMS else None


@contextlib.asynccontextmanager
async def held(upload_id: int) -> AsyncIterator[BinaryIO]:
    """The file of the pieces, for this one request. Raises `Busy`."""
    file = await asyncio.to_thread(_open, _path(upload_id))
    if file is None:
        raise Busy("Another request is writing to this upload")
    try:
        yield file
    finally:
        await asyncio.shield(asyncio.to_thread(file.close))


def _open(path: Path) -> BinaryIO | None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _cut(file: BinaryIO, offset: int) -> None:
    file.truncate(offset)
    file.seek(offset)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _path(upload_id: int) -> Path:
    return _folder() / str(upload_id)


def _folder() -> Path:
    return runtime().settings.data_dir / "uploads"
