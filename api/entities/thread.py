"""Mastodon's Context, and a post that was just deleted."""

from __future__ import annotations

import msgspec

from api.entities import status
from api.entities.status import Status
from node.errors import NotFound
from node.queries import statuses


class Context(msgspec.Struct, frozen=True):
    """The thread around a post, without the post itself."""

    ancestors: list[Status]
    descendants: list[Status]


class DeletedStatus(Status, frozen=True, kw_only=True):
    """A post as it was before it went, with what its author typed, to be written anew."""

    text: str


async def around(post_id: int, viewer_id: int | None) -> bytes:
    """What a post answers, and what answers it: a `Context`. Raises `NotFound` when it is hidden or not there."""
    if await statuses.one(viewer_id, post_id) is None:
        raise NotFound
    above = await statuses.ancestors(viewer_id, post_id)
    below = await statuses.descendants(viewer_id, post_id)
    shown = await status.by_id([*above, *below], viewer_id)
    ancestors, descendants = (b",".join(shown[row.id] for row in rows if row.id in shown) for rows in (above, below))
    return b'{"ancestors":[%b],"descendants":[%b]}' % (ancestors, descendants)
