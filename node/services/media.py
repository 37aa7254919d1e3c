"""Photographs on their way into posts: described, thrown away, collected.

Files are stored before the row that names them, and removed by a durable job after the row is gone: a row never names
a file that is not there, and no file outlives its row for long.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import orjson

from media import shown_facts
from media.formats import keys_of_variant
from media.probe import Limits
from media.storage import FileMissing
from media.video.facts import FilmLimits
from node import clock, db, events, jobs
from node.errors import Invalid, NotFound
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.media import FAILED, MediaFile
from node.runtime import runtime
from node.services import alt_texts, front, preferences
from node.text import clean

MAX_DESCRIPTION: Final = 10_000
UNPOSTED: Final = timedelta(hours=24)
"""How long an upload waits for its post, or what a post has let go of for another."""
TRIED_FOR: Final = timedelta(hours=1)
"""How long the server's own failures are tried again before an upload counts as failed."""
BUSY_SECONDS: Final = 5.0
"""When work is tried again for which no worker was free."""
IN_USE: Final = "Media attachment is currently used by a status"
PURGE: Final = "purge_files"
ORIGINAL: Final = "original"
"""The variant that is what others may have of the original."""
_UNPOSTED: Final = "post_id IS NULL"
_UNWANTED: Final = f"{_UNPOSTED} AND scheduled_post_id IS NULL AND draft_id IS NULL"
_BATCH: Final = 100
_CENTRE: Final = (0.0, 0.0)


def limits() -> Limits:
    """What this node accepts of a photograph."""
    settings = runtime().settings.media
    return Limits(
        max_bytes=settings.max_photo_bytes, max_pixels=settings.max_pixels, max_dimension=settings.max_dimension
    )


def film_limits() -> FilmLimits:
    """What this node accepts of a film or recording."""
    settings = runtime().settings.media
    return FilmLimits(
        max_bytes=settings.max_video_bytes,
        max_seconds=settings.max_video_seconds,
        max_pixels=settings.max_video_pixels,
    )


def beside(key: str) -> str:
    """The address of a file, from the address of any other that is stored (`ab/cd/…`)."""
    return f"../../{key}"


async def own(account: Account, media_id: int) -> MediaFile:
    """One of the account's own files. Raises `NotFound` for everybody else's."""
    file = await MediaFile.get_or_none(id=media_id, account_id=account.id)
    if file is None:
        raise NotFound
    return file


async def original_key(account: Account, media_id: int) -> str:
    """Where the file is that the account uploaded, as it came. Raises `NotFound` when it is not theirs or not kept."""
    file = await own(account, media_id)
    if file.original_key is None:
        raise NotFound
    return file.original_key


async def lock(media_id: int) -> None:
    """Have whoever else changes this file, or the post it is in, wait until the caller's transaction ends; call it before
    reading what is to be changed. Posts come first, as for everybody who edits one."""
    of_post = f"SELECT id FROM posts WHERE id = (SELECT post_id FROM media_files WHERE id = ?){db.for_update()}"
    for statement in (of_post, f"SELECT id FROM media_files WHERE id = ?{db.for_update()}"):
        await db.fetch_one(statement, (media_id,))


async def known(media_id: int) -> MediaFile:
    """A file as it stands now. Raises `NotFound` when it was thrown away."""
    file = await MediaFile.get_or_none(id=media_id)
    if file is None:
        raise NotFound
    return file


def refuse_failed(file: MediaFile) -> None:
    """Raises `Invalid` (file) for an upload that came to nothing."""
    if file.state == FAILED:
        raise Invalid("file", "cannot be processed", sentence="Error processing thumbnail for uploaded media")


async def describe(
    account: Account,
    media_id: int,
    *,
    description: str | None = None,
    focus: tuple[float, float] | None = None,
    camera_shown: Sequence[str] | None = None,
    film: str | None = None,
) -> MediaFile:
    """Give one of the account's pictures a new alt text or focus, choose which camera facts others see (names of
    `shown_facts.CHOICES`), or say which `film` it was taken on; `None` leaves as it is.

    A picture that is in a post already shows the change there; there it keeps an alt text when its owner posts nothing
    without. Raises `NotFound`, `Invalid`.
    """
    description = clean(description) if description is not None else None
    check(description or "", focus or _CENTRE)
    async with db.transaction():
        await lock(media_id)
        file = await own(account, media_id)
        refuse_failed(file)
        is_blanked = description == "" and file.description != ""
        if description is not None:
            file.description = description
        if focus is not None:
            file.focus_x, file.focus_y = focus
        if camera_shown is not None:
            file.camera = {**file.camera, shown_facts.SHOWN: preferences.check_shown_facts(camera_shown)}
        if film is not None:
            file.camera = _with_film(file.camera, shown_facts.plain_text(film))
        if camera_shown is not None or film is not None:
            await _forget_view(file)
        await file.save(update_fields=["description", "focus_x", "focus_y", "camera", "variants"])
        if file.post_id is not None:
            if is_blanked:
                await alt_texts.check_edited(account.id, [file.id])
            await db.execute("UPDATE posts SET version = version + 1 WHERE id = ?", (file.post_id,))
            if camera_shown is not None or film is not None:
                await events.record(events.PostEdited(post_id=file.post_id))
    return file


