"""Objects of any kind, told apart by their type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from activitypub.parse.activity import parse_activity
from activitypub.parse.actor import looks_like_actor, parse_actor
from activitypub.parse.collection import parse_collection
from activitypub.parse.errors import ParseError
from activitypub.parse.note import parse_note
from activitypub.parse.reading import type_among, types_of
from activitypub.parse.tombstone import parse_tombstone
from activitypub.types import Activity, Actor, Collection, Note, Tombstone
from activitypub.vocabulary import (
    ACTIVITY_TYPES,
    ACTOR_TYPES,
    COLLECTION_PAGE_TYPES,
    COLLECTION_TYPES,
    NOTE_TYPES,
)

AnyObject: TypeAlias = Activity | Actor | Collection | Note | Tombstone

_PARSERS: dict[str, Callable[[Mapping[str, Any]], AnyObject]] = {
    **dict.fromkeys(ACTOR_TYPES, parse_actor),
    **dict.fromkeys(NOTE_TYPES, parse_note),
    **dict.fromkeys(COLLECTION_TYPES | COLLECTION_PAGE_TYPES, parse_collection),
    **dict.fromkeys(ACTIVITY_TYPES, parse_activity),
    "Tombstone": parse_tombstone,
}


def parse_object(document: Mapping[str, Any]) -> AnyObject:
    """Read whatever a URL answered or an activity carried. Raises ParseError, also for kinds unknown here."""
    kind = type_among(document, _PARSERS)
    if kind is not None:
        return _PARSERS[kind](document)
    if looks_like_actor(document):
        return parse_actor(document)
    if not types_of(document):
        raise ParseError("type", "missing")
    raise ParseError("type", "a kind of object unknown here")
