"""Pictures and recordings of other servers, fetched when a reader looks at them and kept.

Photographs, avatars, headers and emojis are made anew in a media worker, which leaves nothing of the file but its
pixels; pictures that move become films besides. Recordings are kept as they are, told by their first bytes. What a server declares its file to be is not asked.
Many who want the same file wait for one download; how much is fetched and worked on at a time is bounded, and each
server is asked a few things at a time (`HttpClient`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from federation import fetching, policy, remote_films
from federation.client import BadStatus, FetchError, Unreachable
from federation.resolve_errors import Unresolvable
from media.errors import MediaBusy, MediaError, MediaFailure
from media.probe import Limits
from media.recordings import HEAD_BYTES, recognise
from media.variants import Variant
from node.errors import NotFound, Unavailable
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import media, remote_media
from node.services.remote_media import AVATAR, EMOJI, FILM, HEADER, ORIGINAL, SMALL, KeptFile, Seen, Subject
from node.single_flight import SingleFlight

log = structlog.get_logger()

AT_A_TIME: Final = 24
MOST_WAITING: Final = 256
WORKED_ON_AT_A_TIME: Final = 2
"""Fewer than the media workers let wait: pictures people upload here must not stand behind those of the world."""
PATIENCE: Final = 45.0
"""Seconds a reader waits; the download goes on without them."""
SMALL_FILE: Final = 8 * 1024 * 1024
ACCEPTED: Final = (
    "image/*",
    "video/*",
    "audio/*",
    "application/ogg",
    "application/octet-stream",
    "binary/octet-stream",
    "",
)
FINAL_WAIT: Final = 3600.0
SHORT_WAIT: Final = 60.0

_Files = Mapping[str, KeptFile]


class _Road:
    """What is under way in this process."""

    def __init__(self) -> None:
        self.flights: SingleFlight[_Files] = SingleFlight()
        self.places = asyncio.Semaphore(AT_A_TIME)
        self.workers = asyncio.Semaphore(WORKED_ON_AT_A_TIME)
        self.films = asyncio.Semaphore(WORKED_ON_AT_A_TIME)
        self.waiting = 0


_road = _Road()


async def file_of(subject: Subject, shape: str) -> KeptFile:
    """The file of that shape, fetched if it is not kept. Raises `NotFound` when it cannot be had, `Unavailable` when it
    takes too long or too much is being fetched."""
    copy = await remote_media.copy_of(subject)
    if copy is not None and copy.is_given_up:
        raise NotFound
    kept = copy.file(shape) if copy is not None else None
    if kept is not None and await runtime().storage.exists(kept.key):
        return kept
    try:
        async with asyncio.timeout(PATIENCE):
            files = await _road.flights.run(subject.key + subject.url_hash, lambda: _fetch(subject))
    except TimeoutError:
        raise Unavailable("The file is still being fetched, please try again") from None
    return files.get(shape) or files[ORIGINAL]


async def close() -> None:
    """End what is under way."""
    global _road
    closing, _road = _road, _Road()
    await closing.flights.end()


async def _fetch(subject: Subject) -> _Files:
    if _road.waiting >= MOST_WAITING:
        raise Unavailable("Too much is being fetched, please try again")
    _road.waiting += 1
    try:
        async with _road.places:
            return await _fetch_in_turn(subject)
    finally:
        _road.waiting -= 1


async def _fetch_in_turn(subject: Subject) -> _Files:
    stored: list[str] = []
    try:
        async with scratch_folder() as folder:
            files, seen = await _download(subject, folder, stored)
        await remote_media.keep(subject, files)
        if seen is not None:
            await remote_media.learn(subject, seen)
    except (FetchError, Unresolvable, MediaError) as refusal:
        log.info("remote_file_refused", subject=subject.key, domain=subject.domain, reason=str(refusal))
        await media.delete_files(stored)
        await remote_media.note_failure(subject, str(refusal), first_wait=_wait_after(refusal))
        raise NotFound from None
    except MediaBusy:
        raise Unavailable("Too many pictures are being worked on, please try again") from None
    except (MediaFailure, OSError) as failure:
        log.exception("remote_file_failed", subject=subject.key)
        await media.delete_files(stored)
        raise Unavailable("The file cannot be kept now, please try again") from failure
    except BaseException:
        await asyncio.shield(media.delete_files(stored))
        raise
    return files


def _wait_after(refusal: Exception) -> float:
    """A server that is down may be back in a minute; what it says, or what its file is, changes seldom."""
    is_passing = isinstance(refusal, Unreachable) or (
        isinstance(refusal, BadStatus) and refusal.status in (408, 425, 429)
    )
    is_passing = is_passing or (isinstance(refusal, BadStatus) and refusal.status >= 500)
    return SHORT_WAIT if is_passing else FINAL_WAIT


async def _download(subject: Subject, folder: Path, stored: list[str]) -> tuple[_Files, Seen | None]:
    """The files made of what is there, and what is known of a picture or film of a post."""
    await policy.require_allowed(subject.url)
    got = folder / "got"
    await fetching.client().download(subject.url, got, max_bytes=_most_bytes(subject.kind), accept_types=ACCEPTED)
    head = await asyncio.to_thread(_head, got)
    recording = recognise(head) if subject.kind == remote_media.ATTACHMENT else None
    if recording is None:
        async with _road.workers:
            files, seen = await _picture(subject.kind, got, folder, stored)
        return (files, seen) if seen is None else await _moving(files, seen, got, folder, stored)
    size = (await asyncio.to_thread(got.stat)).st_size
    async with _road.films:
        seen, poster = await remote_films.looked_at(got, folder)
    files = {ORIGINAL: KeptFile(await _store(got, recording, stored), recording, size)}
    if poster is not None:
        files[SMALL] = await _keep(poster, folder, stored)
    return files, seen


def _most_bytes(kind: str) -> int:
    most = runtime().settings.media.remote_max_bytes
    return min(most, SMALL_FILE) if kind in (AVATAR, HEADER, EMOJI) else most


async def _picture(kind: str, got: Path, folder: Path, stored: list[str]) -> tuple[dict[str, KeptFile], Seen | None]:
    pool = runtime().media_pool
    known = media.limits()
    limits = Limits(_most_bytes(kind), known.max_pixels, known.max_dimension)
    if kind in (AVATAR, HEADER, EMOJI):
        make = {AVATAR: pool.process_avatar, HEADER: pool.process_header, EMOJI: pool.process_emoji}[kind]
        return {ORIGINAL: await _keep(await make(got, folder, limits), folder, stored)}, None
    photo = await pool.process_photo(got, folder, limits)
    full, feed = photo.variant("full"), photo.variant("feed")
    original = await _keep(full, folder, stored)
    is_small = (full.width, full.height) == (feed.width, feed.height)
    files = {ORIGINAL: original, SMALL: original if is_small else await _keep(feed, folder, stored)}
    if kind != remote_media.ATTACHMENT:
        return files, None
    return files, Seen("image", photo.width, photo.height, photo.blurhash)


async def _moving(
    files: dict[str, KeptFile], seen: Seen, got: Path, folder: Path, stored: list[str]
) -> tuple[_Files, Seen]:
    """The files of a picture, with a film if it moves."""
    async with _road.films:
        loop = await remote_films.loop_of(got, folder)
    if loop is None:
        return files, seen
    size = (await asyncio.to_thread(loop.file.stat)).st_size
    film = KeptFile(await _store(loop.file, "video/mp4", stored), "video/mp4", size)
    width, height, seconds = loop.facts.width, loop.facts.height, loop.facts.seconds
    return {**files, FILM: film}, Seen("gifv", width, height, seen.blurhash, seconds)


async def _keep(variant: Variant, folder: Path, stored: list[str]) -> KeptFile:
    key = await _store(folder / variant.file_name, variant.media_type, stored)
    return KeptFile(key, variant.media_type, variant.size)


async def _store(path: Path, media_type: str, stored: list[str]) -> str:
    key = await runtime().storage.put_file(path, media_type)
    stored.append(key)
    return key


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)
