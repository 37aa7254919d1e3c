"""Collections and their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.parse.errors import ParseError
from activitypub.parse.reading import count, document_id, members, reference, type_among
from activitypub.parse.urls import url_or_none
from activitypub.types import Collection, CollectionItem
from activitypub.vocabulary import COLLECTION_PAGE_TYPES, COLLECTION_TYPES, INVERSES

MAX_ITEMS = 500


def parse_collection(document: Mapping[str, Any]) -> Collection:
    """Read a collection or a page of it, at most 500 items. Raises ParseError on other types and without an ``id``.

    Items are ids or embedded objects, unread: each is to be judged, or fetched from its origin, by itself.
    """
    return _collection(document, document_id(document))


def parse_page(document: Mapping[str, Any], url: str) -> Collection:
    """`parse_collection` of what was served at ``url``, whose items are only hints: the ``id`` may be missing or differ."""
    return _collection(document, url_or_none(document.get("id")) or url)


def collection_of(document: Mapping[str, Any], name: str) -> Collection | str | None:
    """The collection in a property of an object (``replies``, ``likes``, ``outbox`` …): itself when it came along, even
    without an id, else its id."""
    value = document.get(name)
    if isinstance(value, Mapping) and type_among(value, COLLECTION_TYPES | COLLECTION_PAGE_TYPES):
        return _collection(value, url_or_none(value.get("id")))
    return reference(value)


def _collection(document: Mapping[str, Any], collection_id: str | None) -> Collection:
    kind = type_among(document, COLLECTION_TYPES | COLLECTION_PAGE_TYPES)
    if kind is None:
        raise ParseError("type", "not a collection")
    items = document.get("orderedItems")
    return Collection(
        id=collection_id,
        type=kind,
        total_items=count(document.get("totalItems")),
        first=_first(document.get("first")) if kind in COLLECTION_TYPES else None,
        items=_items(document.get("items") if items is None else items),
        next=reference(document.get("next")),
        prev=reference(document.get("prev")),
        part_of=reference(document.get("partOf")),
        attributed_to=reference(document.get("attributedTo")),
        inverse=_inverse(document),
    )


def _inverse(document: Mapping[str, Any]) -> tuple[str, str] | None:
    found = ((name, reference(document.get(name))) for name in INVERSES)
    return next(((name, whose) for name, whose in found if whose is not None), None)


def _first(value: object) -> str | Collection | None:
    """The first page: its id, or the page itself when it came along (only pages, so this ends here)."""
    if isinstance(value, Mapping) and type_among(value, COLLECTION_PAGE_TYPES):
        return _collection(value, url_or_none(value.get("id")))
    return reference(value)


def _items(value: object) -> tuple[CollectionItem, ...]:
    items = (item if isinstance(item, Mapping) else url_or_none(item) for item in members(value, MAX_ITEMS))
    return tuple(item for item in items if item is not None)
