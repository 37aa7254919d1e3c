"""The custom emojis of this node as values of the protocol."""

from __future__ import annotations

from activitypub.types import Emoji
from media.storage import media_type_of
from node import urls
from node.models.fields import from_milliseconds
from node.queries import emojis


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
            media_type_of(row.file_key),
            id=urls.emoji(row.shortcode),
            updated=from_milliseconds(row.created_at),
        )
        for row in found
        if row.file_key is not None
    )
