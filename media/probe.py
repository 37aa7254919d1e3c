"""What a file is, found from its bytes alone: never from its name, never by decoding it.

Only headers are read, in bounded steps, so that a limit is enforced before a decoder sees the file. What
is found here is a claim of the file; the decoder's own view is held against the same limits once more.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from media.errors import MediaError

_MAX_SEGMENTS: Final = 4096
_MAX_BLOCKS: Final = 200_000
_MAX_META_BOX: Final = 1 << 20
_MAX_BOX: Final = 1 << 40

NOT_A_PHOTOGRAPH: Final = "The file is not a photograph we can read. Please send JPEG, PNG, WebP, GIF, HEIC or AVIF."
DAMAGED: Final = "The picture is damaged and cannot be read."


class MediaKind(StrEnum):
    """What a file shows. Moving pictures and sound get their own kinds here."""

    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted. Bytes of the file, pixels of the whole picture, pixels along its longer side, how much
    longer than the other a side may be (a strip of 1×50000 is no photograph), and how many bytes of memory decoding
    may take."""

    max_bytes: int = 40 * 1024 * 1024
    max_pixels: int = 100_000_000
    max_dimension: int = 20_000
    max_aspect: int = 200
    max_memory: int = 1024**3


@dataclass(frozen=True, slots=True)
class Probe:
    """A file's own claims: `width` and `height` in pixels as stored (before orientation), `frames` > 1 for an
    animation, `size` in bytes."""

    kind: MediaKind
    media_type: str
    width: int
    height: int
    frames: int
    size: int


class _Unreadable(Exception):
    """The header ends early or contradicts itself."""


def probe(source: Path | bytes, limits: Limits | None = None) -> Probe:
    """Say what `source` is (a file, or all the bytes of one) and check it against `limits`.

    Raises MediaError when it is no photograph of a known kind, its header is damaged, or a limit is exceeded.
    Blocks while it reads headers (a few kB; for GIF and WebP, the block structure of the whole file).
    """
    limits = limits or Limits()
    if isinstance(source, bytes):
        return _probe_file(io.BytesIO(source), len(source), limits)
    with source.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        return _probe_file(file, size, limits)


def check_dimensions(width: int, height: int, limits: Limits) -> None:
    """Raise MediaError when a picture of `width` × `height` pixels is not one `limits` accepts."""
    if width < 1 or height < 1:
        raise MediaError(DAMAGED)
    if width * height > limits.max_pixels:
        raise MediaError(f"The picture is larger than {_megapixels(limits.max_pixels)} megapixels.")
    if max(width, height) > limits.max_dimension:
        raise MediaError(f"The picture is wider or higher than {limits.max_dimension} pixels.")
    if max(width, height) > min(width, height) * limits.max_aspect:
        raise MediaError("The picture is too narrow: one side is hundreds of times longer than the other.")


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1_000_000:.3g}"


def probe_size(source: Path, max_bytes: int) -> int:
    """The bytes of a file. Raises MediaError when it is empty or larger than `max_bytes`."""
    size = source.stat().st_size
    _check_bytes(size, max_bytes)
    return size


def _check_bytes(size: int, max_bytes: int) -> None:
    if size == 0:
        raise MediaError("The file is empty.")
    if size > max_bytes:
        raise MediaError(f"The file is larger than {max_bytes / 1_048_576:.3g} MB.")


def _probe_file(file: BinaryIO, size: int, limits: Limits) -> Probe:
    _check_bytes(size, limits.max_bytes)
    file.seek(0)
    media_type, measure = _recognise(file.read(64))
    try:
        width, height, frames = measure(file)
    except (_Unreadable, struct.error, IndexError, ValueError, OverflowError):
        raise MediaError(DAMAGED) from None
    check_dimensions(width, height, limits)
    return Probe(MediaKind.PHOTO, media_type, width, height, max(frames, 1), size)


_Measure = Callable[[BinaryIO], tuple[int, int, int]]

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})


def _recognise(head: bytes) -> tuple[str, _Measure]:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", _measure_jpeg
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", _measure_png
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif", _measure_gif
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp", _measure_webp
    if head[4:8] == b"ftyp":
        return _recognise_iso_media(head)
    raise MediaError(NOT_A_PHOTOGRAPH)


def _recognise_iso_media(head: bytes) -> tuple[str, _Measure]:
    """ISO 14496-12 §4.3: the major brand, then the version, then the compatible brands."""
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return "image/avif", _measure_heif
        if brand in _HEIC_BRANDS:
            return "image/heic", _measure_heif
    if brands[0] in (b"mif1", b"msf1"):
        raise MediaError(NOT_A_PHOTOGRAPH)
    raise MediaError("The file is a video or a recording, not a photograph.")


