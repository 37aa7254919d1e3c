"""Pixelfed's filters: what they are called, and which of ours comes nearest.

Pixelfed shows them with styles of the web, so they are different on every screen and other servers never see them.
Here they are worked into the picture.
"""

from __future__ import annotations

from typing import Final

_NEAREST: Final[dict[str, str]] = {
    "1977": "postcard",
    "Aden": "faded",
    "Amaro": "meadow",
    "Ashby": "honey",
    "Brannan": "chrome",
    "Brooklyn": "lagoon",
    "Charmes": "rose",
    "Clarendon": "vivid",
    "Crema": "linen",
    "Dogpatch": "crisp",
    "Earlybird": "sepia",
    "Gingham": "matte",
    "Ginza": "daylight",
    "Hefe": "ember",
    "Helena": "golden",
    "Hudson": "harbour",
    "Inkwell": "silver",
    "Kelvin": "amber",
    "Kuno": "cinema",
    "Lark": "daylight",
    "Lo-Fi": "vivid",
    "Ludwig": "portrait",
    "Maven": "forest",
    "Mayfair": "golden",
    "Moon": "ash",
    "Nashville": "rose",
    "Perpetua": "lagoon",
    "Poprocket": "dusk",
    "Reyes": "linen",
    "Rise": "honey",
    "Sierra": "faded",
    "Skyline": "crisp",
    "Slumber": "matte",
    "Stinson": "portrait",
    "Sutro": "night",
    "Toaster": "ember",
    "Valencia": "amber",
    "Vesper": "dusk",
    "Walden": "postcard",
    "Willow": "ash",
    "X-Pro II": "cross",
}
"""Pixelfed's name → ours. Its class is `filter-` and the name in small letters, but for three."""

_ODD_CLASSES: Final = {"Kuno": "filter-juno", "Lo-Fi": "filter-lofi", "X-Pro II": "filter-xpro-ii"}

FOREIGN_CLASSES: Final[dict[str, str]] = {
    _ODD_CLASSES.get(name, f"filter-{name.lower()}"): ours for name, ours in _NEAREST.items()
}
"""Pixelfed's class → our filter."""

_BY_ANY_NAME: Final = {
    **{name.casefold(): ours for name, ours in _NEAREST.items()},
    **FOREIGN_CLASSES,
    "juno": "cinema",
}


def known_as(name: str) -> str | None:
    """Our filter for a name or class of Pixelfed's; `None` when it has no such filter."""
    return _BY_ANY_NAME.get(name.casefold())


def foreign_name(ours: str) -> str | None:
    """The first of Pixelfed's filters that ours comes nearest to; `None` for one that it has nothing like."""
    return next((name for name, nearest in _NEAREST.items() if nearest == ours), None)
