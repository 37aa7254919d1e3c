"""What is made of an uploaded photograph, as plain frozen values that may cross a process boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EXTENSIONS: Final[dict[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/avif": "avif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/ogg": "ogv",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/webm": "weba",
    "application/vnd.apple.mpegurl": "m3u8",
    "text/vtt": "vtt",
}
"""Every media type that may be stored, and how a file name of it ends (peers judge by the ending)."""


@dataclass(frozen=True, slots=True)
class VariantSize:
    """The box a variant must fit in, in pixels, and how hard it is compressed (JPEG quality, 1–95)."""

    name: str
    max_width: int
    max_height: int
    quality: int


GRID: Final = VariantSize("grid", 400, 400, 80)
FEED: Final = VariantSize("feed", 1080, 1920, 85)
FULL: Final = VariantSize("full", 4096, 4096, 85)
"""Pixelfed drops a whole post when an attachment is wider or higher than 5000 px; 4096 stays well below."""

FULL_WITH_ALPHA: Final = VariantSize("full", 2048, 2048, 85)
"""Transparent pictures are PNG, whose size nothing but the number of pixels bounds: 2048² stays below the
16 MB at which Mastodon stops fetching."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One file to be served. `file_name` is relative to the folder it was written to; `size` in bytes;
    `sha256` in hexadecimal; width and height in pixels, upright."""

    name: str
    file_name: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the camera wrote about the photograph, for its owner's eyes. Never in a served file.

    `exposure_time` in seconds, `focal_length` in millimetres. `taken_at` is what the camera's clock
    showed, in ISO 8601, with its zone if it told that. `has_location` tells that the original knows where it was taken; the
    position itself is kept apart, in `ProcessedPhoto.location`, so that showing the facts cannot leak it.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_time: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    taken_at: str | None = None
    has_location: bool = False


@dataclass(frozen=True, slots=True)
class Location:
    """Where the camera was: degrees north and east. For the owner only."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class ProcessedPhoto:
    """Everything known of a photograph after its variants were written.

    `media_type` is the original's; `width` and `height` are the original's, upright, in pixels; `frames` > 1
    says that an animation was uploaded of which the first frame was kept; `repaired` that a damaged file was
    cut to its readable part. `variants` are in ascending order: grid, feed, full.
    """

    media_type: str
    width: int
    height: int
    frames: int
    repaired: bool
    blurhash: str
    variants: tuple[Variant, ...]
    camera: CameraFacts
    location: Location | None = None
    whole: tuple[int, int] = (0, 0)
    """The size of the upright original, of which an edited picture shows a part."""

    def variant(self, name: str) -> Variant:
        """The variant called `name` ("grid", "feed" or "full"). Raises KeyError for any other."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise KeyError(name)
