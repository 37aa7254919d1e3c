"""A body streamed to disk, written and hashed in threads."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_BATCH = 512 * 1024


async def save(pieces: AsyncIterator[bytes], destination: Path) -> tuple[int, str]:
    """Write `pieces` to `destination`, which appears only once all of it is written.

    Returns the size in bytes and the SHA-256 in hex. On any failure nothing stays behind.
    """
    partial = destination.with_name(f".{destination.name}.{os.urandom(4).hex()}.part")
    file = _create(partial)
    try:
        size, digest = await _write(pieces, file)
        await asyncio.to_thread(_put_in_place, file, partial, destination)
    except BaseException:
        # No await: this also runs while the task is being cancelled.
        _discard(file, partial)
        raise
    return size, digest


async def _write(pieces: AsyncIterator[bytes], file: BinaryIO) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    batch = bytearray()

    def flush() -> None:
        digest.update(batch)
        file.write(batch)

    async for piece in pieces:
        size += len(piece)
        batch += piece
        if len(batch) >= _BATCH:
            await asyncio.to_thread(flush)
            batch.clear()
    await asyncio.to_thread(flush)
    return size, digest.hexdigest()


def _create(partial: Path) -> BinaryIO:
    return partial.open("xb")


def _discard(file: BinaryIO, partial: Path) -> None:
    # Closing writes what is buffered, which fails again on a full disk.
    with suppress(OSError):
        file.close()
    partial.unlink(missing_ok=True)


def _put_in_place(file: BinaryIO, partial: Path, destination: Path) -> None:
    file.close()
    partial.replace(destination)
