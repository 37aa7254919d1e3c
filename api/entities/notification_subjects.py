"""What a notification is about when that is no post: a report, severed relationships, a warning, a collection.

Whoever owns such a thing says here how those of a page are read: `show("admin.report", load_reports)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

MEMBERS: Final = {
    "admin.report": "report",
    "severed_relationships": "event",
    "moderation_warning": "moderation_warning",
    "added_to_collection": "collection",
    "collection_update": "collection",
}
"""By kind of notification, the member of the entity that holds its subject."""


class Subject(NamedTuple):
    """The JSON of a subject, and how a sentence names it (HTML)."""

    body: bytes
    name: str


Loader = Callable[[Sequence[int], int], Awaitable[Mapping[int, Subject]]]
"""The subjects with these ids as a viewer sees them: a fixed number of statements, whatever their number."""

_loaders: dict[str, Loader] = {}


def show(kind: str, loader: Loader) -> None:
    """Have `loader` read the subjects of notifications of this kind."""
    if kind not in MEMBERS:
        raise ValueError(f"notifications of the kind {kind} have no subject")
    _loaders[kind] = loader


async def of_page(wanted: Iterable[tuple[str, int | None]], viewer_id: int) -> dict[tuple[str, int], Subject]:
    """The subjects of a page's notifications, given as (kind, subject id), that are still there."""
    ids: dict[Loader, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, subject_id in wanted:
        if subject_id is not None and kind in _loaders:
            ids[_loaders[kind]][subject_id].append(kind)
    found: dict[tuple[str, int], Subject] = {}
    for loader, kinds in ids.items():
        for subject_id, subject in (await loader(list(kinds), viewer_id)).items():
            found |= {(kind, subject_id): subject for kind in kinds[subject_id]}
    return found
