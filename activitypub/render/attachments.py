"""Media of a post."""

from __future__ import annotations

from decimal import Decimal

from activitypub.render.writing import without_nothing
from activitypub.types import Attachment, Document, PersonTag

MAX_SIDE = 5000
"""Pixelfed drops a whole post for one side above this."""

BLURHASH_LENGTHS = range(6, 165)


def attachment_document(attachment: Attachment) -> Document:
    """One entry of ``attachment``: a Document as Mastodon and Pixelfed write it, or an Image, Video or Audio when
    the media type does not tell.

    The alt text stands in ``name`` and ``summary``. Dimensions and blurhash that Pixelfed's validator refuses are left out.
    """
    sides = (attachment.width, attachment.height)
    has_dimensions = all(side is None or 1 <= side <= MAX_SIDE for side in sides)
    blurhash = attachment.blurhash or ""
    return without_nothing(
        {
            "type": _type(attachment),
            "mediaType": attachment.media_type,
            "url": attachment.url,
            "name": attachment.description,
            "summary": attachment.description,
            "blurhash": blurhash if len(blurhash) in BLURHASH_LENGTHS else None,
            "focalPoint": list(attachment.focus) if attachment.focus else None,
            "width": attachment.width if has_dimensions else None,
            "height": attachment.height if has_dimensions else None,
            "duration": None if attachment.duration is None else duration(attachment.duration),
            "icon": {"type": "Image", "url": attachment.thumbnail} if attachment.thumbnail else None,
            "size": attachment.size,
            "digestMultibase": attachment.digest,
            "tag": [_person(person) for person in attachment.people] or None,
            "exifData": [{"@type": "PropertyValue", "name": name, "value": value} for name, value in attachment.exif]
            or None,
        }
    )


def duration(seconds: float) -> str:
    """An xsd:duration in seconds alone, which is valid and leaves nothing to carry: ``PT75.5S``."""
    written = format(Decimal(repr(round(seconds, 6))), "f")
    return f"PT{written.rstrip('0').rstrip('.') if '.' in written else written}S"


def _type(attachment: Attachment) -> str:
    told = (attachment.media_type or "").partition("/")[0]
    if attachment.kind in (told, "unknown"):
        return "Document"
    return attachment.kind.capitalize()


def _person(person: PersonTag) -> Document:
    """A Mention with a place in the picture, as FEDERATION.md describes."""
    return without_nothing(
        {"type": "Mention", "href": person.href, "name": person.name, "position": [person.x, person.y]}
    )
