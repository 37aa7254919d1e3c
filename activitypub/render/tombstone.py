"""What is left of deleted objects."""

from __future__ import annotations

from activitypub.render.contexts import PLAIN_CONTEXT
from activitypub.render.writing import timestamp, without_nothing
from activitypub.types import Document, Tombstone


def render_tombstone(tombstone: Tombstone) -> Document:
    """The body of the 410 a deleted id answers."""
    return {"@context": PLAIN_CONTEXT, **tombstone_object(tombstone)}


def tombstone_object(tombstone: Tombstone) -> Document:
    """`render_tombstone` without ``@context``, to be embedded in a Delete."""
    return without_nothing(
        {
            "id": tombstone.id,
            "type": "Tombstone",
            "deleted": timestamp(tombstone.deleted),
            "formerType": tombstone.former_type,
        }
    )
