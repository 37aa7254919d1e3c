"""Small pictures for somebody who edits a photograph: shown with a recipe, or with every filter, before anything changes.

They are made from a small unedited picture: the stored one while the photograph is unedited, else one that is made from the
original and kept in a folder for as long as it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from media.edits.options import PreviewOptions, StripOptions
from media.edits.recipe import Recipe
from media.errors import MediaBusy, MediaError
from media.orders import EditTask
from media.storage import FileMissing
from media.variants import FEED, Variant
from node.errors import Invalid, Unavailable
from node.models.accounts import Account
from node.models.media import READY, MediaFile
from node.rate_limits import Limit
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import media, recipes, throttling
from node.services.recipes import FIELD

PREVIEWS: Final = Limit("photo_previews", 1200, 300)
KEPT_SECONDS: Final = 600.0
MOST_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A file's bytes and type."""

    data: bytes
    media_type: str


async def preview(account: Account, media_id: int, recipe: Recipe, size: int) -> Picture:
    """One of the account's own photographs with a recipe, its longest side `size` pixels at most.

    Raises `NotFound`, `Invalid` (edits), `RateLimited`, `Unavailable` when too many are being made.
    """
    file = await _previewable(account, media_id)
    return await _made(file, "preview", msgspec.msgpack.encode(PreviewOptions(recipe, size)))


async def strip(account: Account, media_id: int, side: int) -> Picture:
    """Every filter on one of the account's own photographs, side by side in their order, as squares. Raises as `preview`."""
    file = await _previewable(account, media_id)
    recipe = await recipes.of_file(file.id)
    return await _made(file, "strip", msgspec.msgpack.encode(StripOptions(recipe, side)))


async def _previewable(account: Account, media_id: int) -> MediaFile:
    file = await media.own(account, media_id)
    if file.state != READY or file.kind != "image":
        raise Invalid(FIELD, "are for photographs that are ready")
    await throttling.spend(PREVIEWS, str(account.id))
    return file


async def _made(file: MediaFile, task: EditTask, options: bytes) -> Picture:
    try:
        source = await _unedited(file)
        async with scratch_folder() as folder:
            done = await runtime().media_pool.perform(task, source, folder, options, media.limits())
            variant = msgspec.msgpack.decode(done, type=Variant)
            data = await asyncio.to_thread((folder / variant.file_name).read_bytes)
    except MediaError as refusal:
        raise Invalid(FIELD, refusal.reason, sentence=refusal.reason) from None
    except FileMissing:
        raise Invalid(FIELD, "can't be shown: the original of this picture is not there") from None
    except MediaBusy:
        raise Unavailable("Too many pictures are being worked on, please try again") from None
    return Picture(data, variant.media_type)


async def _unedited(file: MediaFile) -> Path:
    """A small picture of the original, on this machine's disk."""
    storage = runtime().storage
    is_edited = not (await recipes.of_file(file.id)).is_idle
    key = file.original_key if is_edited else str(file.variants.get(FEED.name, {}).get("key", ""))
    if not key:
        raise FileMissing
    place = await storage.place_of(key)
    local = storage.local_path(place)
    if local is not None and not is_edited:
        return local
    kept = _folder() / hashlib.sha256(key.encode()).hexdigest()
    if await asyncio.to_thread(_is_kept, kept):
        return kept
    async with scratch_folder() as folder:
        source = local
        if source is None:
            source = folder / "fetched"
            await storage.fetch(place, source)
        if is_edited:
            done = await runtime().media_pool.perform("proxy", source, folder, b"", media.limits())
            source = folder / msgspec.msgpack.decode(done, type=Variant).file_name
        await asyncio.to_thread(_keep, source, kept)
    return kept


def _folder() -> Path:
    return runtime().settings.data_dir / "previews"


def _is_kept(path: Path) -> bool:
    """Whether it is there; it then stays for another while."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _keep(source: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}")
    unfinished.write_bytes(source.read_bytes())
    unfinished.replace(kept)


async def forget_unused() -> int:
    """Remove what nobody has looked at for a while, and the oldest of too many; periodic. Returns how many went."""
    return await asyncio.to_thread(_forget, _folder())


def _forget(folder: Path) -> int:
    found = []
    for path in folder.glob("*") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    found.sort(reverse=True)
    too_old = time.time() - KEPT_SECONDS
    gone = [path for place, (used_at, path) in enumerate(found) if place >= MOST_KEPT or used_at < too_old]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
