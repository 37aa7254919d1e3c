"""What the media worker does for films: options in, result out, both MessagePack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from media.probe import Limits
from media.video import looks, reading, unrolling
from media.video.facts import FilmLimits

FilmTask = Callable[[Path, Path, Limits, bytes], bytes]
_encode: Final = msgspec.msgpack.encode
_decode: Final = msgspec.msgpack.decode


def _probe(source: Path, _out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    return _encode(reading.probe_film(source, _decode(options, type=FilmLimits)))


def _poster(source: Path, out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    return _encode(reading.poster(source, out_dir, *_decode(options, type=tuple[str, float | None])))


def _still(source: Path, out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    reading.still(source, out_dir, *_decode(options, type=tuple[float, int]))
    return b""


def _cover(source: Path, out_dir: Path, limits: Limits, options: bytes) -> bytes:
    return _encode(reading.cover(source, _decode(options, type=str), out_dir, limits))


def _waveform(source: Path, _out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    return _encode(reading.waveform(source, _decode(options, type=str)))


def _look(_source: Path, out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    looks.draw_look(out_dir, _decode(options, type=looks.LookOptions))
    return b""


def _unroll(source: Path, out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    unrolling.unroll(source, out_dir, _decode(options, type=FilmLimits))
    return b""


FILM_TASKS: Final[dict[str, FilmTask]] = {
    "probe_film": _probe,
    "poster": _poster,
    "still": _still,
    "cover": _cover,
    "waveform": _waveform,
    "look": _look,
    "unroll": _unroll,
}
