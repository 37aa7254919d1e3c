"""Mastodon's List."""

from __future__ import annotations

import msgspec

from node.models import lists


class List(msgspec.Struct, frozen=True):
    """A list: some of those a person follows."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool


def render(row: lists.List) -> List:
    """The entity of a list."""
    return List(str(row.id), row.title, row.replies_policy, row.exclusive)
