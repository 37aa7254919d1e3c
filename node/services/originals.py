"""Photographs in the quality they came in, for those their owner shows them to: by choice for each post, else for the owner
alone. Made when first asked for, kept on the private shelf, and gone with the photograph or when it is edited."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec

from media import shown_facts
from media.edits.options import OriginalOptions
from media.errors import MediaBusy, MediaError
from media.storage import FileMissing
from media.variants import FULL, Variant
from node import db
from node.errors import NotFound, Unavailable
from node.models.media import READY, MediaFile
from node.queries import content
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import media, recipes
from node.single_flight import SingleFlight

_making: Final[SingleFlight[str]] = SingleFlight()


async def for_everybody(media_id: int) -> str:
    """The key of what everybody may have of an original. Raises `NotFound` for one that is not shown to everybody,
    `Unavailable`."""
    rows = await content.media_by_ids([media_id])
    if not rows or not rows[0]["is_open"] or not is_shown(rows[0]):
        raise NotFound
    return await _view(media_id)


async def for_reader(account_id: int | None, media_id: int) -> str:
    """The key of what somebody may have of the original of a photograph that they may see: its owner does, others if it is
    shown to them. Raises as `for_everybody`."""
    rows = await content.media_by_ids([media_id])
    if not rows or not (is_shown(rows[0]) or (rows[0]["account_id"] == account_id and has_view(rows[0]))):
        raise NotFound
    return await _view(media_id)


def is_shown(row: Any) -> bool:
    """Whether those who see the picture may have its original; `row` has `content.MEDIA_COLUMNS`."""
    return bool(row["show_originals"]) and has_view(row)


def has_view(row: Any) -> bool:
    """Whether there is an original that can be shown at all: of a photograph that is kept here."""
    return bool(row["has_original"]) and row["kind"] == "image"


async def _view(media_id: int) -> str:
    file = await media.known(media_id)
    known = file.variants.get(media.ORIGINAL)
    if known is not None:
        return str(known["key"])
    return await _making.run(str(media_id), lambda: _make(file))


async def _make(file: MediaFile) -> str:
    stored: list[str] = []
    try:
        made = await _made(file, stored)
        if await _settle(file, made):
            return str(made["key"])
    except MediaBusy:
        raise Unavailable("Too many pictures are being worked on, please try again") from None
    except (MediaError, FileMissing):
        raise NotFound from None
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise
    await media.delete_files(stored)
    others = (await media.known(file.id)).variants.get(media.ORIGINAL)
    if others is not None:
        return str(others["key"])
    raise Unavailable("The picture is being changed, please try again")


async def _made(file: MediaFile, stored: list[str]) -> dict[str, Any]:
    recipe = await recipes.of_file(file.id)
    options = msgspec.msgpack.encode(OriginalOptions(recipe, shown_facts.shown(file.camera)))
    async with scratch_folder() as folder:
        await runtime().storage.fetch(file.original_key or "", folder / "source")
        done = await runtime().media_pool.perform("original_view", folder / "source", folder, options, media.limits())
        made = msgspec.msgpack.decode(done, type=Variant)
        key = await runtime().storage.put_file(folder / made.file_name, made.media_type, private=True)
        stored.append(key)
    return {"key": key, "type": made.media_type, "width": made.width, "height": made.height, "bytes": made.size}


async def _settle(seen: MediaFile, made: dict[str, Any]) -> bool:
    """Name what was made, unless the photograph is gone, shows something else or says something else by now."""
    async with db.transaction():
        await media.lock(seen.id)
        file = await MediaFile.get_or_none(id=seen.id, state=READY)
        if file is None or media.ORIGINAL in file.variants or file.camera != seen.camera:
            return False
        if file.variants[FULL.name]["key"] != seen.variants[FULL.name]["key"]:
            return False
        await MediaFile.filter(id=seen.id).update(variants={**file.variants, media.ORIGINAL: made})
    return True