def _take(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise _Unreadable
    return data


def _measure_jpeg(file: BinaryIO) -> tuple[int, int, int]:
    """Walk the marker segments to the first frame header (ITU T.81 §B.2.2)."""
    file.seek(2)
    for _ in range(_MAX_SEGMENTS):
        marker = _next_jpeg_marker(file)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            _length, _precision, height, width = struct.unpack(">HBHH", _take(file, 7))
            return width, height, 1
        if marker in (0xD9, 0xDA):
            raise _Unreadable
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        length = int.from_bytes(_take(file, 2), "big")
        if length < 2:
            raise _Unreadable
        file.seek(length - 2, io.SEEK_CUR)
    raise _Unreadable


def _next_jpeg_marker(file: BinaryIO) -> int:
    """The next marker code; bytes before it are skipped as decoders do, but not without end."""
    for _ in range(65_536):
        if _take(file, 1) != b"\xff":
            continue
        code = _take(file, 1)
        while code == b"\xff":
            code = _take(file, 1)
        if code != b"\x00":
            return code[0]
    raise _Unreadable


def _measure_png(file: BinaryIO) -> tuple[int, int, int]:
    """IHDR must come first (PNG §5.6); acTL, if any, before the pixels, tells the number of frames."""
    file.seek(8)
    length, kind, width, height = struct.unpack(">I4sII", _take(file, 16))
    if kind != b"IHDR" or length != 13:
        raise _Unreadable
    file.seek(8 + 8 + 13 + 4)
    for _ in range(_MAX_SEGMENTS):
        length, kind = struct.unpack(">I4s", _take(file, 8))
        if kind == b"acTL":
            return width, height, min(int.from_bytes(_take(file, 4), "big"), 1_000_000)
        if kind in (b"IDAT", b"IEND"):
            break
        file.seek(length + 4, io.SEEK_CUR)
    return width, height, 1


def _measure_gif(file: BinaryIO) -> tuple[int, int, int]:
    """The logical screen and the number of image descriptors (GIF89a §18, §20). A frame may reach beyond the
    screen, and decoders grow the picture to hold it."""
    file.seek(6)
    width, height, flags = struct.unpack("<HHBxx", _take(file, 7))
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), io.SEEK_CUR)
    frames = 0
    for _ in range(_MAX_BLOCKS):
        introducer = file.read(1)
        if introducer == b"!":
            file.seek(1, io.SEEK_CUR)
        elif introducer == b",":
            left, top, wide, high, flags = struct.unpack("<HHHHB", _take(file, 9))
            if frames == 0:
                width, height = max(width, left + wide), max(height, top + high)
            frames += 1
            if flags & 0x80:
                file.seek(3 << ((flags & 7) + 1), io.SEEK_CUR)
            file.seek(1, io.SEEK_CUR)
        else:
            break
        if not _skip_gif_sub_blocks(file):
            break
    if frames == 0:
        raise _Unreadable
    return width, height, frames


def _skip_gif_sub_blocks(file: BinaryIO) -> bool:
    for _ in range(_MAX_BLOCKS):
        count = file.read(1)
        if not count:
            return False
        if count == b"\x00":
            return True
        file.seek(count[0], io.SEEK_CUR)
    return False


def _measure_webp(file: BinaryIO) -> tuple[int, int, int]:
    """The first chunk says the canvas (WebP container §"Extended file format"), ANMF chunks the frames."""
    file.seek(12)
    kind, length = struct.unpack("<4sI", _take(file, 8))
    body = _take(file, 10)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF, 1
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, 1
    if kind != b"VP8X":
        raise _Unreadable
    width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    frames = _count_webp_frames(file, 20 + length + (length & 1)) if body[0] & 0x02 else 1
    return width, height, frames


def _count_webp_frames(file: BinaryIO, position: int) -> int:
    frames = 0
    for _ in range(_MAX_BLOCKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            break
        kind, length = struct.unpack("<4sI", header)
        frames += kind == b"ANMF"
        position += 8 + length + (length & 1)
    return frames


_CONTAINERS: Final = {b"meta": 4, b"iprp": 0, b"ipco": 0}
"""Boxes that lead to the image spatial extents, and how many bytes of their own come before their children."""


def _measure_heif(file: BinaryIO) -> tuple[int, int, int]:
    """The largest `ispe` property in meta/iprp/ipco (ISO 23008-12 §6.5.3): an upper bound of what is decoded,
    since the parts of a grid and the thumbnails are never larger than the picture."""
    position = 0
    for _ in range(_MAX_SEGMENTS):
        file.seek(position)
        header = _take(file, 8)
        length, kind = struct.unpack(">I4s", header)
        inner = 8
        if length == 1:
            length, inner = int.from_bytes(_take(file, 8), "big"), 16
        if not inner <= length <= _MAX_BOX:
            raise _Unreadable
        if kind == b"meta":
            sizes = _extents(file.read(min(length - inner, _MAX_META_BOX)), _CONTAINERS[b"meta"])
            if not sizes:
                raise _Unreadable
            width, height = max(sizes, key=lambda size: size[0] * size[1])
            return width, height, 1
        position += length
    raise _Unreadable


def _extents(boxes: bytes, start: int) -> list[tuple[int, int]]:
    sizes: list[tuple[int, int]] = []
    at = start
    while at + 8 <= len(boxes) and len(sizes) < _MAX_SEGMENTS:
        length, kind = struct.unpack_from(">I4s", boxes, at)
        if length < 8:
            break
        if kind == b"ispe":
            width, height = struct.unpack_from(">II", boxes, at + 12)
            sizes.append((width, height))
        elif kind in _CONTAINERS:
            sizes += _extents(boxes[at + 8 : at + length], _CONTAINERS[kind])
        at += length
    return sizes
