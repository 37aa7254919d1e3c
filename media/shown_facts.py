"""Which camera facts others see: what the owner chose by name, in our words and in those of Exif (FEP-ee3a)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "camera": ("make", "model", "lens"),
    "exposure": ("exposure_time", "f_number", "iso", "focal_length"),
    "film": ("film",),
    "date": ("taken_at",),
}
"""What may be shown and which facts that is. Where a picture was taken is not among them."""
SHOWN: Final = "shown"
"""Beside the facts of a photograph: the names of what its owner shows of them."""
MAX_TEXT: Final = 80
_TEXTS: Final = {"make": "Make", "model": "Model", "lens": "LensModel", "film": "Film"}
_NUMBERS: Final = {
    "exposure_time": "ExposureTime",
    "f_number": "FNumber",
    "iso": "PhotographicSensitivity",
    "focal_length": "FocalLength",
}
_MOMENTS: Final = (("DateTimeOriginal", "OffsetTimeOriginal"), ("DateTime", "OffsetTime"))
"""The names of when it was taken and of the zone that was in, the surest first."""
_NUMBER: Final = re.compile(
    r"(?:f/)?([0-9]{1,12}(?:\.[0-9]{1,12})?)(?:/([0-9]{1,12}(?:\.[0-9]{1,12})?))?(?: ?(?:mm|s|sec))?"
)
_MOMENT: Final = re.compile(
    r"([0-9]{4})[:-]([0-9]{2})[:-]([0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_ZONE: Final = re.compile(r"[+-](?:0[0-9]|1[0-4]):[0-5][0-9]")


def shown(camera: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that others see; nothing unless the owner chose something."""
    names = (name for choice in camera.get(SHOWN, ()) for name in CHOICES.get(choice, ()))
    return {name: camera[name] for name in names if name in camera}


def plain_text(value: object) -> str | None:
    """A text on one line, of bounded length; `None` when nothing is left of it."""
    if not isinstance(value, str):
        return None
    text = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    return text[:MAX_TEXT] or None


def moment(text: str, zone: str = "") -> str | None:
    """When something was, as a clock there showed it, in ISO 8601, with the zone if that is told; from Exif's notation
    or ISO's own. `None` for what is no date."""
    found = _MOMENT.fullmatch(text.strip("\0 "))
    if found is None:
        return None
    year, month, day, time, own_zone = found.groups()
    written = f"{year}-{month}-{day}T{time}"
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return None
    told = own_zone or zone.strip("\0 ")
    return written + ("+00:00" if told == "Z" else told if _ZONE.fullmatch(told) else "")


def exif_fields(facts: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """The facts by the names and in the notation of Exif."""
    known = {**_TEXTS, **_NUMBERS}
    told = [(known[name], _written(name, value)) for name, value in facts.items() if name in known]
    return [*told, *exif_moment(facts.get("taken_at"), "DateTime", "OffsetTime")]


def exif_moment(taken_at: str | None, date: str, zone: str) -> Sequence[tuple[str, str]]:
    """When it was taken, in Exif's notation, under these names of date and zone."""
    found = _MOMENT.fullmatch(taken_at or "")
    if found is None:
        return []
    year, month, day, time, offset = found.groups()
    return [(date, f"{year}:{month}:{day} {time}"), *([(zone, offset.replace("Z", "+00:00"))] if offset else [])]


def _written(name: str, value: Any) -> str:
    match name:
        case "exposure_time":
            return f"1/{round(1 / value)}" if 0 < value < 0.3 else f"{value:g}"
        case "f_number":
            return f"f/{value:g}"
        case "focal_length":
            return f"{value:g} mm"
        case _:
            return str(value)


def of_exif_fields(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What another server tells of a photograph, all of it shown; what is nonsense, or not among our facts, is left out."""
    told: dict[str, str] = {}
    for name, value in fields:
        told.setdefault(name, value)
    texts = {name: plain_text(told.get(exif)) for name, exif in _TEXTS.items()}
    numbers = {name: _number(told.get(exif, "")) for name, exif in _NUMBERS.items()}
    iso = numbers["iso"]
    facts: dict[str, Any] = {**texts, **numbers, "iso": None if iso is None else round(iso)}
    dates = (moment(told.get(date, ""), told.get(zone, "")) for date, zone in _MOMENTS)
    facts["taken_at"] = next((date for date in dates if date), None)
    known = {name: value for name, value in facts.items() if value}
    choices = [choice for choice, names in CHOICES.items() if any(name in known for name in names)]
    return {**known, SHOWN: choices} if known else {}


def _number(text: str) -> float | None:
    """`1/250`, `f/2.8`, `50 mm`, `400`."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    number = float(found[1])
    if found[2]:
        below = float(found[2])
        number = number / below if below else math.inf
    return round(number, 8) if 0 < number < 1e6 else None
