"""Timelines, posts and what is around them, answered before the framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from api.entities import status, thread
from api.hot import Answer, Scope, answer_ready
from api.hot_calls import Call, call_of, number
from api.pagination import STATUSES, Page
from api.params import InvalidParameter
from api.v1.accounts import ProfileParameters, profile_rows
from api.v1.timelines import TagParameters, TimelineParameters, public_rows, tag_rows
from node.errors import DomainError
from node.queries import timelines
from node.queries.statuses import StatusRow
from node.services import presence

Rows = Callable[[Call, Page], Awaitable[list[StatusRow] | None]]
"""Reads the rows of a page; none to leave the request to the framework."""

_TAG: Final = "/api/v1/timelines/tag/"
_LIST: Final = "/api/v1/timelines/list/"
_STATUS: Final = "/api/v1/statuses/"
_CONTEXT: Final = "/context"
_ACCOUNT: Final = "/api/v1/accounts/"
_POSTS: Final = "/statuses"


def connect() -> None:
    """Have posts answered from now on."""
    answer_ready("/api/v1/timelines/home", _timeline(_home))
    answer_ready("/api/v1/timelines/public", _timeline(_public))
    answer_ready(_TAG, _timeline(_tag))
    answer_ready(_LIST, _timeline(_list, "read:lists"))
    answer_ready(_ACCOUNT, _timeline(_profile))
    answer_ready(_STATUS, _status)


def _timeline(read: Rows, permission: str = "read:statuses") -> Callable[[Scope], Awaitable[Answer | None]]:
    async def ready(scope: Scope) -> Answer | None:
        call = call_of(scope, permission)
        if call is None:
            return None
        try:
            page = call.page(STATUSES)
            rows = await read(call, page)
        except (InvalidParameter, DomainError):
            return None
        if not rows:
            return None
        return await call.answer_page(await status.page(rows, call.viewer_id), [row.cursor for row in rows], page)

    return ready


async def _home(call: Call, page: Page) -> list[StatusRow] | None:
    if call.viewer_id is None or not presence.is_fresh(call.viewer_id):
        return None
    return await timelines.home(call.viewer_id, page)


async def _list(call: Call, page: Page) -> list[StatusRow] | None:
    list_id = number(call.path[len(_LIST) :])
    if list_id is None or call.viewer_id is None or not presence.is_fresh(call.viewer_id):
        return None
    return await timelines.of_list(call.viewer_id, list_id, page)


async def _public(call: Call, page: Page) -> list[StatusRow]:
    return await public_rows(call.viewer_id, call.parameters(TimelineParameters), page)


async def _tag(call: Call, page: Page) -> list[StatusRow] | None:
    name = call.path[len(_TAG) :]
    if "/" in name:
        return None
    return await tag_rows(call.viewer_id, name, call.parameters(TagParameters), page)


async def _profile(call: Call, page: Page) -> list[StatusRow] | None:
    if not call.path.endswith(_POSTS):
        return None
    account_id = number(call.path[len(_ACCOUNT) : -len(_POSTS)])
    if account_id is None:
        return None
    return await profile_rows(call.viewer_id, account_id, call.parameters(ProfileParameters), page)


async def _status(scope: Scope) -> Answer | None:
    path: str = scope["path"]
    is_context = path.endswith(_CONTEXT)
    post_id = number(path[len(_STATUS) : -len(_CONTEXT)] if is_context else path[len(_STATUS) :])
    call = call_of(scope, "read:statuses") if post_id is not None and not scope["query_string"] else None
    if post_id is None or call is None:
        return None
    try:
        body = await (thread.around if is_context else status.one)(post_id, call.viewer_id)
    except DomainError:
        return None
    return await call.answer(body, await thread.refresh_headers(post_id, call.viewer_id) if is_context else None)