def _with_film(camera: dict[str, Any], film: str | None) -> dict[str, Any]:
    others = {name: fact for name, fact in camera.items() if name != "film"}
    return {**others, "film": film} if film else others


async def _forget_view(file: MediaFile) -> None:
    """What others may have of the original says the facts that are shown, so it is made anew."""
    made = file.variants.pop(ORIGINAL, None)
    if made is not None:
        await jobs.enqueue(PURGE, {"keys": [made["key"]]})


async def discard(account: Account, media_id: int) -> None:
    """Throw away one of the account's uploads. Raises `NotFound`, `Invalid` when it is in a post."""
    async with db.transaction():
        file = await own(account, media_id)
        if file.post_id is not None:
            raise Invalid("media", IN_USE, sentence=IN_USE)
        await remove([file.id])


async def wait_anew(holder: str, holder_id: int) -> None:
    """Have the files of what lets go of them (`post_id`, `draft_id` or `scheduled_post_id`) wait for another post from now
    on, as if they had just been uploaded; in the caller's transaction, before it does."""
    now = to_milliseconds(clock.now())
    await db.execute(f"UPDATE media_files SET created_at = ? WHERE {holder} = ?", (now, holder_id))


async def remove(media_ids: Sequence[int], condition: str = _UNPOSTED) -> int:
    """Delete these files' rows, in the caller's transaction, and have what they name removed after it.

    Those in a post are left alone (the `condition`, of SQL). Returns how many went.
    """
    if not media_ids:
        return 0
    rows = await db.fetch_all(
        f"DELETE FROM media_files WHERE {condition} AND id IN ({db.marks(media_ids)}) RETURNING original_key, variants",
        media_ids,
    )
    keys = [key for row in rows for key in _keys(row[0], row[1])]
    if keys:
        await jobs.enqueue(PURGE, {"keys": keys})
    return len(rows)


def _keys(original: str | None, variants: str) -> list[str]:
    keys = served_keys(variants)
    return [*keys, original] if original else keys


def served_keys(variants: str) -> list[str]:
    """The files of a photograph that have addresses, from its column `variants`."""
    return keys_of(orjson.loads(variants))


def keys_of(variants: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The files that these variants name."""
    return [key for variant in variants.values() for key in keys_of_variant(variant)]


async def collect_unposted() -> int:
    """Throw away uploads nobody posted within a day; periodic. Returns how many."""
    before = to_milliseconds(clock.now() - UNPOSTED)
    collected = 0
    while True:
        rows = await db.fetch_all(
            f"SELECT id FROM media_files WHERE {_UNWANTED} AND created_at < ? ORDER BY id LIMIT ?", (before, _BATCH)
        )
        if not rows:
            return collected
        async with db.transaction():
            removed = await remove([row[0] for row in rows], _UNWANTED)
        collected += removed
        if removed == 0:
            return collected


async def _purge(payload: dict[str, Any]) -> None:
    for key in payload["keys"]:
        with contextlib.suppress(FileMissing):
            await runtime().storage.delete(key)
    await front.forget_soon(payload["keys"])


async def delete_files(keys: Sequence[str]) -> None:
    """Remove files that no row names; what is gone already, or cannot be removed now, is passed over."""
    for key in keys:
        with contextlib.suppress(FileMissing, OSError):
            await runtime().storage.delete(key)


def check(description: str, focus: tuple[float, float]) -> None:
    """Raises `Invalid` (description, focus) when they cannot be accepted."""
    if len(description) > MAX_DESCRIPTION:
        raise Invalid("description", f"is longer than {MAX_DESCRIPTION} characters", code="ERR_TOO_LONG")
    if not all(-1.0 <= part <= 1.0 for part in focus):
        raise Invalid("focus", "must be two numbers from -1 to 1")


def focus_of(text: str) -> tuple[float, float]:
    """The focal point in `"0.1,-0.5"`. Raises `Invalid` when it is none."""
    parts = text.split(",")
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise Invalid("focus", "must be two numbers from -1 to 1") from None
    check("", (x, y))
    return x, y


jobs.register(PURGE, _purge)
