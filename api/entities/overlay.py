"""What a page adds, for its viewer, to the parts of posts that everybody shares.

Shared bytes of a post are kept by version (`api/entities/status.py`); what depends on the viewer or changes without the
post is read once for a whole page here, and put behind them as members of the same JSON object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Traits(NamedTuple):
    """What is known of a kept post beside its JSON: whether a page has to add something to it."""

    words: str = ""
    """Its plain text, content warning and alt texts included, in which a viewer's filters look."""


class Overlay(NamedTuple):
    """By id of the post, the JSON of members a page adds. What is not named has none."""

    polls: Mapping[int, bytes]
    quotes: Mapping[int, bytes]
    filtered: Mapping[int, bytes]


NOTHING: Final = Overlay({}, {}, {})


async def of_page(viewer_id: int | None, posts: Mapping[int, Traits]) -> Overlay:
    """The overlay of a page that shows these posts; a fixed number of statements, none when nothing calls for one."""
    return NOTHING
