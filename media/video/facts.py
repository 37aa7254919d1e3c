"""What is known of a film and what its maker wants of it, as plain frozen values that may cross a process boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from media.edits.recipe import Recipe

NO_RECIPE: Final = Recipe()
VIDEO: Final = "video"
GIFV: Final = "gifv"
AUDIO: Final = "audio"
UNROLLED: Final = ""
UNROLLED_FILE: Final = "unrolled.mp4"

_HDR_TRANSFERS: Final = frozenset((16, 18))
"""Perceptual quantisation and hybrid log-gamma (ISO 23091-2 §8.2)."""
_WIDE_PRIMARIES: Final = 9


@dataclass(frozen=True, slots=True)
class FilmLimits:
    """What is accepted: bytes of the file, seconds, pixels of a frame, its longer side, frames a second, tracks. Of a
    picture that moves also its frames, and the pixels of all of them."""

    max_bytes: int = 256 * 1024 * 1024
    max_seconds: float = 600.0
    max_pixels: int = 8_847_360
    max_dimension: int = 8192
    max_frame_rate: float = 240.0
    max_tracks: int = 32
    max_aspect: int = 64
    max_frames: int = 5000
    max_animated_pixels: int = 400_000_000


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a file is. `width` and `height` are as shown: upright, pixels square; 0 for a recording without pictures.
    `demuxer` is ffmpeg's name of what reads it, `UNROLLED` for a picture that moves and is first made a film.

    `seconds` and `frame_rate` are measured or the file's claim; `rate_text` is the claim as a fraction. `transfer`,
    `primaries` and `matrix` are ISO 23091-2 numbers. `bit_rate` in bits a second, of everything; `has_cover` tells of a picture
    that comes with a recording.
    """

    media_type: str
    demuxer: str
    size: int
    seconds: float
    tracks: int
    video_index: int | None = None
    video_codec: str = ""
    profile: str = ""
    pixel_format: str = ""
    width: int = 0
    height: int = 0
    stored_width: int = 0
    stored_height: int = 0
    rotation: int = 0
    has_square_pixels: bool = True
    frame_rate: float = 0.0
    rate_text: str = ""
    transfer: int = 2
    primaries: int = 2
    matrix: int = 2
    audio_index: int | None = None
    audio_codec: str = ""
    audio_profile: str = ""
    channels: int = 0
    sample_rate: int = 0
    has_cover: bool = False

    @property
    def has_video(self) -> bool:
        return self.video_index is not None

    @property
    def has_audio(self) -> bool:
        return self.audio_index is not None

    @property
    def is_hdr(self) -> bool:
        """Whether brightness or colours go beyond what a plain screen shows."""
        return self.transfer in _HDR_TRANSFERS or self.primaries == _WIDE_PRIMARIES

    @property
    def bit_rate(self) -> int:
        return round(self.size * 8 / self.seconds) if self.seconds else 0


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of the upright frame that is kept, in shares of its width and height from the upper left, 0 to 1."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FilmEdits:
    """What its maker wants changed. Seconds from the beginning of the original; `end` `None` is its end. `recipe` is for
    the colours alone: its filter, its tone, its vignette."""

    start: float = 0.0
    end: float | None = None
    mute: bool = False
    crop: Crop | None = None
    recipe: Recipe = NO_RECIPE


UNEDITED: Final = FilmEdits()
