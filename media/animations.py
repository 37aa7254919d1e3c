"""Whether a picture moves, and for how long, by the structure of its file: GIF, WebP, PNG and AVIF. Nothing is decoded."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

HEAD_BYTES: Final = 64
_MAX_PARTS: Final = 200_000
_MAX_MOVIE_BOX: Final = 8 << 20
_SHORTEST_MS: Final = 10
_USUAL_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Animation:
    """A picture of more than one frame: `seconds` is how long it takes once, as browsers show it."""

    media_type: str
    frames: int
    seconds: float


def shown_for(milliseconds: float) -> float:
    """How long a browser shows a frame that says so: what is too short to be meant counts as a tenth of a second."""
    return milliseconds if milliseconds > _SHORTEST_MS else _USUAL_MS


def animation_of(source: Path) -> Animation | None:
    """What `source` is when it is a picture that moves, as far as it goes; `None` for everything else."""
    with source.open("rb") as file:
        media_type, times_of = _recognise(file.read(HEAD_BYTES))
        if times_of is None:
            return None
        times: list[tuple[int, float]] = []
        with contextlib.suppress(struct.error, IndexError, ValueError, OverflowError, ZeroDivisionError):
            times.extend(times_of(file))
    frames = sum(count for count, _ in times)
    if frames < 2:
        return None
    return Animation(media_type, frames, sum(count * shown_for(each) for count, each in times) / 1000)


_Times = Iterator[tuple[int, float]]
"""So many frames, shown so many milliseconds each."""


def _recognise(head: bytes) -> tuple[str, Callable[[BinaryIO], _Times] | None]:
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif", _gif_times
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp", _webp_times
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", _png_times
    if head[4:8] == b"ftyp" and b"avis" in _brands(head):
        return "image/avif", _avif_times
    return "", None


def _brands(head: bytes) -> list[bytes]:
    end = min(len(head), int.from_bytes(head[:4], "big"))
    return [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]


def _gif_times(file: BinaryIO) -> _Times:
    """Graphic control extensions tell the time of the image that follows (GIF89a §23)."""
    file.seek(10)
    _skip_colours(file, file.read(3)[0])
    hundredths = 0
    for _ in range(_MAX_PARTS):
        introducer = file.read(1)
        if introducer == b"!":
            if file.read(1) == b"\xf9":
                _, _, hundredths = struct.unpack("<BBH", file.read(4))
                file.seek(1, io.SEEK_CUR)
        elif introducer == b",":
            yield 1, hundredths * 10
            hundredths = 0
            _skip_colours(file, file.read(9)[8])
            file.seek(1, io.SEEK_CUR)
        else:
            return
        while count := file.read(1)[0]:
            file.seek(count, io.SEEK_CUR)


def _skip_colours(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), io.SEEK_CUR)


def _webp_times(file: BinaryIO) -> _Times:
    """ANMF chunks hold the frames and their times (WebP container §"Animation")."""
    position = 12
    for _ in range(_MAX_PARTS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return
        kind, length = struct.unpack("<4sI", header)
        if kind == b"ANMF":
            yield 1, int.from_bytes(file.read(16)[12:15], "little")
        position += 8 + length + (length & 1)


def _png_times(file: BinaryIO) -> _Times:
    """fcTL chunks tell the times, in a PNG that says before its pixels that it moves (PNG §11.3.6)."""
    position, moves = 8, False
    for _ in range(_MAX_PARTS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return
        length, kind = struct.unpack(">I4s", header)
        moves = moves or kind == b"acTL"
        if kind == b"IDAT" and not moves:
            return
        if kind == b"fcTL":
            numerator, denominator = struct.unpack(">HH", file.read(26)[20:24])
            yield 1, numerator * 1000 / (denominator or 100)
        position += 12 + length


def _avif_times(file: BinaryIO) -> _Times:
    """Of a sequence, the times in its first track of pictures (ISO 14496-12 §8.6.1.2)."""
    movie = _movie_box(file)
    for track in _children(movie, b"trak"):
        media = next(_children(track, b"mdia"), b"")
        handler = next(_children(media, b"hdlr"), b"")
        if handler[8:12] not in (b"pict", b"vide"):
            continue
        header = next(_children(media, b"mdhd"), b"")
        scale = int.from_bytes(header[20:24] if header[0] else header[12:16], "big")
        table = next(_children(media, b"minf", b"stbl", b"stts"), b"")
        (entries,) = struct.unpack_from(">I", table, 4)
        for at in range(min(entries, _MAX_PARTS)):
            count, delta = struct.unpack_from(">II", table, 8 + at * 8)
            yield count, delta * 1000 / scale
        return


def _movie_box(file: BinaryIO) -> bytes:
    position = 0
    for _ in range(_MAX_PARTS):
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            break
        length, kind = struct.unpack_from(">I4s", header)
        inner = 8
        if length == 1:
            length, inner = struct.unpack_from(">Q", header, 8)[0], 16
        if length < inner:
            break
        if kind == b"moov":
            file.seek(position + inner)
            return file.read(min(length - inner, _MAX_MOVIE_BOX))
        position += length
    return b""


def _children(box: bytes, *path: bytes) -> Iterator[bytes]:
    """The insides of the boxes along a path."""
    at = 0
    while at + 8 <= len(box):
        length, kind = struct.unpack_from(">I4s", box, at)
        if length < 8:
            return
        if kind == path[0]:
            inside = box[at + 8 : at + length]
            if len(path) == 1:
                yield inside
            else:
                yield from _children(inside, *path[1:])
        at += length
