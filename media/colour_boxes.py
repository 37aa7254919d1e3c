"""The colour space that a PNG, HEIF or AVIF file names by number, read from its headers.

Decoders hand over such pixels as they are and tell nothing of the numbers, so they are read here.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from media.colour_codes import Codes

_MAX_BOXES: Final = 4096
_MAX_META: Final = 1 << 20
_MAX_CHUNKS: Final = 4096


def colour_codes(file: BinaryIO, media_type: str) -> Codes | None:
    """Primaries and transfer that the file names for its picture; `None` when it names none. Keeps no position."""
    position = file.tell()
    try:
        if media_type == "image/png":
            return _of_png(file)
        if media_type in ("image/heic", "image/avif"):
            return _of_heif(file)
    except (struct.error, IndexError, ValueError, OSError):
        return None
    finally:
        file.seek(position)
    return None


def _of_png(file: BinaryIO) -> Codes | None:
    file.seek(8)
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"cICP":
            primaries, transfer = file.read(2)
            return primaries, transfer
        if kind in (b"IDAT", b"IEND"):
            break
        file.seek(length + 4, io.SEEK_CUR)
    return None


def _of_heif(file: BinaryIO) -> Codes | None:
    """The `nclx` among the properties of the primary item (ISO 23008-12 §9.3); an ICC profile beside it is the
    decoder's to tell."""
    meta = _meta(file)[4:]
    boxes = dict(_boxes(meta))
    primary = _primary_item(boxes[b"pitm"]) if b"pitm" in boxes else None
    properties = dict(_boxes(boxes.get(b"iprp", b"")))
    known = list(_boxes(properties.get(b"ipco", b"")))
    for index in _associated(properties.get(b"ipma", b""), primary):
        if 1 <= index <= len(known):
            kind, body = known[index - 1]
            if kind == b"colr" and body[:4] == b"nclx":
                primaries, transfer = struct.unpack_from(">HH", body, 4)
                return primaries, transfer
    return None


def _meta(file: BinaryIO) -> bytes:
    position = 0
    for _ in range(_MAX_BOXES):
        file.seek(position)
        length, kind = struct.unpack(">I4s", file.read(8))
        inner = 8
        if length == 1:
            length, inner = int.from_bytes(file.read(8), "big"), 16
        if length < inner:
            break
        if kind == b"meta":
            return file.read(min(length - inner, _MAX_META))
        position += length
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(_MAX_BOXES):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _primary_item(body: bytes) -> int:
    """`pitm`: 16 bits in version 0, 32 in later ones."""
    return int.from_bytes(body[4:6] if body[0] == 0 else body[4:8], "big")


def _associated(body: bytes, item: int | None) -> Iterator[int]:
    """`ipma` (§9.3.1): the numbers, from 1, of the properties of `item`."""
    if len(body) < 8:
        return
    wide_items, wide_indexes = body[0] >= 1, bool(body[3] & 1)
    count, at = int.from_bytes(body[4:8], "big"), 8
    for _ in range(min(count, _MAX_BOXES)):
        number = int.from_bytes(body[at : at + (4 if wide_items else 2)], "big")
        at += 4 if wide_items else 2
        associations, at = body[at], at + 1
        for _association in range(associations):
            step = 2 if wide_indexes else 1
            index = int.from_bytes(body[at : at + step], "big") & (0x7FFF if wide_indexes else 0x7F)
            at += step
            if number == item:
                yield index
