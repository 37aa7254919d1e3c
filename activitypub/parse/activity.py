"""Activities: the envelope only. What they carry stays raw until the sender is known to own it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.parse.errors import ParseError
from activitypub.parse.reading import (
    addressees,
    document_id,
    first_object,
    members,
    natural_text,
    reference,
    required_reference,
    text,
    time,
    types_of,
)
from activitypub.parse.urls import absolute_url, origin_host
from activitypub.types import Activity
from activitypub.vocabulary import (
    ACTIVITIES_WITHOUT_ID,
    ACTIVITIES_WITHOUT_OBJECT,
    ACTIVITY_TYPES,
    ACTOR_TYPES,
    COLLECTION_PAGE_TYPES,
    COLLECTION_TYPES,
    NOTE_TYPES,
    PUBLIC,
)

MAX_OBJECTS = 100
MAX_ACTIVITY_CONTENT = 5_000
_NOT_ACTIVITIES = ACTOR_TYPES | NOTE_TYPES | COLLECTION_TYPES | COLLECTION_PAGE_TYPES


def parse_activity(document: Mapping[str, Any]) -> Activity:
    """Read an activity of any type, known or not. Raises ParseError.

    Refused: no http(s) ``actor``, no ``object``, an ``id`` on another host than the actor, and no ``id`` except for
    `ACTIVITIES_WITHOUT_ID`. Objects must have http(s) ids or none. Of several objects the first 100 are kept.
    """
    kind = _type(document)
    actor = required_reference(document, "actor")
    activity_id = _id(document, kind)
    if activity_id is not None and origin_host(activity_id) != origin_host(actor):
        raise ParseError("id", "on another host than the actor")
    found = members(document.get("object"), MAX_OBJECTS)
    if not found and kind not in ACTIVITIES_WITHOUT_OBJECT:
        raise ParseError("object", "missing")
    ids = [_object_id(member) for member in found]
    embedded = tuple(member for member in found if isinstance(member, Mapping))
    several = len(found) > 1
    reaction = text(document.get("_misskey_reaction"), MAX_ACTIVITY_CONTENT)
    return Activity(
        id=activity_id,
        type=kind,
        actor=actor,
        object_id=ids[0] if ids and not several else None,
        object=embedded[0] if embedded and not several else None,
        object_ids=tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None)) if several else (),
        objects=embedded if several else (),
        target=reference(document.get("target")),
        to=addressees(document.get("to")),
        cc=addressees(document.get("cc")),
        published=time(document.get("published")),
        content=natural_text(document, "content", MAX_ACTIVITY_CONTENT) or reaction,
        instrument=reference(document.get("instrument")),
        instrument_object=first_object(document.get("instrument")),
        result=reference(document.get("result")),
        in_reply_to=reference(document.get("inReplyTo")),
    )


def _type(document: Mapping[str, Any]) -> str:
    """The first name in ``type`` that is an activity's, or else the first at all unless it is known to be something else."""
    names = types_of(document)
    if not names:
        raise ParseError("type", "missing")
    kind = next((name for name in names if name in ACTIVITY_TYPES), names[0])
    if kind in _NOT_ACTIVITIES or not 0 < len(kind) <= 100:
        raise ParseError("type", "not an activity")
    return kind


def _id(document: Mapping[str, Any], kind: str) -> str | None:
    if document.get("id") is None and kind in ACTIVITIES_WITHOUT_ID:
        return None
    return document_id(document)


def _object_id(member: object) -> str | None:
    """The id of an object. An embedded one may be anonymous; any other that is no http(s) URL is refused."""
    if isinstance(member, Mapping):
        named = member.get("id")
        return None if named is None else absolute_url(named, "object.id")
    return absolute_url(PUBLIC if member == "as:Public" else member, "object")
