"""The choices of a Question (FEP-9967)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from activitypub.parse.reading import count, natural_text, objects, time
from activitypub.types import Poll, PollOption

MAX_OPTIONS = 100
MAX_OPTION_NAME = 500


def read_poll(document: Mapping[str, Any], published: datetime | None) -> Poll | None:
    """The poll, or None when no choice can be read. ``closed: true`` without a time counts from the end time."""
    multiple = bool(document.get("anyOf"))
    options: dict[str, PollOption] = {}
    for choice in objects(document.get("anyOf" if multiple else "oneOf"), MAX_OPTIONS):
        name = natural_text(choice, "name", MAX_OPTION_NAME)
        if name is not None:
            options.setdefault(name, PollOption(name, _votes(choice)))
    if not options:
        return None
    end_time = time(document.get("endTime"))
    closed = document.get("closed")
    return Poll(
        options=tuple(options.values()),
        multiple=multiple,
        end_time=end_time,
        closed=(end_time or published) if closed is True else time(closed),
        voters=count(document.get("votersCount")),
    )


def _votes(choice: Mapping[str, Any]) -> int:
    replies = choice.get("replies")
    return (count(replies.get("totalItems")) if isinstance(replies, Mapping) else None) or 0
