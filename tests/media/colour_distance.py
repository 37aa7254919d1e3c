"""How different two colours look: CIE 1976 and CIEDE2000 (CIE 142:2001), of sRGB bytes under D65."""

from __future__ import annotations

import math

Colour = tuple[int, int, int]
Lab = tuple[float, float, float]


def lab(colour: Colour) -> Lab:
    """CIE L*a*b* of an sRGB colour (IEC 61966-2-1)."""
    red, green, blue = (_linear(value / 255) for value in colour)
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (_root(value) for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _root(value: float) -> float:
    return math.cbrt(value) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116


def cie76(one: Colour, other: Colour) -> float:
    """The distance in L*a*b*."""
    return math.dist(lab(one), lab(other))


def ciede2000(one: Colour, other: Colour) -> float:
    """The newer measure, after G. Sharma, W. Wu and E. Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = lab(one), lab(other)
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    (c1, h1), (c2, h2) = _polar(a1 * (1 + g), b1), _polar(a2 * (1 + g), b2)
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    light, chroma = l2 - l1, c2 - c1
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    middle_l, middle_c = (l1 + l2) / 2, (c1 + c2) / 2
    middle_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = 1 - 0.17 * _cos(middle_h - 30) + 0.24 * _cos(2 * middle_h)
    t += 0.32 * _cos(3 * middle_h + 6) - 0.20 * _cos(4 * middle_h - 63)
    sl = 1 + 0.015 * (middle_l - 50) ** 2 / math.sqrt(20 + (middle_l - 50) ** 2)
    sc, sh = 1 + 0.045 * middle_c, 1 + 0.015 * middle_c * t
    rotation = -2 * math.sqrt(middle_c**7 / (middle_c**7 + 25**7))
    rotation *= math.sin(math.radians(60 * math.exp(-(((middle_h - 275) / 25) ** 2))))
    parts = (light / sl) ** 2 + (chroma / sc) ** 2 + (hue / sh) ** 2
    return math.sqrt(max(parts + rotation * chroma / sc * hue / sh, 0.0))


def _polar(a: float, b: float) -> tuple[float, float]:
    return math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))
