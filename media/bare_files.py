"""PNG and WebP without anything but their picture, which stays exactly as it was: nothing is decoded or encoded anew.

What is not known to be of the picture stays behind, also what follows its end. A file that does anything unusual is not
copied. JPEG's is `media.jpeg.bare_copy`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_PNG_COLOURS: Final = frozenset((b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"mDCV", b"cLLI"))
_WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
_WEBP_EXIF: Final = 0x08
_WEBP_XMP: Final = 0x04
_WEBP_MOVES: Final = 0x02
_MAX_PARTS: Final = 200_000


def bare_png(data: bytes) -> bytes | None:
    """The same PNG without texts, times, positions and unknown chunks; `None` unless it is whole (W3C PNG §5)."""
    if not data.startswith(_PNG):
        return None
    kept = [_PNG]
    for kind, start, end in _png_chunks(data):
        if kind in _PNG_KEPT or kind in _PNG_COLOURS:
            kept.append(data[start:end])
        if kind == b"IEND":
            return b"".join(kept)
    return None


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = len(_PNG)
    for _ in range(_MAX_PARTS):
        if at + 12 > len(data):
            return
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        yield data[at + 4 : at + 8], at, end
        at = end


def bare_webp(data: bytes) -> bytes | None:
    """The same WebP without Exif, XMP and unknown chunks; `None` unless it is whole and stands still (RFC 9649 §2)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    whole = 8 + int.from_bytes(data[4:8], "little")
    kept: list[bytes] = []
    at = 12
    for _ in range(_MAX_PARTS):
        if at >= whole:
            break
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if at + 8 > whole or end > min(whole + 1, len(data) + size % 2):
            return None
        if kind == b"VP8X":
            flags = data[at + 8]
            if flags & _WEBP_MOVES:
                return None
            kept.append(data[at : at + 8] + bytes((flags & ~(_WEBP_EXIF | _WEBP_XMP),)) + data[at + 9 : end])
        elif kind in _WEBP_KEPT:
            kept.append(data[at:end])
        at = end
    else:
        return None
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body if len(kept) > 0 else None
