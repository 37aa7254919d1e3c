"""Smaller files of photographs, made behind everything else: nobody waits for them, and what they replace stays.

They lie on the private shelf beside the files they may be served in place of, and are reached through those alone. So what
hides a file hides them too. A variant names them (`also`), which is how they are removed with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from media.edits.recipe import Recipe
from media.errors import MediaBusy, MediaError
from media.formats import ALSO, REPLACED, SMALLER, FormatOptions
from media.storage import FileMissing, private_beside
from media.variants import FULL, Variant
from node import db, jobs
from node.models.media import READY, MediaFile
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import media, recipes
from node.services.recipes import NO_RECIPE

log = structlog.get_logger()

QUEUE: Final = "formats"
MAKE: Final = "make_smaller_files"


async def make_soon(media_id: int, variants: Mapping[str, Mapping[str, Any]]) -> None:
    """Have smaller files made of a photograph's variants, in the caller's transaction, unless the node makes none."""
    if runtime().settings.media.smaller_formats:
        await jobs.enqueue(MAKE, {"media_id": media_id, "keys": _places(variants)})


def _places(variants: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {
        name: str(variant["key"])
        for name, variant in variants.items()
        if variant["type"] in REPLACED and name != media.ORIGINAL
    }


async def _make(payload: dict[str, Any]) -> None:
    """The job; what it did already it may do again."""
    keys: dict[str, str] = payload["keys"]
    file = await MediaFile.get_or_none(id=payload["media_id"], state=READY)
    is_wanted = file is not None and _places(file.variants) == keys
    if file is not None and is_wanted and any(ALSO in variant for variant in file.variants.values()):
        return
    is_kept = False
    try:
        if file is not None and is_wanted:
            is_kept = await _settle(file.id, keys, await _made(file))
    except MediaBusy:
        raise jobs.RetryLater(media.BUSY_SECONDS, "the worker is busy") from None
    except (MediaError, FileMissing) as problem:
        log.info("smaller_files_not_made", media=payload["media_id"], reason=str(problem))
    finally:
        if not is_kept:
            beside = [private_beside(key, media_type) for key in keys.values() for media_type in SMALLER]
            await asyncio.shield(media.delete_files(beside))


async def _made(file: MediaFile) -> dict[str, dict[str, int]]:
    """The smaller files, in the storage: their sizes by variant and type."""
    sizes: dict[str, dict[str, int]] = {}
    async with scratch_folder() as folder:
        recipe = await _fetch_source(file, folder / "source")
        most = {name: int(file.variants[name]["bytes"]) for name in _places(file.variants)}
        options = msgspec.msgpack.encode(FormatOptions(recipe, most))
        done = await runtime().spare_pool.perform("smaller_files", folder / "source", folder, options, media.limits())
        for made in msgspec.msgpack.decode(done, type=list[Variant]):
            key = private_beside(str(file.variants[made.name]["key"]), made.media_type)
            await runtime().storage.put_at(key, folder / made.file_name, made.media_type)
            sizes.setdefault(made.name, {})[made.media_type] = made.size
    return sizes


async def _fetch_source(file: MediaFile, path: Path) -> Recipe:
    """What the variants were made of, and with which recipe; without the original, the largest of them."""
    storage = runtime().storage
    if file.original_key is not None:
        await storage.fetch(file.original_key, path)
        return await recipes.of_file(file.id)
    await storage.fetch(await storage.place_of(str(file.variants[FULL.name]["key"])), path)
    return NO_RECIPE


async def _settle(media_id: int, keys: Mapping[str, str], sizes: Mapping[str, Mapping[str, int]]) -> bool:
    """Name what was made, unless the photograph is gone or shows something else by now."""
    async with db.transaction():
        await media.lock(media_id)
        file = await MediaFile.get_or_none(id=media_id)
        if file is None or _places(file.variants) != keys:
            return False
        variants = {
            name: {**variant, ALSO: sizes[name]} if name in sizes else variant
            for name, variant in file.variants.items()
        }
        await MediaFile.filter(id=media_id).update(variants=variants)
    return True


jobs.register(MAKE, _make, queue=QUEUE)
