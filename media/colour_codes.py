"""Colour spaces that a file names by number (ITU-T H.273: CICP, `nclx`) or describes by gamma and primaries.

PNG says them in `cICP`, `gAMA` and `cHRM` (PNG §11.3.2), HEIF and AVIF in `colr` boxes of kind `nclx`. Each becomes
an ICC profile made here, so that there is one way from any colour space to sRGB. High dynamic range (PQ and HLG) gets
a curve that keeps tones up to half of reference white (203 cd/m², ITU-R BT.2408) and rolls off smoothly what is above.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from functools import cache
from typing import Final

Chromaticity = tuple[float, float]
Vector = tuple[float, float, float]
Primaries = tuple[Chromaticity, Chromaticity, Chromaticity, Chromaticity]
"""Red, green, blue and white as CIE x, y."""
Codes = tuple[int, int]
"""`colour_primaries` and `transfer_characteristics` of H.273."""

_D65: Final = (0.3127, 0.3290)
_D50: Final = (0.9642, 1.0, 0.8249)
_BT709: Final = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)
_PRIMARIES: Final[dict[int, Primaries]] = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
}
ADOBE_RGB: Final = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), _D65)
ADOBE_GAMMA: Final = 563 / 256
"""What a camera means by the Exif interoperability index R03 (DCF 2.0)."""

_WHITE_NITS: Final = 203.0
_PEAK_NITS: Final = 1000.0
_KNEE: Final = 0.5
_CURVE_POINTS: Final = 4096


def profile_of_codes(codes: Codes) -> bytes | None:
    """The ICC profile of what the two numbers name; `None` when that is sRGB, or nothing that is known."""
    primaries, curve = _PRIMARIES.get(codes[0]), _CURVES.get(codes[1])
    if primaries is None and curve is None:
        return None
    return _profile(primaries or _BT709, curve or _srgb)


def profile_of_gamma(gamma: float, primaries: Primaries | None) -> bytes | None:
    """The ICC profile of an encoding with exponent 1 / `gamma` (as PNG's gAMA tells it), of sRGB's primaries unless
    others are given; `None` when that is as good as sRGB, or nonsense."""
    if not 0.1 <= gamma <= 5 or not _are_possible(primaries or _BT709):
        return None
    is_common = abs(gamma - 1 / 2.2) < 0.01
    if is_common and (primaries is None or _are_close(primaries, _BT709)):
        return None
    return profile_of_exponent(primaries or _BT709, 1 / gamma)


@cache
def profile_of_exponent(primaries: Primaries, exponent: float) -> bytes:
    """The ICC profile of a space whose light is its value to the power of `exponent`."""
    return _profile(primaries, lambda value: float(value**exponent))


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _pq(value: float) -> float:
    """SMPTE ST 2084."""
    power = value ** (1 / 78.84375)
    light = max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    return _rolled_off(10_000 * light ** (1 / 0.1593017578125))


def _hlg(value: float) -> float:
    """ITU-R BT.2100, shown on a screen of 1000 cd/m² (system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = value * value / 3 if value <= 0.5 else (math.exp((value - c) / a) + b) / 12
    return _rolled_off(_PEAK_NITS * float(scene**1.2))


def _rolled_off(nits: float) -> float:
    light = min(nits, _PEAK_NITS) / _WHITE_NITS
    if light <= _KNEE:
        return light
    rest = 1 - _KNEE
    above, highest = (light - _KNEE) / rest, (_PEAK_NITS / _WHITE_NITS - _KNEE) / rest
    return _KNEE + rest * above * (1 + above / highest**2) / (1 + above)


_CURVES: Final[dict[int, Callable[[float], float]]] = {
    4: lambda value: float(value**2.2),
    5: lambda value: float(value**2.8),
    8: lambda value: value,
    16: _pq,
    18: _hlg,
}
"""Transfers that differ from sRGB's. Those of television (1, 6, 14, 15) are read as sRGB, as browsers do."""


@cache
def _profile_bytes(primaries: Primaries, points: bytes) -> bytes:
    """A matrix profile, version 2 (ICC.1:2001-04 §6.3.1.2)."""
    columns = _colorants(primaries)
    tags = [
        (b"desc", b"desc" + bytes(4) + struct.pack(">I", 5) + b"Said\0" + bytes(8 + 2 + 1 + 67 + 4)),
        (b"cprt", b"text" + bytes(4) + b"None\0"),
        (b"wtpt", _xyz_tag(_D50)),
        *((name, _xyz_tag(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)),
        *((name, b"curv" + bytes(4) + points) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", header, 0, start + len(body), bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    struct.pack_into(">6H4s", header, 24, 2024, 1, 1, 0, 0, 0, b"acsp")
    struct.pack_into(">3i", header, 68, *(round(value * 65536) for value in _D50))
    return bytes(header) + struct.pack(">I", len(tags)) + table + body


def _profile(primaries: Primaries, curve: Callable[[float], float]) -> bytes:
    values = (curve(step / (_CURVE_POINTS - 1)) for step in range(_CURVE_POINTS))
    points = [round(65535 * min(max(value, 0.0), 1.0)) for value in values]
    return _profile_bytes(primaries, struct.pack(f">I{_CURVE_POINTS}H", _CURVE_POINTS, *points))


def _xyz_tag(value: Vector) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(part * 65536) for part in value))


def _colorants(primaries: Primaries) -> list[Vector]:
    """XYZ of the three primaries, seen by an eye adapted to D50 (Bradford), which is how profiles tell them."""
    red, green, blue, white = (_xyz(point) for point in primaries)
    shares = _apply(_inverse(_transposed((red, green, blue))), white)
    adapted = _adaptation(white)
    return [
        _apply(adapted, (column[0] * share, column[1] * share, column[2] * share))
        for column, share in zip((red, green, blue), shares, strict=True)
    ]


Matrix = tuple[Vector, Vector, Vector]
_BRADFORD: Final[Matrix] = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def _adaptation(white: Vector) -> Matrix:
    was, becomes = _apply(_BRADFORD, white), _apply(_BRADFORD, _D50)
    scaled = [
        (row[0] * new / old, row[1] * new / old, row[2] * new / old)
        for row, old, new in zip(_BRADFORD, was, becomes, strict=True)
    ]
    back = _inverse(_BRADFORD)
    columns = [_apply(back, column) for column in _transposed((scaled[0], scaled[1], scaled[2]))]
    return _transposed((columns[0], columns[1], columns[2]))


def _xyz(point: Chromaticity) -> Vector:
    x, y = point
    return (x / y, 1.0, (1 - x - y) / y)


def _apply(matrix: Matrix, vector: Vector) -> Vector:
    x, y, z = (sum(factor * part for factor, part in zip(row, vector, strict=True)) for row in matrix)
    return (x, y, z)


def _transposed(matrix: Matrix) -> Matrix:
    first, second, third = zip(*matrix, strict=True)
    return (first, second, third)


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    first, second, third = (tuple(part / determinant for part in row) for row in rows)
    return ((first[0], first[1], first[2]), (second[0], second[1], second[2]), (third[0], third[1], third[2]))


def _are_close(one: Primaries, other: Primaries) -> bool:
    return all(
        abs(a - b) < 0.005 for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True)
    )


def _are_possible(primaries: Primaries) -> bool:
    """Whether the four points are inside the diagram and the three primaries are no line."""
    if not all(0 < x < 1 and 0.01 < y < 1 and x + y <= 1 for x, y in primaries):
        return False
    (ax, ay), (bx, by), (cx, cy), _white = primaries
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) > 0.01
