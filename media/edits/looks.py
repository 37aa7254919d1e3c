"""The named filters, as numbers. What the numbers do is in `media.edits.cube`.

Each is one idea of light and film, kept gentle enough for faces: `media.edits.sheet` shows all of them on one photograph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from media.edits.curves import Curve

Triple = tuple[float, float, float]
Category = Literal["natural", "warm", "cool", "film", "moody", "monochrome"]

NOTHING: Final[Triple] = (0.0, 0.0, 0.0)
_ALL: Final[Triple] = (1.0, 1.0, 1.0)

# Curves for all channels alike.
_SOFT: Final[Curve] = ((0, 0), (0.25, 0.22), (0.5, 0.52), (0.75, 0.79), (1, 1))
_FIRM: Final[Curve] = ((0, 0), (0.25, 0.19), (0.5, 0.51), (0.75, 0.82), (1, 1))
_HARD: Final[Curve] = ((0, 0), (0.2, 0.09), (0.5, 0.5), (0.8, 0.91), (1, 1))
_AIRY: Final[Curve] = ((0, 0), (0.25, 0.31), (0.5, 0.59), (0.75, 0.82), (1, 1))
_OPEN: Final[Curve] = ((0, 0.0), (0.2, 0.24), (0.5, 0.56), (0.8, 0.83), (1, 1))
_DEEP: Final[Curve] = ((0, 0), (0.25, 0.17), (0.5, 0.42), (0.75, 0.7), (1, 0.97))


@dataclass(frozen=True, slots=True)
class Look:
    """One filter. It is applied in this order: `mono` (weights of a grey picture), `curve` for all channels and one for
    each, saturation (of all colours, and added to it among warm ones, cool ones and greens), a tint for shadows and one
    for highlights, and in the end what black and white become. `vignette` and `grain` are added to the recipe's own."""

    title: str
    category: Category
    mono: Triple | None = None
    curve: Curve = ()
    red: Curve = ()
    green: Curve = ()
    blue: Curve = ()
    saturation: float = 0.0
    warm_saturation: float = 0.0
    cool_saturation: float = 0.0
    green_saturation: float = 0.0
    shadow_tint: Triple = NOTHING
    highlight_tint: Triple = NOTHING
    black: Triple = NOTHING
    white: Triple = _ALL
    vignette: float = 0.0
    grain: float = 0.0


