"""All the work on one film, one step after the other: from what was sent to the files that are served."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from media.errors import MediaError
from media.pool import MediaPool
from media.probe import Limits
from media.variants import ProcessedPhoto
from media.video import ffmpeg, orders, workers
from media.video.facts import AUDIO, GIFV, UNEDITED, UNROLLED, VIDEO, FilmEdits, FilmFacts, FilmLimits
from media.video.ffmpeg import Bounds
from media.video.orders import FILM_FILE, STILL_FILE, TABLE_FILE, VIGNETTE_FILE, Look

LOOP_SECONDS: Final = 60.0
"""A silent film no longer than this is shown as an animation that begins anew."""
_LEAST_SECONDS: Final = 120.0
_SECONDS_PER_SECOND: Final = 20.0
_STILL_SECONDS: Final = 15.0
_BEFORE_THE_END: Final = 0.1

Report = Callable[[str, float], Awaitable[None]]
"""Is told the stage (`film`, `small`, `pictures`) and the share of all the work that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be made: edits; the moment of the poster, `None` to choose one, unless there is one already; above
    how many seconds it is cut for streaming."""

    edits: FilmEdits = UNEDITED
    poster_at: float | None = None
    has_poster: bool = False
    hls_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Rendition:
    """One form of the film for streaming: a playlist of one file's parts."""

    name: str
    width: int
    height: int
    playlist: Path
    file: Path


