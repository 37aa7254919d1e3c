"""Photographs as they come in: worked on at once, or, when that would take too long, by a durable job.

An upload that is put off keeps what was sent on the private shelf until the job has made its variants, so that it
survives a restart.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from media import shown_facts
from media.durable import checksum
from media.edits.frames import Size
from media.edits.recipe import Recipe
from media.errors import MediaBusy, MediaError, MediaFailure
from media.probe import probe
from media.storage import FileMissing
from media.variants import ProcessedPhoto, Variant
from node import clock, db, jobs
from node.errors import Invalid, Unavailable
from node.models.accounts import Account
from node.models.edits import PhotoEdit
from node.models.films import Film
from node.models.media import FAILED, PROCESSING, READY, MediaFile
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import duplicates, films, formats, media, preferences, quotas, recipes
from node.services.duplicates import Sent
from node.services.films import NO_WISHES, FilmWishes
from node.services.recipes import NO_RECIPE
from node.text import clean

log = structlog.get_logger()

QUEUE: Final = "media"
PROCESS: Final = "process_upload"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a picture: its alt text, the point to keep when cropping, -1 to 1, rightwards and upwards, and what
    is to be done to it."""

    description: str = ""
    focus: tuple[float, float] = (0.0, 0.0)
    recipe: Recipe = NO_RECIPE


async def upload(
    account: Account,
    path: Path,
    words: Words,
    *,
    patience: float | None = None,
    wishes: FilmWishes = NO_WISHES,
    is_counted: bool = False,
) -> MediaFile:
    """Take in the photograph at `path` (the caller's to remove) and make its variants. It waits for a post.

    A film or recording is finished later in any case; `wishes` are for those. With `patience`, in seconds, what takes
    longer or finds every worker busy is finished later: the file is then `processing`. Raises `Invalid` (file,
    description, focus) when it is refused, `Unavailable` when too many are being worked on and there is no patience; then
    nothing is left behind. `is_counted` when the room for it was claimed before.
    """
    sent = await _sent(account, path, words, wishes, is_counted)
    if not is_counted:
        await quotas.check(account, sent.size)
    is_film = await films.is_film(path)
    if wishes.poster is not None and not is_film:
        raise Invalid("thumbnail", "must be blank")
    copy = await _copied(sent)
    if copy is not None:
        return copy
    if is_film:
        return await films.upload(path, sent, wishes)
    try:
        return await asyncio.wait_for(_finished(path, sent), patience)
    except MediaError as refusal:
        raise Invalid("file", refusal.reason) from None
    except (MediaBusy, TimeoutError):
        if patience is None:
            raise Unavailable("Too many pictures are being worked on, please try again") from None
    return await _put_off(path, sent)


async def _sent(account: Account, path: Path, words: Words, wishes: FilmWishes, is_counted: bool) -> Sent:
    """What came. Raises `Invalid` (description, focus)."""
    description = clean(words.description)
    media.check(description, words.focus)
    return Sent(
        account=account,
        sha256=await checksum(path),
        size=(await asyncio.to_thread(path.stat)).st_size,
        description=description,
        focus=words.focus,
        recipe=words.recipe,
        edits=wishes.edits,
        poster_at=wishes.poster_at,
        has_poster=wishes.poster is not None,
        is_counted=is_counted,
    )


async def _copied(sent: Sent) -> MediaFile | None:
    """A new row with copies of what was made of the same file before, if there is such."""
    stored: list[str] = []
    try:
        found = await duplicates.copied(sent, stored)
        return await _write(sent, found[0], film=found[1]) if found is not None else None
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise


async def _finished(path: Path, sent: Sent) -> MediaFile:
    stored: list[str] = []
    try:
        made = await make_variants(path, stored, sent.recipe)
        original = None
        if runtime().settings.media.keep_originals or not sent.recipe.is_idle:
            original = await runtime().storage.put_file(path, made["media_type"], private=True)
            stored.append(original)
        return await _write(sent, {**made, "original_key": original})
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise


async def _put_off(path: Path, sent: Sent) -> MediaFile:
    try:
        claimed = await asyncio.to_thread(probe, path, media.limits())
    except MediaError as refusal:
        raise Invalid("file", refusal.reason) from None
    original = await runtime().storage.put_file(path, claimed.media_type, private=True)
    columns = {"original_key": original, "media_type": claimed.media_type, "state": PROCESSING}
    try:
        return await _write(sent, columns)
    except BaseException:
        await asyncio.shield(media.delete_files([original]))
        raise


