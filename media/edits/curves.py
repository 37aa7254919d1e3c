"""Smooth curves through a few points that never turn back: cubic pieces after Fritsch and Carlson (1980)."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache

Curve = tuple[tuple[float, float], ...]
"""Points (before, after), ascending in both; the first is at 0, the last at 1. Empty: a straight line."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From `start` to `end` the curve rises by `slope·t + square·t² + cubic·t³`, t counted from `start`."""

    start: float
    end: float
    slope: float
    square: float
    cubic: float


@cache
def segments(curve: Curve) -> tuple[Segment, ...]:
    """The pieces of the curve between its points."""
    slopes = _slopes(curve)
    pieces = []
    for (x0, y0), (x1, y1), first, last in zip(curve, curve[1:], slopes, slopes[1:], strict=False):
        width, chord = x1 - x0, (y1 - y0) / (x1 - x0)
        square = (3 * chord - 2 * first - last) / width
        cubic = (first + last - 2 * chord) / width**2
        pieces.append(Segment(x0, x1, first, square, cubic))
    return tuple(pieces)


def value_at(curve: Curve, x: float) -> float:
    """Where the curve is at `x`, 0 to 1."""
    total = curve[0][1]
    for piece in segments(curve):
        at = min(max(x, piece.start), piece.end) - piece.start
        total += at * (at * (at * piece.cubic + piece.square) + piece.slope)
    return total


def _slopes(curve: Curve) -> list[float]:
    chords = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in itertools.pairwise(curve)]
    slopes = [chords[0], *((a + b) / 2 for a, b in itertools.pairwise(chords)), chords[-1]]
    for at, chord in enumerate(chords):
        if chord == 0:
            slopes[at] = slopes[at + 1] = 0.0
            continue
        steepness = math.hypot(slopes[at] / chord, slopes[at + 1] / chord)
        if steepness > 3:
            slopes[at] *= 3 / steepness
            slopes[at + 1] *= 3 / steepness
    return slopes
