"""Small pictures for somebody who edits a photograph or film: shown with a recipe, or with every filter, before anything
changes.

They are made from a small unedited picture: of a photograph the stored one while it is unedited, else one that is made from
the original; of a film what it shows at a moment (`film_stills`).
"""

from __future__ import annotations

import asyncio
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
from media.video.facts import Crop
from node.errors import Invalid, Unavailable
from node.models.accounts import Account
from node.models.media import READY, MediaFile
from node.rate_limits import Limit
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import film_stills, kept_previews, media, recipes, throttling
from node.services.recipes import FIELD

PREVIEWS: Final = Limit("photo_previews", 1200, 300)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file's bytes and type."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class View:
    """What of a film is looked at: a moment of the original in seconds, a part of the frame."""

    at: float = 0.0
    crop: Crop | None = None


WHOLE: Final = View()


async def preview(account: Account, media_id: int, recipe: Recipe, size: int, view: View = WHOLE) -> Picture:
    """One of the account's own photographs or films with a recipe, its longest side `size` pixels at most.

    Raises `NotFound`, `Invalid` (edits, at, crop), `RateLimited`, `Unavailable` when too many are being made.
    """
    file = await _previewable(account, media_id, view)
    if film_stills.is_seen(file):
        recipe = film_stills.look_of(recipe, view.crop)
    return await _made(file, view, "preview", msgspec.msgpack.encode(PreviewOptions(recipe, size)))


async def strip(account: Account, media_id: int, side: int, view: View = WHOLE) -> Picture:
    """Every filter on one of the account's own photographs or films, side by side in their order, as squares. Raises as
    `preview`."""
    file = await _previewable(account, media_id, view)
    recipe = await recipes.of_file(file.id)
    return await _made(file, view, "strip", msgspec.msgpack.encode(StripOptions(recipe, side)))


async def _previewable(account: Account, media_id: int, view: View) -> MediaFile:
    file = await media.own(account, media_id)
    is_film = film_stills.is_seen(file)
    if not is_film and (file.state != READY or file.kind != "image"):
        raise Invalid(FIELD, "are for photographs and films that are ready")
    if not is_film and view != WHOLE:
        raise Invalid("at" if view.at else "crop", "is for films")
    await throttling.spend(PREVIEWS, str(account.id))
    return file


async def _made(file: MediaFile, view: View, task: EditTask, options: bytes) -> Picture:
    try:
        source = await (film_stills.still(file, view.at) if film_stills.is_seen(file) else _unedited(file))
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
    if not is_edited:
        return await kept_previews.local(key)

    place = await storage.place_of(key)

    async def make(folder: Path) -> Path:
        source = storage.local_path(place)
        if source is None:
            source = folder / "fetched"
            await storage.fetch(place, source)
        done = await runtime().media_pool.perform("proxy", source, folder, b"", media.limits())
        return folder / msgspec.msgpack.decode(done, type=Variant).file_name

    return await kept_previews.kept(key, make)
