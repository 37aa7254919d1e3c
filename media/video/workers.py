"""The worker's tasks for films, asked of a pool."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from media.edits.recipe import Recipe
from media.pool import MediaPool
from media.probe import Limits
from media.variants import ProcessedPhoto
from media.video.facts import UNROLLED_FILE, FilmFacts, FilmLimits
from media.video.orders import STILL_FILE

_encode: Final = msgspec.msgpack.encode
_facts: Final = msgspec.msgpack.Decoder(FilmFacts)
_photo: Final = msgspec.msgpack.Decoder(ProcessedPhoto)
_cover: Final[msgspec.msgpack.Decoder[ProcessedPhoto | None]] = msgspec.msgpack.Decoder(ProcessedPhoto | None)
_wave: Final = msgspec.msgpack.Decoder(list[float])
_NOWHERE: Final = Path("/nonexistent")


async def probe_film(pool: MediaPool, source: Path, limits: FilmLimits) -> FilmFacts:
    """media.video.reading.probe_film in a worker. Raises MediaError, MediaBusy, MediaFailure."""
    return _facts.decode(await pool.perform("probe_film", source, _NOWHERE, _encode(limits)))


async def poster(
    pool: MediaPool, source: Path, out_dir: Path, at: float | None = None, *, demuxer: str = "mov"
) -> ProcessedPhoto:
    """media.video.reading.poster in a worker. Raises as probe_film does."""
    return _photo.decode(await pool.perform("poster", source, out_dir, _encode((demuxer, at))))


async def still(pool: MediaPool, source: Path, out_dir: Path, at: float, longest: int) -> Path:
    """media.video.reading.still in a worker: the picture it wrote. Raises as probe_film does."""
    await pool.perform("still", source, out_dir, _encode((at, longest)))
    return out_dir / STILL_FILE


async def cover(pool: MediaPool, source: Path, demuxer: str, out_dir: Path, limits: Limits) -> ProcessedPhoto | None:
    """media.video.reading.cover in a worker. Raises as probe_film does."""
    return _cover.decode(await pool.perform("cover", source, out_dir, _encode(demuxer), limits))


async def waveform(pool: MediaPool, source: Path, demuxer: str) -> list[float]:
    """media.video.reading.waveform in a worker. Raises as probe_film does."""
    return _wave.decode(await pool.perform("waveform", source, _NOWHERE, _encode(demuxer)))


async def draw_look(pool: MediaPool, source: Path, out_dir: Path, recipe: Recipe, size: tuple[int, int]) -> None:
    """media.video.looks.draw_look in a worker. Raises as probe_film does."""
    await pool.perform("look", source, out_dir, _encode({"recipe": recipe, "size": size}))


async def unroll(pool: MediaPool, source: Path, out_dir: Path, limits: FilmLimits) -> Path:
    """media.video.unrolling.unroll in a worker: the film it wrote. Raises as probe_film does."""
    await pool.perform("unroll", source, out_dir, _encode(limits))
    return out_dir / UNROLLED_FILE
