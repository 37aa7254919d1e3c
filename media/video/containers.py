"""What a film or a recording is wrapped in, by its first bytes: never from its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 512
"""How much of a file is looked at."""

_STILL_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avif", b"avis", b"mif1", b"msf1")
)
_QUICKTIME_ATOMS: Final = frozenset((b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
_MP3_FRAMES: Final = frozenset((0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2))
_ADTS_FRAMES: Final = frozenset((0xF1, 0xF9, 0xF0, 0xF8))


@dataclass(frozen=True, slots=True)
class Container:
    """`media_type` is one that may be stored; `demuxer` is ffmpeg's name of what reads it, and nothing else may."""

    media_type: str
    demuxer: str


_MP4: Final = Container("video/mp4", "mov")
_M4A: Final = Container("audio/mp4", "mov")
_QUICKTIME: Final = Container("video/quicktime", "mov")
_WEBM: Final = Container("video/webm", "matroska")
_MATROSKA: Final = Container("video/x-matroska", "matroska")
_OGG: Final = Container("audio/ogg", "ogg")
_FLAC: Final = Container("audio/flac", "flac")
_WAV: Final = Container("audio/wav", "wav")
_MP3: Final = Container("audio/mpeg", "mp3")
_AAC: Final = Container("audio/aac", "aac")
GIF: Final = Container("image/gif", "gif")

FILM_TYPES: Final = ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska")
SOUND_TYPES: Final = ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/wav", "audio/aac")


def container_of(head: bytes) -> Container | None:
    """The container of a film or recording whose file begins with `head`; `None` for everything else.

    A GIF is none here: whether it moves is seen only farther in (`media.probe`).
    """
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head[4:8] in _QUICKTIME_ATOMS:
        return _QUICKTIME
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _WEBM if b"webm" in head[:64] else _MATROSKA
    if head.startswith(b"OggS"):
        return _OGG
    if head.startswith(b"fLaC"):
        return _FLAC
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _WAV
    if head.startswith(b"ID3"):
        return _MP3
    if len(head) > 1 and head[0] == 0xFF:
        return _MP3 if head[1] in _MP3_FRAMES else _AAC if head[1] in _ADTS_FRAMES else None
    return None


def _iso_media(brand: bytes) -> Container | None:
    """ISO 14496-12 §4.3, by the major brand."""
    if brand in _STILL_BRANDS:
        return None
    if brand == b"qt  ":
        return _QUICKTIME
    return _M4A if brand in (b"M4A ", b"M4B ") else _MP4
