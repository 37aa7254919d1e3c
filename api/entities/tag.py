"""Mastodon's Tag, as an entity of its own."""

from __future__ import annotations

import msgspec

from node import urls


class Tag(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hashtag. How often it is used by day is not counted: `history` is truthfully empty."""

    id: str
    name: str
    url: str
    history: list[dict[str, str]]
    following: bool | None = None


def render(name: str, *, signed_in: bool) -> Tag:
    """The entity of a hashtag; hashtags cannot be followed here."""
    return Tag(name, name, urls.hashtag(name), [], False if signed_in else None)
