"""How fast films are made: seconds of 1080p a second, against ffmpeg alone told by hand to do the same, and what a filter costs.

The film is drawn by ffmpeg: moving patterns under noise, as HEVC with sound, the way a telephone sends it.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from media.edits.recipe import Recipe
from media.pool import MediaPool
from media.probe import Limits
from media.video import workers
from media.video.facts import UNEDITED, FilmEdits, FilmLimits
from media.video.ffmpeg import program
from media.video.studio import Studio, Wishes

SECONDS: Final = 60
THREADS: Final = 2
_DRAWN: Final = 10
"""Seconds that are drawn, which takes long; they are shown over and over."""
_PICTURES: Final = f"testsrc2=s=1920x1080:r=30:d={_DRAWN},noise=alls=4:allf=t"
_SOUND: Final = f"sine=frequency=440:duration={_DRAWN}"
_HEVC: Final = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1")
_BY_HAND: Final = (
    *("-vf", "scale=1920:1080:flags=bicubic,format=yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23"),
    *("-maxrate", "8000k", "-bufsize", "8000k", "-c:a", "copy", "-movflags", "+faststart"),
)
_FILTER: Final = FilmEdits(recipe=Recipe(filter="postcard", vignette=0.4))


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds by the clock: the film as the node makes it, ffmpeg alone, the film with a filter, the film again when it
    plays everywhere already, a look at a moment nobody looked at before."""

    made: float
    by_hand: float
    filtered: float
    stripped: float
    still: float


@contextmanager
def drawn() -> Iterator[Path]:
    """The film, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="films-") as name:
        part, film = Path(name) / "part.mov", Path(name) / "sent.mov"
        inputs = ("-f", "lavfi", "-i", _PICTURES, "-f", "lavfi", "-i", _SOUND)
        _ffmpeg(*inputs, *_HEVC, "-pix_fmt", "yuv420p", "-c:a", "aac", str(part))
        times = str(SECONDS // _DRAWN - 1)
        _ffmpeg("-stream_loop", times, "-i", str(part), "-c", "copy", "-tag:v", "hvc1", str(film))
        yield film


def measure(film: Path) -> Times:
    """One run of all."""
    folder = film.parent
    by_hand = _clocked(lambda: _ffmpeg("-threads", str(THREADS), "-i", str(film), *_BY_HAND, str(folder / "hand.mp4")))
    return asyncio.run(_measured(film, by_hand))


async def _measured(film: Path, by_hand: float) -> Times:
    pool = MediaPool(1)
    studio = Studio(pool, FilmLimits(max_bytes=1 << 30), Limits(), threads=THREADS)
    try:
        made = await _developed(studio, film, UNEDITED)
        filtered = await _developed(studio, film, _FILTER)
        playable = film.parent / "hand.mp4"
        stripped = await _developed(studio, playable, UNEDITED)
        began = time.perf_counter()
        await workers.still(pool, film.parent / "of sent.mov" / "video.mp4", film.parent, SECONDS / 2 + 0.9, 1080)
        return Times(made, by_hand, filtered, stripped, time.perf_counter() - began)
    finally:
        await pool.close()


async def _developed(studio: Studio, film: Path, edits: FilmEdits) -> float:
    folder = film.parent / f"of {film.name}"
    folder.mkdir(exist_ok=True)
    began = time.perf_counter()
    await studio.develop(film, folder, Wishes(edits, hls_seconds=float("inf")), _nobody)
    return time.perf_counter() - began


async def _nobody(_stage: str, _share: float) -> None:
    """Nobody is told how far it is."""


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([program(), "-loglevel", "error", "-nostdin", "-y", *arguments], check=True, timeout=1200)


def _clocked(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
