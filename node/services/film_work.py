"""The work on films: one durable job each, in a queue of their own, done again from the original after a crash.

While it runs it tells how far it is, twice a second at most; when there is nothing to tell that to any more, because
the film was thrown away, the work ends.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from media.durable import checksum
from media.errors import MediaBusy, MediaError, MediaFailure
from media.storage import FileMissing
from media.variants import ProcessedPhoto
from media.video import playlists
from media.video.facts import AUDIO, FilmEdits
from media.video.playlists import Stream
from media.video.studio import FinishedFilm, Rendition, Studio, Wishes
from node import clock, db, jobs
from node.models.films import Film
from node.models.media import FAILED, PROCESSING, READY, MediaFile
from node.models.posts import Post
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import changed_pictures, hidden_files, media

log = structlog.get_logger()

QUEUE: Final = "films"
PROCESS: Final = "process_film"
WAITING: Final = "waiting"
POSTER: Final = ("grid", "feed", "full")
CAPTIONS: Final = "captions-"
GIVEN: Final = "given-"
"""Names of variants: the poster's, how those of captions begin, and of a poster that was given while another is shown."""
_PLAYLIST: Final = "application/vnd.apple.mpegurl"
_TOLD_EVERY: Final = 0.5


class _ThrownAway(Exception):
    """The film is not wanted any more."""


def studio() -> Studio:
    """Where films are worked on here."""
    settings = runtime().settings.media
    return Studio(runtime().film_pool, media.film_limits(), media.limits(), threads=settings.film_threads)


async def store_poster(photo: ProcessedPhoto, folder: Path, stored: list[str]) -> dict[str, dict[str, Any]]:
    """The variants of a poster, in the storage; keys go into `stored`."""
    return {
        variant.name: await store(
            folder / variant.file_name, variant.media_type, stored, width=variant.width, height=variant.height
        )
        for variant in photo.variants
    }


async def _process(payload: dict[str, Any]) -> None:
    """The job: make of a film what is served, unless that is done or the film is gone."""
    found = Film.get_or_none(media_id=payload["media_id"], version=payload.get("version", 0))
    film = await found.prefetch_related("media")
    if film is None or not _is_awaited(film, film.media):
        return
    stored: list[str] = []
    try:
        is_there = await _develop(film, film.media, stored)
    except _ThrownAway:
        is_there = False
    except MediaBusy:
        await media.delete_files(stored)
        raise jobs.RetryLater(media.BUSY_SECONDS, "every media worker is busy") from None
    except (MediaError, FileMissing) as refusal:
        await media.delete_files(stored)
        await _fail(film, str(refusal), getattr(refusal, "__notes__", []))
        return
    except (MediaFailure, OSError) as failure:
        await media.delete_files(stored)
        if clock.now() - (film.changed_at or film.media.created_at) < media.TRIED_FOR:
            raise
        await _fail(film, "The film could not be worked on", [str(failure)])
        return
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise
    if not is_there:
        await media.delete_files(stored)


def _is_awaited(film: Film, file: MediaFile) -> bool:
    return file.state == PROCESSING or film.pending is not None


def wanted_of(film: Film) -> dict[str, Any]:
    """What is to be made of a film: `edits`, `poster_at`, `has_poster`."""
    return film.pending or {"edits": film.edits, "poster_at": film.poster_at, "has_poster": film.has_poster}


async def _develop(film: Film, file: MediaFile, stored: list[str]) -> bool:
    wanted = wanted_of(film)
    wishes = Wishes(
        edits=msgspec.convert(wanted["edits"], FilmEdits),
        poster_at=wanted["poster_at"],
        has_poster=wanted["has_poster"],
        hls_seconds=runtime().settings.media.hls_seconds,
    )
    async with scratch_folder() as folder:
        sent = folder / "sent"
        await runtime().storage.fetch(file.original_key or "", sent)
        done = await studio().develop(sent, folder, wishes, _Telling(film).tell)
        variants = await _store_all(done, folder, stored)
    return await _settle(film, done, variants)


