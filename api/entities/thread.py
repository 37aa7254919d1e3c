"""Mastodon's Context, and a post that was just deleted."""

from __future__ import annotations

import msgspec

from api.entities import status
from api.entities.status import Status
from node.errors import NotFound
from node.queries import statuses
from node.services import post_readings

RETRY_SECONDS = 5


class Context(msgspec.Struct, frozen=True):
    """The thread around a post, without the post itself."""

    ancestors: list[Status]
    descendants: list[Status]


class AsyncRefreshState(msgspec.Struct, frozen=True):
    """Whether what was fetched in the background is there: `status` is `running` or `finished`; `result_count` grows."""

    id: str
    status: str
    result_count: int | None


class AsyncRefresh(msgspec.Struct, frozen=True):
    """Mastodon's AsyncRefresh, in its envelope."""

    async_refresh: AsyncRefreshState


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


async def refresh_headers(post_id: int, viewer_id: int | None) -> dict[str, str]:
    """What tells an app that more of this thread is being fetched, when somebody who is signed in looks at it.

    Call it for a post that the viewer may see.
    """
    filling = await post_readings.thread_opened(post_id) if viewer_id is not None else None
    if filling is None:
        return {}
    return {"Mastodon-Async-Refresh": f'id="{filling.key}", retry={RETRY_SECONDS}, result_count={filling.found}'}


async def refresh_state(key: str) -> AsyncRefresh:
    """How far the filling of a thread has come. Raises `NotFound`."""
    filling = await post_readings.filling(key)
    if filling is None:
        raise NotFound
    return AsyncRefresh(AsyncRefreshState(key, "running" if filling.is_running else "finished", filling.found))