LOOKS: Final[Mapping[str, Look]] = {
    "daylight": Look(
        "Daylight", "natural", curve=_AIRY, saturation=0.1, warm_saturation=-0.1, highlight_tint=(0.01, 0.01, 0.0)
    ),
    "vivid": Look("Vivid", "natural", curve=_FIRM, saturation=0.32, warm_saturation=-0.35, cool_saturation=0.1),
    "crisp": Look(
        "Crisp",
        "natural",
        curve=_FIRM,
        blue=((0, 0), (0.5, 0.515), (1, 1)),
        saturation=0.04,
        highlight_tint=(-0.01, 0.0, 0.015),
    ),
    "portrait": Look(
        "Portrait",
        "natural",
        curve=_OPEN,
        red=((0, 0), (0.5, 0.515), (1, 1)),
        saturation=-0.05,
        warm_saturation=-0.15,
        green_saturation=-0.5,
        shadow_tint=(0.02, 0.005, 0.0),
        highlight_tint=(0.04, 0.012, 0.0),
    ),
    "golden": Look(
        "Golden",
        "warm",
        curve=_SOFT,
        red=((0, 0), (0.5, 0.54), (1, 1)),
        blue=((0, 0.02), (0.5, 0.455), (1, 0.9)),
        saturation=0.08,
        warm_saturation=-0.2,
        shadow_tint=(0.03, 0.01, -0.01),
        highlight_tint=(0.05, 0.02, -0.05),
    ),
    "amber": Look(
        "Amber",
        "warm",
        curve=_SOFT,
        red=((0, 0.02), (0.5, 0.55), (1, 1)),
        green=((0, 0.0), (0.5, 0.5), (1, 0.97)),
        blue=((0, 0.03), (0.5, 0.43), (1, 0.85)),
        saturation=-0.06,
        shadow_tint=(0.05, 0.01, 0.0),
        black=(0.03, 0.02, 0.02),
    ),
    "honey": Look(
        "Honey",
        "warm",
        curve=_AIRY,
        red=((0, 0.02), (0.5, 0.53), (1, 1)),
        blue=((0, 0.03), (0.5, 0.46), (1, 0.9)),
        saturation=-0.12,
        highlight_tint=(0.03, 0.02, -0.03),
        black=(0.06, 0.05, 0.04),
        white=(1, 0.985, 0.96),
    ),
    "rose": Look(
        "Rose",
        "warm",
        curve=_OPEN,
        red=((0, 0.03), (0.5, 0.55), (1, 1)),
        green=((0, 0), (0.5, 0.48), (1, 0.96)),
        saturation=-0.1,
        green_saturation=-0.6,
        shadow_tint=(0.04, -0.01, 0.05),
        highlight_tint=(0.04, 0.0, 0.01),
        black=(0.07, 0.04, 0.07),
    ),
    "harbour": Look(
        "Harbour",
        "cool",
        curve=_SOFT,
        red=((0, 0), (0.5, 0.465), (1, 0.98)),
        blue=((0, 0.05), (0.5, 0.535), (1, 1)),
        saturation=-0.1,
        shadow_tint=(-0.015, 0.0, 0.04),
        black=(0.02, 0.02, 0.035),
    ),
    "frost": Look(
        "Frost",
        "cool",
        curve=_AIRY,
        red=((0, 0), (0.5, 0.475), (1, 0.985)),
        blue=((0, 0.03), (0.5, 0.535), (1, 1)),
        saturation=-0.28,
        warm_saturation=0.1,
        highlight_tint=(-0.02, 0.0, 0.03),
    ),
    "lagoon": Look(
        "Lagoon",
        "cool",
        curve=_OPEN,
        red=((0, 0), (0.5, 0.475), (1, 0.98)),
        green=((0, 0.02), (0.5, 0.525), (1, 1)),
        blue=((0, 0.06), (0.5, 0.53), (1, 0.95)),
        saturation=-0.08,
        cool_saturation=0.25,
        shadow_tint=(-0.05, 0.03, 0.05),
        highlight_tint=(0.03, 0.0, -0.01),
        black=(0.02, 0.05, 0.06),
    ),
    "meadow": Look(
        "Meadow",
        "film",
        curve=_SOFT,
        red=((0, 0), (0.5, 0.49), (1, 0.99)),
        green=((0, 0.02), (0.5, 0.515), (1, 0.985)),
        blue=((0, 0.03), (0.5, 0.49), (1, 0.95)),
        saturation=-0.05,
        green_saturation=0.25,
        shadow_tint=(-0.02, 0.025, 0.015),
        highlight_tint=(0.045, 0.01, -0.015),
        grain=0.12,
    ),
    "chrome": Look(
        "Chrome",
        "film",
        curve=_HARD,
        saturation=-0.18,
        cool_saturation=0.15,
        green_saturation=-0.2,
        shadow_tint=(-0.02, 0.0, 0.02),
        highlight_tint=(0.015, 0.01, -0.015),
        grain=0.1,
    ),
    "postcard": Look(
        "Postcard",
        "film",
        curve=((0, 0.0), (0.25, 0.27), (0.5, 0.53), (0.75, 0.77), (1, 1)),
        red=((0, 0.06), (0.5, 0.57), (1, 1)),
        green=((0, 0.02), (0.5, 0.49), (1, 0.95)),
        blue=((0, 0.1), (0.5, 0.46), (1, 0.82)),
        saturation=-0.15,
        shadow_tint=(0.04, 0.0, 0.03),
        black=(0.06, 0.04, 0.05),
        vignette=0.15,
        grain=0.15,
    ),
    "cross": Look(
        "Cross",
        "film",
        red=((0, 0), (0.25, 0.16), (0.5, 0.52), (0.75, 0.86), (1, 1)),
        green=((0, 0), (0.25, 0.21), (0.5, 0.53), (0.75, 0.83), (1, 0.99)),
        blue=((0, 0.1), (0.25, 0.28), (0.5, 0.48), (0.75, 0.68), (1, 0.86)),
        saturation=0.05,
        warm_saturation=-0.3,
        shadow_tint=(-0.02, 0.02, 0.02),
        highlight_tint=(0.035, 0.015, -0.03),
        vignette=0.2,
    ),
    "cinema": Look(
        "Cinema",
        "film",
        curve=_FIRM,
        red=((0, 0), (0.25, 0.23), (0.75, 0.78), (1, 1)),
        blue=((0, 0.04), (0.25, 0.29), (0.75, 0.71), (1, 0.95)),
        saturation=-0.08,
        green_saturation=-0.4,
        shadow_tint=(-0.07, 0.02, 0.06),
        highlight_tint=(0.06, 0.015, -0.05),
    ),
    "faded": Look(
        "Faded",
        "film",
        curve=_OPEN,
        saturation=-0.3,
        shadow_tint=(0.02, 0.01, 0.05),
        highlight_tint=(0.045, 0.01, -0.005),
        black=(0.12, 0.12, 0.14),
        white=(0.97, 0.96, 0.93),
    ),
    "matte": Look(
        "Matte",
        "film",
        curve=_SOFT,
        saturation=-0.16,
        shadow_tint=(0.0, 0.005, 0.015),
        black=(0.12, 0.12, 0.125),
        white=(0.97, 0.97, 0.965),
    ),
    "linen": Look(
        "Linen",
        "film",
        curve=_AIRY,
        saturation=-0.34,
        shadow_tint=(0.025, 0.015, 0.0),
        highlight_tint=(0.02, 0.015, -0.01),
        black=(0.09, 0.08, 0.07),
        white=(0.995, 0.98, 0.95),
    ),
    "dusk": Look(
        "Dusk",
        "moody",
        curve=_SOFT,
        red=((0, 0.02), (0.5, 0.52), (1, 1)),
        green=((0, 0), (0.5, 0.47), (1, 0.95)),
        blue=((0, 0.07), (0.5, 0.52), (1, 0.93)),
        saturation=-0.04,
        green_saturation=-0.5,
        shadow_tint=(0.02, -0.03, 0.09),
        highlight_tint=(0.06, 0.0, -0.02),
        vignette=0.12,
    ),
    "night": Look(
        "Night",
        "moody",
        curve=_DEEP,
        red=((0, 0), (0.5, 0.44), (1, 0.95)),
        blue=((0, 0.02), (0.25, 0.255), (0.5, 0.54), (1, 1)),
        saturation=-0.18,
        shadow_tint=(-0.02, -0.01, 0.035),
        vignette=0.3,
    ),
    "forest": Look(
        "Forest",
        "moody",
        curve=((0, 0), (0.25, 0.2), (0.5, 0.45), (0.75, 0.73), (1, 0.97)),
        red=((0, 0), (0.5, 0.49), (1, 0.99)),
        blue=((0, 0.02), (0.5, 0.46), (1, 0.93)),
        saturation=-0.2,
        green_saturation=-0.35,
        shadow_tint=(-0.03, 0.02, 0.01),
        highlight_tint=(0.055, 0.008, -0.02),
        black=(0.03, 0.04, 0.035),
        vignette=0.15,
    ),
    "ember": Look(
        "Ember",
        "moody",
        curve=((0, 0), (0.25, 0.18), (0.5, 0.47), (0.75, 0.78), (1, 1)),
        red=((0, 0.03), (0.5, 0.56), (1, 1)),
        green=((0, 0), (0.5, 0.48), (1, 0.96)),
        blue=((0, 0.02), (0.5, 0.41), (1, 0.84)),
        saturation=-0.02,
        warm_saturation=-0.15,
        shadow_tint=(0.04, -0.01, 0.0),
        vignette=0.3,
    ),
    "silver": Look("Silver", "monochrome", mono=(0.3, 0.59, 0.11), curve=_SOFT),
    "noir": Look(
        "Noir",
        "monochrome",
        mono=(0.55, 0.35, 0.1),
        curve=((0, 0), (0.2, 0.07), (0.5, 0.48), (0.8, 0.92), (1, 1)),
        vignette=0.3,
        grain=0.25,
    ),
    "ash": Look(
        "Ash",
        "monochrome",
        mono=(0.35, 0.5, 0.15),
        curve=_OPEN,
        shadow_tint=(0.004, 0.004, 0.01),
        black=(0.11, 0.11, 0.12),
        white=(0.95, 0.945, 0.935),
        grain=0.15,
    ),
    "sepia": Look(
        "Sepia",
        "monochrome",
        mono=(0.33, 0.56, 0.11),
        curve=_SOFT,
        shadow_tint=(0.08, 0.01, -0.05),
        highlight_tint=(0.05, 0.01, -0.07),
        black=(0.06, 0.04, 0.025),
        white=(1, 0.96, 0.87),
    ),
    "cyanotype": Look(
        "Cyanotype",
        "monochrome",
        mono=(0.3, 0.6, 0.1),
        curve=_OPEN,
        shadow_tint=(-0.16, -0.03, 0.12),
        highlight_tint=(-0.09, 0.0, 0.05),
        black=(0.0, 0.06, 0.17),
        white=(0.95, 0.97, 0.96),
    ),
}
"""In the order they are offered."""
