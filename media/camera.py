"""What the camera wrote beside the pixels (Exif 2.32), read with suspicion: any field may be nonsense."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from PIL import ExifTags, Image, TiffImagePlugin

from media.shown_facts import exif_moment, moment, plain_text
from media.variants import CameraFacts, Location

_MAIN_TAGS: Final[Mapping[str, int]] = {"make": ExifTags.Base.Make, "model": ExifTags.Base.Model}
_DETAIL_TAGS: Final[Mapping[str, int]] = {
    "lens": ExifTags.Base.LensModel,
    "exposure_time": ExifTags.Base.ExposureTime,
    "f_number": ExifTags.Base.FNumber,
    "iso": ExifTags.Base.ISOSpeedRatings,
    "focal_length": ExifTags.Base.FocalLength,
}
_MOMENT_TAGS: Final = {"date": ExifTags.Base.DateTimeOriginal, "zone": ExifTags.Base.OffsetTimeOriginal}
_ORIENTATIONS: Final = range(1, 9)


def read_exif(image: Image.Image) -> Image.Exif:
    """The picture's EXIF block; an empty one when there is none or it cannot be read."""
    try:
        return image.getexif()
    except Exception:
        return Image.Exif()


def orientation(exif: Image.Exif) -> int:
    """How the stored picture is to be turned, 1 (upright) to 8."""
    value = _directory(exif, None).get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and value in _ORIENTATIONS else 1


def is_adobe_rgb(exif: Image.Exif) -> bool:
    """Whether a camera says by the interoperability index that it wrote Adobe RGB (DCF 2.0 §3.3.4)."""
    index = _directory(exif, ExifTags.IFD.Interop).get(1)
    return isinstance(index, str) and index.startswith("R03")


def camera_facts(exif: Image.Exif) -> CameraFacts:
    """The facts worth showing to the photograph's owner. Serial numbers and names are left behind."""
    main, details = _directory(exif, None), _directory(exif, ExifTags.IFD.Exif)
    return CameraFacts(
        make=plain_text(main.get(ExifTags.Base.Make)),
        model=plain_text(main.get(ExifTags.Base.Model)),
        lens=plain_text(details.get(ExifTags.Base.LensModel)),
        exposure_time=_positive(details.get(ExifTags.Base.ExposureTime)),
        f_number=_positive(details.get(ExifTags.Base.FNumber)),
        iso=_iso(details.get(ExifTags.Base.ISOSpeedRatings)),
        focal_length=_positive(details.get(ExifTags.Base.FocalLength)),
        taken_at=_taken_at(details),
        has_location=location(exif) is not None,
    )


def location(exif: Image.Exif) -> Location | None:
    """Where the photograph was taken, None when it does not say (or says nonsense)."""
    gps = _directory(exif, ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None:
        return None
    return Location(latitude, longitude)


def exif_of(facts: Mapping[str, Any], turn: int) -> bytes | None:
    """An EXIF block that says these facts and how the picture is to be turned; `None` when there is nothing to say."""
    exif, details = Image.Exif(), {}
    if turn != 1:
        exif[ExifTags.Base.Orientation] = turn
    for name, value in facts.items():
        if name in _MAIN_TAGS:
            exif[_MAIN_TAGS[name]] = value
        elif name in _DETAIL_TAGS:
            details[_DETAIL_TAGS[name]] = TiffImagePlugin.IFDRational(value) if isinstance(value, float) else value
    taken = dict(exif_moment(facts.get("taken_at"), "date", "zone"))
    details |= {tag: taken[name] for name, tag in _MOMENT_TAGS.items() if name in taken}
    if details:
        exif.get_ifd(ExifTags.IFD.Exif).update(details)
    return exif.tobytes() if exif or details else None


def _directory(exif: Image.Exif, tag: int | None) -> Mapping[int, Any]:
    """The directory at `tag`, the main one for None; empty when it cannot be read."""
    try:
        return dict(exif) if tag is None else exif.get_ifd(tag)
    except Exception:
        return {}


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _positive(value: Any) -> float | None:
    number = _number(value)
    return round(number, 8) if number is not None and 0 < number < 1e6 else None


def _iso(value: Any) -> int | None:
    number = _positive(value[0] if isinstance(value, tuple) and value else value)
    return round(number) if number is not None else None


def _degrees(value: Any, reference: object, negative: str, bound: int) -> float | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [number for part in value if (number := _number(part)) is not None]
    if len(parts) != 3:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if not 0 <= degrees <= bound:
        return None
    turned = isinstance(reference, str) and reference.strip("\0 ").upper() == negative
    return round(-degrees if turned else degrees, 7)


def _taken_at(details: Mapping[int, Any]) -> str | None:
    date, zone = (details.get(tag) for tag in (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal))
    return moment(str(date)[:19], str(zone or ""))
