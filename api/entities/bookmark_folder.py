"""A folder of saved posts: an entity of our own."""

from __future__ import annotations

import msgspec

from api.entities.encoding import iso
from node.queries.bookmark_folders import FolderRow


class BookmarkFolder(msgspec.Struct, frozen=True):
    """A folder of the caller's saved posts."""

    id: str
    name: str
    statuses_count: int
    created_at: str


def render(row: FolderRow) -> BookmarkFolder:
    """The entity of a row."""
    return BookmarkFolder(str(row.id), row.name, row.posts_count, iso(row.created_at))