async def _write(sent: Sent, columns: dict[str, Any], *, film: Film | None = None) -> MediaFile:
    """The row of an upload that there is room for, and the job for what is not finished."""
    shown = await preferences.camera_shown(sent.account.id) if film is None else []
    if shown:
        columns = {**columns, "camera": {**columns.get("camera", {}), shown_facts.SHOWN: shown}}
    async with db.transaction():
        if not sent.is_counted:
            await quotas.claim(sent.account, sent.size)
        file = await MediaFile.create(
            account_id=sent.account.id, size=sent.size, sent_sha256=sent.sha256, **columns, **sent.words
        )
        if film is not None:
            await duplicates.taken_over(film, file).save()
        elif not sent.recipe.is_idle:
            await recipes.begin(file.id, sent.recipe)
        if file.state == PROCESSING:
            await jobs.enqueue(PROCESS, {"media_id": file.id})
        elif film is None:
            await formats.make_soon(file.id, file.variants)
    return file


async def make_variants(path: Path, stored: list[str], recipe: Recipe) -> dict[str, Any]:
    """The variants of the photograph, in the storage, and what is known of it, by column. Keys go into `stored`."""
    return (await make_edited(path, stored, recipe))[0]


async def make_edited(path: Path, stored: list[str], recipe: Recipe) -> tuple[dict[str, Any], Size]:
    """`make_variants`, and the size of the upright original."""
    async with scratch_folder() as out_dir:
        photo = await _processed(path, out_dir, recipe)
        columns = {
            "media_type": photo.media_type,
            "variants": {variant.name: await _store(variant, out_dir, stored) for variant in photo.variants},
            "width": photo.width,
            "height": photo.height,
            "sha256": photo.variant("full").sha256,
            "blurhash": photo.blurhash,
            "camera": _camera(photo),
        }
        return columns, photo.whole


async def _processed(path: Path, out_dir: Path, recipe: Recipe) -> ProcessedPhoto:
    pool, limits = runtime().media_pool, media.limits()
    if recipe.is_idle:
        return await pool.process_photo(path, out_dir, limits)
    done = await pool.perform("edited_photo", path, out_dir, msgspec.msgpack.encode(recipe), limits)
    return msgspec.msgpack.decode(done, type=ProcessedPhoto)


async def _store(variant: Variant, folder: Path, stored: list[str]) -> dict[str, Any]:
    key = await runtime().storage.put_file(folder / variant.file_name, variant.media_type)
    stored.append(key)
    return {
        "key": key,
        "type": variant.media_type,
        "width": variant.width,
        "height": variant.height,
        "bytes": variant.size,
        "sha256": variant.sha256,
    }


def _camera(photo: ProcessedPhoto) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(photo.camera)
    return {name: value for name, value in facts.items() if value is not None}


async def _process(payload: dict[str, Any]) -> None:
    """The job: finish an upload that was put off, unless it is finished or gone."""
    file = await MediaFile.get_or_none(id=payload["media_id"], state=PROCESSING)
    if file is None:
        return
    stored: list[str] = []
    try:
        async with scratch_folder() as folder:
            await runtime().storage.fetch(file.original_key or "", folder / "sent")
            made = await make_variants(folder / "sent", stored, await recipes.of_file(file.id))
        is_there = await _settle(file, READY, made)
    except MediaBusy:
        raise jobs.RetryLater(media.BUSY_SECONDS, "every media worker is busy") from None
    except (MediaError, FileMissing) as refusal:
        await media.delete_files(stored)
        await _fail(file, str(refusal))
    except MediaFailure as failure:
        await media.delete_files(stored)
        if clock.now() - file.created_at < media.TRIED_FOR:
            raise
        await _fail(file, str(failure))
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise
    else:
        if not is_there:
            await media.delete_files(stored)


async def _fail(file: MediaFile, reason: str) -> None:
    log.info("upload_failed", media=file.id, reason=reason)
    await _settle(file, FAILED, {})


async def _settle(file: MediaFile, state: str, made: dict[str, Any]) -> bool:
    """Write down how it ended, and let go of what was sent unless it is to be kept. `False` when it is gone."""
    is_edited = await PhotoEdit.exists(media_id=file.id)
    keeps = state == READY and (runtime().settings.media.keep_originals or is_edited)
    async with db.transaction():
        await media.lock(file.id)
        now = await MediaFile.get_or_none(id=file.id, state=PROCESSING)
        if now is None:
            return False
        # Which of the camera's facts are shown may have been chosen before they were known.
        columns = {**made, "camera": {**now.camera, **made.get("camera", {})}}
        await MediaFile.filter(id=file.id).update(
            state=state, original_key=file.original_key if keeps else None, **columns
        )
        if state == READY:
            await formats.make_soon(file.id, columns["variants"])
        if not keeps and file.original_key:
            await jobs.enqueue(media.PURGE, {"keys": [file.original_key]})
    return True


jobs.register(PROCESS, _process, queue=QUEUE)
