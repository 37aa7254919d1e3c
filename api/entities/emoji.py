"""Mastodon's CustomEmoji."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from node import urls
from node.queries import emojis
from node.queries.emojis import EmojiRow


class CustomEmoji(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is shown in place of `:shortcode:`. `category` is missing when it has none."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool
    category: str | msgspec.UnsetType = msgspec.UNSET


def render(row: EmojiRow, *, with_category: bool = False) -> CustomEmoji:
    """The entity of a row; clients ask for categories only to fill their picker."""
    url = urls.media(row.file_key) if row.file_key is not None else ""
    if not url and row.remote_url:
        url = urls.remote_file("emoji", row.id, row.remote_url)
    return CustomEmoji(
        shortcode=row.shortcode,
        url=url,
        static_url=urls.media(row.static_key) if row.static_key is not None else url,
        visible_in_picker=bool(row.visible_in_picker),
        category=row.category if with_category and row.category else msgspec.UNSET,
    )


async def in_texts(texts: Sequence[tuple[str, str]]) -> list[list[CustomEmoji]]:
    """The emojis of each of these (domain of the author, text). One statement at most."""
    return [[render(row) for row in found] for found in await emojis.in_texts(texts)]
