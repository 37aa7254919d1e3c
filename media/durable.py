"""Plain file calls that survive a power cut: what has a name is whole and on the disk."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Final

CHUNK: Final = 256 * 1024
_ABANDONED_SECONDS: Final = 3600.0


def sweep(folder: Path) -> None:
    """Remove what a process that was killed while writing left behind."""
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


def copy_durably(source: Path, target: Path, folder: Path) -> None:
    """Copy so that `target` is either absent or whole: write into `folder`, sync, rename, sync the folders."""
    unfinished = folder / f"{secrets.token_hex(8)}-{target.name}"
    try:
        with source.open("rb") as incoming, unfinished.open("xb") as outgoing:
            shutil.copyfileobj(incoming, outgoing, CHUNK)
            outgoing.flush()
            os.fsync(outgoing.fileno())
        _make_folder(target.parent)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def move_durably(source: Path, target: Path) -> None:
    """Rename, and sync the folders; nothing happens when there is no `source`."""
    if not source.exists():
        return
    _make_folder(target.parent)
    with contextlib.suppress(FileNotFoundError):
        source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def link_durably(source: Path, target: Path, folder: Path) -> None:
    """Give a file that is never written to again a second name, or a copy where the file system cannot. It counts as
    written now, under both names. Raises FileNotFoundError."""
    _make_folder(target.parent)
    os.utime(source)
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:
        copy_durably(source, target, folder)
    sync_folder(target.parent)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return await asyncio.to_thread(_checksum, path)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