class _Telling:
    """Writes down how far a film is, now and then. Raises `_ThrownAway` when it is gone, or meant to be different."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._next = 0.0

    async def tell(self, stage: str, share: float) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _TOLD_EVERY
        told = await db.execute(
            "UPDATE films SET stage = ?, progress = ? WHERE id = ? AND version = ?",
            (stage, int(share * 100), self._film.id, self._film.version),
        )
        if not told:
            raise _ThrownAway


async def _store_all(done: FinishedFilm, folder: Path, stored: list[str]) -> dict[str, dict[str, Any]]:
    """The files that were made, in the storage, as variants."""
    facts = done.facts
    known: dict[str, Any] = {"duration": round(facts.seconds, 3), "bitrate": facts.bit_rate}
    if facts.has_audio:
        known |= {"audio": facts.audio_codec, "rate": facts.sample_rate, "channels": facts.channels}
    if done.kind == AUDIO:
        variants = {"audio": await store(done.file, facts.media_type, stored, waveform=done.waveform, **known)}
    else:
        known |= {"width": facts.width, "height": facts.height, "frame_rate": facts.rate_text}
        variants = {"video": await store(done.file, "video/mp4", stored, **known)}
    if done.poster is not None:
        variants |= await store_poster(done.poster, folder, stored)
    if done.renditions:
        variants |= await _store_renditions(done, stored)
    return variants


async def _store_renditions(done: FinishedFilm, stored: list[str]) -> dict[str, dict[str, Any]]:
    variants: dict[str, dict[str, Any]] = {}
    streams = []
    for rendition in done.renditions:
        width, height = rendition.width, rendition.height
        size = {"width": width, "height": height}
        file = await store(rendition.file, "video/mp4", stored, **size)
        await asyncio.to_thread(_readdress, rendition, media.beside(file["key"]))
        playlist = await store(rendition.playlist, _PLAYLIST, stored, **size)
        bits = round(file["bytes"] * 8 / max(done.facts.seconds, 0.1))
        streams.append(Stream(bits, width, height, done.facts.frame_rate, media.beside(playlist["key"])))
        variants |= {rendition.name: file, f"{rendition.name}_list": playlist}
    top = done.file.parent / "hls.m3u8"
    await asyncio.to_thread(top.write_text, playlists.master(streams))
    variants["hls"] = await store(top, _PLAYLIST, stored)
    return variants


def _readdress(rendition: Rendition, address: str) -> None:
    text = playlists.readdressed(rendition.playlist.read_text(), {rendition.file.name: address})
    rendition.playlist.write_text(text)


async def store(path: Path, media_type: str, stored: list[str], **known: Any) -> dict[str, Any]:
    """A file in the storage, as a variant; its key goes into `stored`."""
    key = await runtime().storage.put_file(path, media_type)
    stored.append(key)
    size = (await asyncio.to_thread(path.stat)).st_size
    return {"key": key, "type": media_type, **known, "bytes": size, "sha256": await checksum(path)}


async def _settle(film: Film, done: FinishedFilm, variants: dict[str, dict[str, Any]]) -> bool:
    """Write down what was made, in the place of what was made before; what that named goes. `False` when it is gone."""
    served = variants.get("video") or variants["audio"]
    async with db.transaction():
        # Captions may be changed at the same time: whoever comes second sees what the first wrote.
        await media.lock(film.media_id)
        file = await MediaFile.get_or_none(id=film.media_id)
        film_now = await Film.get_or_none(id=film.id, version=film.version)
        if file is None or film_now is None or not _is_awaited(film_now, file):
            return False
        kept = _kept(file, film_now)
        gone = set(media.keys_of(file.variants)) - set(media.keys_of(kept))
        if not runtime().settings.media.keep_originals and file.original_key:
            gone.add(file.original_key)
            file.original_key = None
        file.state, file.kind, file.media_type = READY, done.kind, served["type"]
        file.variants = {**variants, **kept}
        file.width, file.height, file.duration = done.facts.width or None, done.facts.height or None, done.facts.seconds
        file.sha256 = served["sha256"]
        file.blurhash = done.poster.blurhash if done.poster is not None else _blurhash(kept) or file.blurhash
        await file.save()
        if film_now.pending is not None:
            film_now.update_from_dict({**film_now.pending, "pending": None})
            await film_now.save(update_fields=["edits", "poster_at", "has_poster", "past", "pending"])
        if gone:
            await jobs.enqueue(media.PURGE, {"keys": sorted(gone)})
        await _show(file)
    return True


async def _show(file: MediaFile) -> None:
    """The post the film is in looks different."""
    if file.hidden:  # What is new lies where everybody's files do.
        await hidden_files.arrange_some_soon(file.account_id, [file.id])
    if file.post_id is not None:
        await changed_pictures.note(await Post.get(id=file.post_id))


def has_given_poster(file: MediaFile, film: Film) -> bool:
    """Whether there is a poster that the owner gave, shown or put aside."""
    return film.has_poster or f"{GIVEN}{POSTER[0]}" in file.variants


def _kept(file: MediaFile, film: Film) -> dict[str, dict[str, Any]]:
    """The variants that stay: captions, and a poster that was given. That is put aside while another is shown, so that it
    can be gone back to."""
    kept = {name: variant for name, variant in file.variants.items() if name.startswith(CAPTIONS)}
    given = {name: file.variants[f"{GIVEN}{name}"] for name in POSTER if f"{GIVEN}{name}" in file.variants}
    if not given and film.has_poster:
        given = {name: {**file.variants[name], "blurhash": file.blurhash} for name in POSTER if name in file.variants}
    if wanted_of(film)["has_poster"]:
        return kept | given
    return kept | {f"{GIVEN}{name}": variant for name, variant in given.items()}


def _blurhash(kept: dict[str, dict[str, Any]]) -> str | None:
    return kept.get(POSTER[0], {}).get("blurhash")


async def _fail(film: Film, reason: str, details: list[str]) -> None:
    """Nothing came of it. A film that was there before stays as it was."""
    log.info("film_failed", media=film.media_id, reason=reason, details=details)
    async with db.transaction():
        await media.lock(film.media_id)
        if film.pending is not None:
            # Unless something else has been asked for since.
            if await Film.filter(id=film.id, version=film.version).update(pending=None, reason=reason[:300]):
                await MediaFile.filter(id=film.media_id, state=PROCESSING).update(state=READY)
            return
        await Film.filter(id=film.id).update(reason=reason[:300])
        file = await MediaFile.get_or_none(id=film.media_id, state=PROCESSING)
        if file is not None and file.original_key:
            await jobs.enqueue(media.PURGE, {"keys": [file.original_key]})
        await MediaFile.filter(id=film.media_id, state=PROCESSING).update(state=FAILED, original_key=None)


jobs.register(PROCESS, _process, queue=QUEUE)
