"""What a video or a recording is, by its first bytes. It is kept as it came: nothing here decodes it."""

from __future__ import annotations

from typing import Final

HEAD_BYTES: Final = 512
"""How much of a file is looked at."""

_STILL_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avif", b"avis", b"mif1", b"msf1")
)
_MP3_FRAMES: Final = frozenset((0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2))


def recognise(head: bytes) -> str | None:
    """The media type of a file that begins with `head`, one that may be stored; `None` for everything else."""
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return "video/webm"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] in _MP3_FRAMES):
        return "audio/mpeg"
    return None


def _iso_media(brand: bytes) -> str | None:
    """ISO 14496-12 §4.3, by the major brand."""
    if brand in _STILL_BRANDS:
        return None
    if brand == b"qt  ":
        return "video/quicktime"
    return "audio/mp4" if brand in (b"M4A ", b"M4B ") else "video/mp4"
