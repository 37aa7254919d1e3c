"""Small writers that the documents share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from activitypub.types import Document, Emoji, Hashtag, Image


def without_nothing(document: Document) -> Document:
    """The document without properties that are None."""
    return {key: value for key, value in document.items() if value is not None}


def timestamp(moment: datetime | None) -> str | None:
    """UTC with a ``Z``, fractions only if there are any."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def image_document(image: Image | None) -> Document | None:
    """An Image with its alt text in ``name`` and ``summary``: peers read the one or the other."""
    if image is None:
        return None
    return without_nothing(
        {
            "type": "Image",
            "mediaType": image.media_type,
            "url": image.url,
            "name": image.description,
            "summary": image.description,
            "blurhash": image.blurhash,
            "width": image.width,
            "height": image.height,
            "focalPoint": list(image.focus) if image.focus else None,
        }
    )


def hashtag_document(hashtag: Hashtag) -> Document:
    """A ``tag`` entry, or an item of ``featuredTags``."""
    return without_nothing({"type": "Hashtag", "href": hashtag.href, "name": f"#{hashtag.name}"})


def emoji_documents(emojis: Iterable[Emoji]) -> list[Document]:
    """``tag`` entries of custom emojis (FEP-9098)."""
    return [
        without_nothing(
            {
                "id": emoji.id,
                "type": "Emoji",
                "name": f":{emoji.name}:",
                "icon": without_nothing({"type": "Image", "mediaType": emoji.media_type, "url": emoji.url}),
                "updated": timestamp(emoji.updated),
            }
        )
        for emoji in emojis
    ]
