"""Collections and their pages."""

from __future__ import annotations

from typing import Any

from activitypub.render.contexts import INVERSE_CONTEXT, PLAIN_CONTEXT
from activitypub.render.writing import image_document, timestamp, without_nothing
from activitypub.types import Collection, Document


def render_collection(collection: Collection, context: Any = None) -> Document:
    """A collection or page of any type. Give ``NOTE_CONTEXT`` when posts are embedded."""
    fitting = PLAIN_CONTEXT if collection.inverse is None else INVERSE_CONTEXT
    return {"@context": fitting if context is None else context, **_collection(collection)}


def render_ordered_collection(
    collection_id: str,
    *,
    total_items: int | None,
    first: str | None = None,
    attributed_to: str | None = None,
    inverse: tuple[str, str] | None = None,
) -> Document:
    """The entry of a paged collection. A hidden list has its ``total_items`` and no ``first``."""
    return render_collection(
        Collection(
            id=collection_id,
            type="OrderedCollection",
            total_items=total_items,
            first=first,
            attributed_to=attributed_to,
            inverse=inverse,
        )
    )


def render_collection_page(page: Collection, context: Any = PLAIN_CONTEXT) -> Document:
    """A page (``OrderedCollectionPage``): id with the query string, ``partOf``, ``next``, ``prev``, newest first."""
    if page.id is None or page.part_of is None:
        raise ValueError("a page needs its id and the collection it is part of")
    return render_collection(page, context)


def _collection(collection: Collection) -> Document:
    is_ordered = collection.type.startswith("Ordered")
    is_page = collection.type.endswith("Page")
    first = collection.first
    document = without_nothing(
        {
            "id": collection.id,
            "type": collection.type,
            "name": collection.name,
            "summary": collection.summary,
            "url": collection.url,
            "image": image_document(collection.image),
            "published": timestamp(collection.published),
            "updated": timestamp(collection.updated),
            "totalItems": collection.total_items,
            "attributedTo": collection.attributed_to,
            "partOf": collection.part_of,
            "first": _collection(first) if isinstance(first, Collection) else first,
            "next": collection.next,
            "prev": collection.prev,
            **dict((collection.inverse,) if collection.inverse is not None else ()),
        }
    )
    if collection.items or is_page:
        document["orderedItems" if is_ordered else "items"] = list(collection.items)
    return document
