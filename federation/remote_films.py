"""What moves in posts of other servers: animations made films, and what a film that is kept as it came turns out to be.

A reader waits for it, so it is held to less than what people upload here, in size and in time; what goes beyond is
shown by its first frame, or as its server describes it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import structlog

from media.animations import animation_of
from media.errors import MediaBusy, MediaError, MediaFailure
from media.probe import probe
from media.variants import Variant
from media.video.facts import GIFV, VIDEO, FilmLimits
from media.video.studio import LOOP_SECONDS, FinishedFilm, Studio, Wishes
from media.video.workers import poster, probe_film
from node.runtime import runtime
from node.services import media
from node.services.remote_media import Seen

log = structlog.get_logger()

MOST_PIXELS: Final = 150_000_000
"""Of all frames of an animation together."""
MOST_SECONDS: Final = 30.0
"""How long the work on one may take."""
_POSTER_AT: Final = 0.1
_JUST_THE_FILM: Final = Wishes(has_poster=True, hls_seconds=float("inf"))


async def loop_of(picture: Path, folder: Path) -> FinishedFilm | None:
    """The film made of a picture that moves, in `folder`; `None` when it does not, or is too much."""
    if not await asyncio.to_thread(_is_loop, picture):
        return None
    limits = FilmLimits(
        max_bytes=runtime().settings.media.remote_max_bytes,
        max_seconds=LOOP_SECONDS,
        max_pixels=runtime().settings.media.max_video_pixels,
        max_animated_pixels=MOST_PIXELS,
    )
    studio = Studio(runtime().film_pool, limits, media.limits(), threads=runtime().settings.media.film_threads)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await studio.develop(picture, folder, _JUST_THE_FILM, _nobody)
    except (MediaError, MediaBusy, TimeoutError):
        return None
    except MediaFailure:
        log.exception("remote_animation_failed")
        return None


async def looked_at(recording: Path, folder: Path) -> tuple[Seen | None, Variant | None]:
    """What a recording is, and a picture of it in `folder`; nothing of what has no pictures or is damaged. One without
    sound that is short is a loop, whatever it came as."""
    limits = FilmLimits(
        max_bytes=runtime().settings.media.remote_max_bytes, max_seconds=float("inf"), max_pixels=1 << 26
    )
    try:
        facts = await probe_film(runtime().film_pool, recording, limits)
        if not facts.has_video:
            return None, None
        at = facts.seconds * _POSTER_AT
        photo = await poster(runtime().film_pool, recording, folder, at, demuxer=facts.demuxer)
    except (MediaError, MediaBusy):
        return None, None
    except MediaFailure:
        log.exception("remote_film_failed")
        return None, None
    kind = GIFV if not facts.has_audio and facts.seconds <= LOOP_SECONDS else VIDEO
    return Seen(kind, facts.width, facts.height, photo.blurhash, facts.seconds), photo.variant("feed")


def _is_loop(picture: Path) -> bool:
    animation = animation_of(picture)
    if animation is None:
        return False
    try:
        found = probe(picture, media.limits())
    except MediaError:
        return False
    return animation.frames * found.width * found.height <= MOST_PIXELS


async def _nobody(_stage: str, _share: float) -> None:
    """Nobody is told how far it is."""
