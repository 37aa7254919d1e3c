"""Films and recordings as they come in: looked at, kept, and left to a durable job (`film_work`) that makes of them
what is served, and again whenever their owner wants them different."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from media.animations import animation_of
from media.edits.recipe import Recipe
from media.errors import MediaBusy, MediaError
from media.video.containers import HEAD_BYTES, container_of
from media.video.facts import AUDIO, UNEDITED, VIDEO, Crop, FilmEdits, FilmFacts
from media.video.orders import look_of
from media.video.workers import probe_film
from node import clock, db, jobs
from node.errors import Conflict, Invalid, NotFound, Unavailable
from node.models.accounts import Account
from node.models.films import Film
from node.models.media import PROCESSING, MediaFile
from node.rate_limits import Limit
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import film_work, media, quotas, throttling
from node.services.duplicates import Sent
from node.services.recipes import MOST_PAST

EDITS: Final = Limit("film_edits", 60, 3600)
_LEAST_SIDE: Final = 0.05
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class FilmWishes:
    """What is wanted of a film: edits, and a poster, its moment or a picture (the caller's to remove)."""

    edits: FilmEdits = UNEDITED
    poster_at: float | None = None
    poster: Path | None = None


NO_WISHES: Final = FilmWishes()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on a file is: `state` is that of the file, `percent` counts to 100."""

    state: str
    stage: str
    percent: int
    reason: str


def crop_of(text: str) -> Crop:
    """The part of the frame in `"0.1,0,0.8,1"`. Raises `Invalid` (crop) when it is none."""
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid("crop", "must be x, y, width and height, in shares of the frame, within it") from None
    crop = Crop(x, y, width, height)
    _check_crop(crop)
    return crop


async def is_film(path: Path) -> bool:
    """Whether the file at `path` is to be taken for a film or recording, animations included; by its content."""
    return await asyncio.to_thread(_is_film, path)


def _is_film(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return container_of(head) is not None or animation_of(path) is not None


async def upload(path: Path, sent: Sent, wishes: FilmWishes = NO_WISHES) -> MediaFile:
    """Take in the film at `path` (the caller's to remove); a job makes of it what is served.

    Raises `Invalid` (file, thumbnail, start, end, crop, thumb_at) when it is refused, `Unavailable` when too many are being looked at; then nothing is left behind.
    """
    facts = await _look(path)
    _check(wishes.edits, wishes.poster_at, facts.seconds, has_pictures=facts.has_video)
    stored: list[str] = []
    try:
        poster = await _poster(wishes.poster, stored)
        original = await runtime().storage.put_file(path, facts.media_type, private=True)
        stored.append(original)
        return await _keep(facts, sent, {**poster, "original_key": original})
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise


async def edit(account: Account, media_id: int, edits: FilmEdits, poster_at: float | None) -> MediaFile:
    """Have one of the account's films made anew from its original, with these edits in the place of earlier ones.

    In a post it stays as it is until that is done; then the post counts as edited. What is asked for last counts.
    Raises `NotFound`, also for what is no film, `Conflict` when it is in no post and being worked on or its original is
    gone, `Invalid` as `upload` does, `RateLimited`.
    """
    await throttling.spend(EDITS, str(account.id))
    async with db.transaction():
        file, film = await _editable(account, media_id)
        _check(edits, poster_at, film.seconds, has_pictures=file.kind != AUDIO)
        before = {name: getattr(film, name) for name in ("edits", "poster_at")}
        past = [*(film.past or []), before][-MOST_PAST:]
        await _ask(file, film, msgspec.to_builtins(edits), poster_at, past)
    return file


async def undo(account: Account, media_id: int) -> MediaFile:
    """Go back to the edits before the last. Raises as `edit`, and `Invalid` (edits) when there are none."""
    await throttling.spend(EDITS, str(account.id))
    async with db.transaction():
        file, film = await _editable(account, media_id)
        if not film.past:
            raise Invalid("edits", "have nothing before them")
        await _ask(file, film, film.past[-1]["edits"], film.past[-1]["poster_at"], film.past[:-1])
    return file


async def of(account: Account, media_id: int) -> tuple[MediaFile, Film]:
    """One of the account's films, and what is made of it. Raises `NotFound`."""
    file = await media.own(account, media_id)
    film = await Film.get_or_none(media_id=media_id)
    if film is None:
        raise NotFound
    return file, film


async def _editable(account: Account, media_id: int) -> tuple[MediaFile, Film]:
    await media.lock(media_id)
    file, film = await of(account, media_id)
    if file.state == PROCESSING or file.original_key is None:
        raise Conflict("The film is being worked on, or its original is not kept")
    return file, film


async def _ask(
    file: MediaFile, film: Film, edits: dict[str, Any], poster_at: float | None, past: list[dict[str, Any]]
) -> None:
    if file.post_id is None:
        file.state = PROCESSING
        await file.save(update_fields=["state"])
    has_poster = poster_at is None and film_work.has_given_poster(file, film)
    film.pending = {"edits": edits, "poster_at": poster_at, "has_poster": has_poster, "past": past}
    film.version += 1
    film.changed_at = clock.now()
    film.stage, film.progress, film.reason = film_work.WAITING, 0, ""
    await film.save()
    await jobs.enqueue(film_work.PROCESS, {"media_id": file.id, "version": film.version})


async def progress(account: Account, media_id: int) -> Progress:
    """How far the work on one of the account's files is. Raises `NotFound`."""
    file = await media.own(account, media_id)
    film = await Film.get_or_none(media_id=media_id)
    if film is None or (file.state != PROCESSING and film.pending is None):
        return Progress(file.state, "done", 100, film.reason if film is not None else "")
    return Progress(PROCESSING, film.stage, film.progress, film.reason)


async def _look(path: Path) -> FilmFacts:
    try:
        return await probe_film(runtime().film_pool, path, media.film_limits())
    except MediaError as refusal:
        raise Invalid("file", refusal.reason) from None
    except MediaBusy:
        raise Unavailable("Too many films are being looked at, please try again") from None


async def _poster(path: Path | None, stored: list[str]) -> dict[str, Any]:
    """The columns that tell of a poster that was sent."""
    if path is None:
        return {}
    async with scratch_folder() as folder:
        try:
            photo = await runtime().media_pool.process_photo(path, folder, media.limits())
        except MediaError as refusal:
            raise Invalid("thumbnail", refusal.reason) from None
        except MediaBusy:
            raise Unavailable("Too many pictures are being worked on, please try again") from None
        return {"variants": await film_work.store_poster(photo, folder, stored), "blurhash": photo.blurhash}


async def _keep(facts: FilmFacts, sent: Sent, columns: dict[str, Any]) -> MediaFile:
    async with db.transaction():
        if not sent.is_counted:
            await quotas.claim(sent.account, facts.size)
        file = await MediaFile.create(
            account_id=sent.account.id,
            kind=VIDEO if facts.has_video else AUDIO,
            media_type=facts.media_type,
            size=facts.size,
            sent_sha256=sent.sha256,
            state=PROCESSING,
            **sent.words,
            **columns,
        )
        await Film.create(
            media_id=file.id,
            seconds=facts.seconds,
            edits=msgspec.to_builtins(sent.edits),
            poster_at=sent.poster_at,
            has_poster=sent.has_poster,
        )
        await jobs.enqueue(film_work.PROCESS, {"media_id": file.id})
    return file


def _check(edits: FilmEdits, poster_at: float | None, seconds: float, *, has_pictures: bool) -> None:
    """Raises `Invalid` unless there is something left of a film of so many seconds."""
    end = seconds if edits.end is None else edits.end
    if not (math.isfinite(edits.start) and 0 <= edits.start < max(seconds, 0.001)):
        raise Invalid("start", "must be a moment of the film")
    if not (math.isfinite(end) and edits.start < end <= _DAY) and edits.end is not None:
        raise Invalid("end", "must come after the start")
    if poster_at is not None and not (math.isfinite(poster_at) and 0 <= poster_at <= _DAY):
        raise Invalid("thumb_at", "must be a moment of the film")
    if edits.mute and not has_pictures:
        raise Invalid("mute", "a recording without its sound is nothing")
    if edits.crop is not None:
        _check_crop(edits.crop)
    check_look(edits.recipe, has_pictures=has_pictures)


def check_look(recipe: Recipe, *, has_pictures: bool) -> None:
    """Raises `Invalid` (edits) unless a film can look so."""
    if recipe.same_as(Recipe()):
        return
    if not has_pictures:
        raise Invalid("edits", "are for what has pictures")
    for name in recipe.__struct_fields__:
        if getattr(recipe, name) != getattr(look_of(recipe), name):
            raise Invalid(f"edits.{name}", "is for photographs")


def _check_crop(crop: Crop) -> None:
    parts = (crop.x, crop.y, crop.width, crop.height)
    is_inside = (
        all(0 <= part <= 1 for part in parts) and crop.x + crop.width <= 1.0001 and crop.y + crop.height <= 1.0001
    )
    if not is_inside or min(crop.width, crop.height) < _LEAST_SIDE:
        raise Invalid("crop", "must be x, y, width and height, in shares of the frame, within it")
