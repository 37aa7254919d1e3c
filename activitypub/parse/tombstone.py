"""What is left of deleted objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.parse.errors import ParseError
from activitypub.parse.reading import document_id, members, text, time, type_among
from activitypub.types import Tombstone


def parse_tombstone(document: Mapping[str, Any]) -> Tombstone:
    """Read a Tombstone. Raises ParseError without an http(s) ``id``."""
    if type_among(document, ("Tombstone",)) is None:
        raise ParseError("type", "not a Tombstone")
    former = next(iter(members(document.get("formerType"), 1)), None)
    return Tombstone(document_id(document), time(document.get("deleted")), text(former, 100))
