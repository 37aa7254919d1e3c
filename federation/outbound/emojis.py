"""The custom emojis of this node as values of the protocol."""

from __future__ import annotations

from typing import Final

from activitypub.types import Emoji
from node import urls
from node.models.fields import from_milliseconds
from node.queries import emojis

IMAGE_TYPES: Final = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
}
"""Media types of pictures, by the ending of their keys."""


async def local_emoji(shortcode: str) -> Emoji | None:
    """A custom emoji of this node that may be used."""
    found = await used_emojis(f":{shortcode}:")
    return found[0] if found else None


async def used_emojis(text: str) -> tuple[Emoji, ...]:
    """The custom emojis of this node in a text; no statement when there can be none."""
    (found,) = await emojis.in_texts([("", text)])
    return tuple(
        Emoji(
            row.shortcode,
            urls.media(row.file_key),
            IMAGE_TYPES.get(row.file_key.rpartition(".")[2]),
            id=urls.emoji(row.shortcode),
            updated=from_milliseconds(row.created_at),
        )
        for row in found
        if row.file_key is not None
    )