@dataclass(frozen=True, slots=True)
class FinishedFilm:
    """What was made. `kind` is `video`, `gifv` or `audio`; `facts` are those of `file`."""

    kind: str
    file: Path
    facts: FilmFacts
    poster: ProcessedPhoto | None = None
    renditions: tuple[Rendition, ...] = ()
    waveform: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the work is done: the pool that looks at films, what a run of ffmpeg may take, what is accepted."""

    pool: MediaPool
    limits: FilmLimits
    photo_limits: Limits
    threads: int = 2

    async def develop(self, source: Path, folder: Path, wishes: Wishes, report: Report) -> FinishedFilm:
        """Make of the file `source` what is served, in `folder`.

        Raises MediaError when it is refused, MediaBusy, MediaFailure; what `report` raises ends the work.
        """
        facts, source = await self._readable(source, folder)
        edits = _within(wishes.edits, facts)
        if not facts.has_video:
            return await self._recording(facts, edits, source, folder, wishes, report)
        await self._film(facts, edits, source, folder, report)
        file = folder / FILM_FILE
        made = await workers.probe_film(self.pool, file, self._own_limits())
        renditions = await self._renditions(made, folder, report) if made.seconds > wishes.hls_seconds else ()
        await report("pictures", 0.95)
        poster = None
        if not wishes.has_poster:
            poster = await workers.poster(self.pool, file, folder, wishes.poster_at)
        kind = GIFV if not made.has_audio and made.seconds <= LOOP_SECONDS else VIDEO
        return FinishedFilm(kind, file, made, poster, renditions)

    async def still(self, source: Path, folder: Path, at: float) -> Path:
        """The frame that the film `source` shows at a moment, or its first when there is none, as a picture in `folder`.
        Raises as `develop`."""
        facts, source = await self._readable(source, folder)
        can_map_tones = await ffmpeg.has_filters(*orders.TO_SDR_NEEDS)
        written = folder / STILL_FILE
        for moment in dict.fromkeys((max(0.0, min(at, facts.seconds - _BEFORE_THE_END)), 0.0)):
            arguments = orders.still(facts, str(source), moment, threads=self.threads, can_map_tones=can_map_tones)
            await ffmpeg.run(arguments, folder, Bounds(seconds=_STILL_SECONDS, threads=self.threads))
            if await asyncio.to_thread(written.exists):
                return written
        raise MediaError(ffmpeg.UNREADABLE)

    async def _readable(self, source: Path, folder: Path) -> tuple[FilmFacts, Path]:
        """What is known of the film, and a file of it that ffmpeg reads: itself, unless it is a picture that moves."""
        facts = await workers.probe_film(self.pool, source, self.limits)
        if facts.demuxer != UNROLLED:
            return facts, source
        unrolled = await workers.unroll(self.pool, source, folder, self.limits)
        return await workers.probe_film(self.pool, unrolled, self._own_limits()), unrolled

    async def _film(self, facts: FilmFacts, edits: FilmEdits, source: Path, folder: Path, report: Report) -> None:
        can_map_tones = await ffmpeg.has_filters(*orders.TO_SDR_NEEDS)
        look = await self._look(facts, edits, source, folder)
        arguments = orders.film(facts, edits, str(source), threads=self.threads, can_map_tones=can_map_tones, look=look)
        wanted = _length(facts, edits)
        share = 0.9 if wanted <= LOOP_SECONDS else 0.6
        await ffmpeg.run(arguments, folder, self._bounds(wanted), _told(report, "film", wanted, 0.0, share))

    async def _look(self, facts: FilmFacts, edits: FilmEdits, source: Path, folder: Path) -> Look:
        recipe = orders.look_of(edits.recipe)
        if recipe.is_idle:
            return orders.PLAIN
        await workers.draw_look(self.pool, source, folder, recipe, orders.shown_size(facts, edits.crop))
        return Look((folder / TABLE_FILE).exists(), (folder / VIGNETTE_FILE).exists())

    async def _recording(
        self, facts: FilmFacts, edits: FilmEdits, source: Path, folder: Path, wishes: Wishes, report: Report
    ) -> FinishedFilm:
        arguments, name = orders.recording(facts, edits, str(source), threads=1)
        wanted = _length(facts, edits)
        await ffmpeg.run(arguments, folder, self._bounds(wanted), _told(report, "film", wanted, 0.0, 0.8))
        made = await workers.probe_film(self.pool, folder / name, self._own_limits())
        await report("pictures", 0.9)
        picture = None
        if facts.has_cover and not wishes.has_poster:
            picture = await workers.cover(self.pool, source, facts.demuxer, folder, self.photo_limits)
        waveform = await workers.waveform(self.pool, folder / name, made.demuxer)
        return FinishedFilm(AUDIO, folder / name, made, picture, waveform=waveform)

    async def _renditions(self, made: FilmFacts, folder: Path, report: Report) -> tuple[Rendition, ...]:
        bounds = self._bounds(made.seconds)
        await ffmpeg.run(orders.hls_copy("hls_film"), folder, bounds)
        found = [_rendition("hls_film", made.width, made.height, folder)]
        if (size := orders.small_size(made.width, made.height)) is not None:
            arguments = orders.hls_small("hls_small", size, threads=self.threads)
            await ffmpeg.run(arguments, folder, bounds, _told(report, "small", made.seconds, 0.65, 0.93))
            found.append(_rendition("hls_small", *size, folder))
        return tuple(found)

    def _bounds(self, seconds: float) -> Bounds:
        """Time by the length of the film; no file much larger than what may be sent."""
        return Bounds(
            seconds=_LEAST_SECONDS + seconds * _SECONDS_PER_SECOND,
            file_bytes=self.limits.max_bytes * 4,
            threads=self.threads,
        )

    def _own_limits(self) -> FilmLimits:
        """What we made ourselves may be larger than what was sent, never longer than a frame or two."""
        return FilmLimits(max_bytes=self.limits.max_bytes * 4, max_seconds=self.limits.max_seconds + 5)


def _rendition(name: str, width: int, height: int, folder: Path) -> Rendition:
    return Rendition(name, width, height, folder / f"{name}.m3u8", folder / f"{name}.mp4")


def _within(edits: FilmEdits, facts: FilmFacts) -> FilmEdits:
    """The edits, if there is anything left of the film with them. Raises MediaError."""
    end = facts.seconds if edits.end is None else min(edits.end, facts.seconds)
    if edits.start and edits.start >= end:
        raise MediaError("The film ends before the part that is wanted begins.")
    if edits.mute and not facts.has_video:
        raise MediaError("A recording without its sound is nothing.")
    return edits


def _length(facts: FilmFacts, edits: FilmEdits) -> float:
    end = facts.seconds if edits.end is None else min(edits.end, facts.seconds)
    return max(end - edits.start, 0.1)


def _told(report: Report, stage: str, wanted: float, low: float, high: float) -> ffmpeg.Progress:
    async def tell(seconds: float) -> None:
        await report(stage, low + (high - low) * min(seconds / wanted, 1.0))

    return tell
