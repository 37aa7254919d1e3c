"""A JPEG without anything but its picture, and with exactly the picture it had: nothing is decoded or encoded anew.

What is copied is what decoding needs (ITU T.81 §B): tables, frame and scans. Everything else stays behind, also what
follows the end of the picture. A file that does anything unusual is not copied.
"""

from __future__ import annotations

import re
from typing import Final

_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_FRAMES: Final = (0xC0, 0xC2)
"""Baseline and progressive: what every decoder reads."""
_TABLES: Final = (0xC4, 0xDB, 0xDD)
_START_OF_SCAN: Final = 0xDA
_END: Final = 0xD9
_LEFT_BEHIND: Final = (*range(0xE0, 0xF0), 0xFE)
_PROFILE: Final = 0xE2
_ADOBE: Final = 0xEE
_YCC_BY_ADOBE: Final = 1
_MAX_SEGMENTS: Final = 4096
_MAX_SCANS: Final = 32
"""Cameras and encoders write about ten; thousands of empty ones keep a decoder busy for minutes."""
_END_OF_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")


def bare_copy(data: bytes, *, exif: bytes | None = None, keeps_profile: bool = False) -> bytes | None:
    """The same JPEG without metadata; `None` unless it is a whole, ordinary one of three colours in 8 bits.

    With `exif`, that is written into it; with `keeps_profile` the profile of its colours stays.
    """
    if data[:2] != b"\xff\xd8":
        return None
    kept = [b"\xff\xd8", _JFIF]
    if exif is not None:
        kept.append(b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif)
    at, scans, frame, adobe = 2, 0, b"", b""
    for _ in range(_MAX_SEGMENTS):
        if at + 2 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"]) if scans and _is_ordinary(frame, adobe) else None
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data):
            return None
        body = data[at + 4 : end]
        if marker == _START_OF_SCAN:
            scans += 1
            found = _END_OF_SCAN.search(data, end)
            if found is None or scans > _MAX_SCANS or not frame:
                return None
            end = found.start()
        elif marker in _FRAMES:
            if frame:
                return None
            frame = body
        elif marker == _ADOBE and body.startswith(b"Adobe"):
            adobe = body
        elif marker not in (*_TABLES, *_LEFT_BEHIND):
            return None
        is_profile = keeps_profile and marker == _PROFILE and body.startswith(b"ICC_PROFILE\0")
        if marker not in _LEFT_BEHIND or is_profile:
            kept.append(data[at:end])
        at = end
    return None


def _is_ordinary(frame: bytes, adobe: bytes) -> bool:
    """Three components of 8 bits that JFIF's reader takes for the colours they are (YCbCr)."""
    if len(frame) != 6 + 3 * 3 or frame[0] != 8 or frame[5] != 3:
        return False
    if adobe:
        return len(adobe) >= 12 and adobe[11] == _YCC_BY_ADOBE
    return frame[6::3] == b"\x01\x02\x03"
