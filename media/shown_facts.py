"""Which camera facts others see: what the owner chose by name, in our words and in those of Exif (FEP-ee3a)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "camera": ("make", "model", "lens"),
    "exposure": ("exposure_time", "f_number", "iso", "focal_length"),
}
"""What may be shown and which facts that is. Where a picture was taken is not among them."""
SHOWN: Final = "shown"
"""Beside the facts of a photograph: the names of what its owner shows of them."""
_EXIF: Final = {
    "make": "Make",
    "model": "Model",
    "lens": "LensModel",
    "exposure_time": "ExposureTime",
    "f_number": "FNumber",
    "iso": "PhotographicSensitivity",
    "focal_length": "FocalLength",
}


def shown(camera: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that others see; nothing unless the owner chose something."""
    names = (name for choice in camera.get(SHOWN, ()) for name in CHOICES.get(choice, ()))
    return {name: camera[name] for name in names if name in camera}


def exif_fields(facts: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """The facts by the names and in the notation of Exif."""
    return [(_EXIF[name], _written(name, value)) for name, value in facts.items() if name in _EXIF]


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
