"""The reads that are asked for most, answered before the framework: it would cost several times what they do.

What is not answered here exactly as the framework would answer it is passed on to it: other methods and parameters,
callers not seen lately, empty pages, errors of every kind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import structlog

from api import auth, limits, params
from api.client_address import address_behind, neighbourhood
from api.cors import EXPOSED
from api.entities import status
from api.pagination import STATUSES, Page, links, page_of_query
from api.params import InvalidParameter
from api.responses import JSON
from api.v1.accounts import ProfileParameters, profile_rows
from api.v1.timelines import TagParameters, TimelineParameters, public_rows, tag_rows
from node.errors import DomainError
from node.queries import statuses, timelines
from node.queries.statuses import StatusRow
from node.rate_limits import Standing
from node.runtime import runtime
from node.scopes import covers
from node.services import ip_blocks, presence

log = structlog.get_logger()

Scope = Mapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Answer(NamedTuple):
    """A whole answer; names of headers in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


Ready = Callable[[Scope], Awaitable[Answer | None]]
"""Answers a GET request, or `None` to leave it to the framework."""


class _Question(NamedTuple):
    """Who asks for which page of a timeline."""

    path: str
    viewer_id: int | None
    values: dict[str, Any]
    page: Page


_HOME: Final = "/api/v1/timelines/home"
_PUBLIC: Final = "/api/v1/timelines/public"
_TAG: Final = "/api/v1/timelines/tag/"
_STATUS: Final = "/api/v1/statuses/"
_ACCOUNT: Final = "/api/v1/accounts/"
_POSTS: Final = "/statuses"
_LONGEST_ID: Final = 18
_NO_PEER: Final = ("<local>",)
"""What the framework calls a caller without an address."""
_API_HEADERS: Final = (
    (b"content-type", JSON.encode()),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
)

_registered: dict[str, Ready] = {}


def answer_ready(prefix: str, ready: Ready) -> None:
    """Have `ready` asked first about every GET request whose path begins with `prefix`."""
    _registered[prefix] = ready


class HotPaths:
    """An ASGI application in front of another."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["method"] != "GET" or _may_be_shut_out(scope):
            await self._app(scope, receive, send)
            return
        try:
            answer = await _answer(scope)
        except Exception:
            log.exception("hot_path_failed", path=scope["path"])
            answer = None
        if answer is None:
            await self._app(scope, receive, send)
            return
        headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


def _may_be_shut_out(scope: Scope) -> bool:
    return ip_blocks.may_refuse_somebody() and ip_blocks.may_refuse(_address(scope))


async def _answer(scope: Scope) -> Answer | None:
    path: str = scope["path"]
    if path == _HOME:
        return await _timeline(scope, _home)
    if path == _PUBLIC:
        return await _timeline(scope, _public)
    if path.startswith(_STATUS):
        return await _status(scope)
    if path.startswith(_ACCOUNT) and path.endswith(_POSTS):
        return await _timeline(scope, _profile)
    if path.startswith(_TAG):
        return await _timeline(scope, _tag)
    for prefix, ready in _registered.items():
        if path.startswith(prefix):
            return await ready(scope)
    return None


async def _timeline(scope: Scope, read: Callable[[_Question], Awaitable[list[StatusRow] | None]]) -> Answer | None:
    known, caller = _caller(scope)
    if not known:
        return None
    query = parse_qsl(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
    if any(name == "access_token" for name, _ in query):
        return None
    viewer_id = caller.account_id if caller is not None else None
    try:
        page = page_of_query(dict(query[::-1]), STATUSES)
        rows = await read(_Question(scope["path"], viewer_id, params.nested(query), page))
    except (InvalidParameter, DomainError):
        return None
    if not rows:
        return None
    shown = await status.page(rows, viewer_id)
    standings = await _standings(scope, caller, paging=any(name in limits.CURSORS for name, _ in query))
    if standings is None:
        return None
    headers = _api_headers(standings)
    for name, value in links(scope["path"], query, [row.cursor for row in rows], page).items():
        headers.append((name.lower().encode(), value.encode()))
    return Answer(200, headers, b"[" + b",".join(shown) + b"]")


async def _home(asked: _Question) -> list[StatusRow] | None:
    if asked.viewer_id is None or not presence.is_fresh(asked.viewer_id):
        return None
    return await timelines.home(asked.viewer_id, asked.page)


async def _public(asked: _Question) -> list[StatusRow]:
    return await public_rows(asked.viewer_id, params.convert(asked.values, TimelineParameters), asked.page)


async def _tag(asked: _Question) -> list[StatusRow] | None:
    name = asked.path[len(_TAG) :]
    if "/" in name:
        return None
    return await tag_rows(asked.viewer_id, name, params.convert(asked.values, TagParameters), asked.page)


async def _profile(asked: _Question) -> list[StatusRow] | None:
    account_id = _number(asked.path[len(_ACCOUNT) : -len(_POSTS)])
    if account_id is None:
        return None
    return await profile_rows(asked.viewer_id, account_id, params.convert(asked.values, ProfileParameters), asked.page)


async def _status(scope: Scope) -> Answer | None:
    post_id = _number(scope["path"][len(_STATUS) :])
    known, caller = _caller(scope)
    if post_id is None or not known or scope["query_string"]:
        return None
    viewer_id = caller.account_id if caller is not None else None
    row = await statuses.one(viewer_id, post_id)
    shown = await status.page([row], viewer_id) if row is not None else []
    standings = await _standings(scope, caller, paging=False) if shown else None
    return Answer(200, _api_headers(standings), shown[0]) if standings is not None else None


def _number(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_ID and text.isascii() and text.isdigit() else None


def _caller(scope: Scope) -> tuple[bool, auth.Caller | None]:
    """Whether it is known who sent this and that they may read posts, and who it is; nobody without a token."""
    header = _header(scope, b"authorization")
    if not header:
        return True, None
    if header[:7].lower() != b"bearer " or not header.isascii():
        return False, None
    caller = auth.remembered(header[7:].strip().decode())
    may_read = caller is not None and caller.refusal is None and covers(caller.scopes, "read:statuses")
    return may_read, caller


def _header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


async def _standings(scope: Scope, caller: auth.Caller | None, *, paging: bool) -> list[Standing] | None:
    """Where the caller stands with the limits of the whole API, counted; `None` when it is once too often."""
    parts = runtime()
    if not parts.settings.rate_limits:
        return []
    if caller is None:
        address = neighbourhood(_address(scope))
        who = [(limits.PER_ADDRESS, address), *([(limits.PAGING, address)] if paging else [])]
    else:
        who = [(limits.PER_TOKEN, str(caller.token_id))]
        if caller.user_id is not None:
            who.append((limits.PER_USER, str(caller.user_id)))
    standings = [await parts.rate_limits.hit(limit, name) for limit, name in who]
    return None if any(standing.exceeded for standing in standings) else standings


def _address(scope: Scope) -> str:
    forwarded = [value.decode("latin-1") for key, value in scope["headers"] if key == b"x-forwarded-for"]
    return address_behind((scope.get("client") or _NO_PEER)[0], forwarded)


def _api_headers(standings: list[Standing]) -> list[tuple[bytes, bytes]]:
    if not standings:
        return list(_API_HEADERS)
    tightest = min(standings, key=lambda standing: standing.limit.count - standing.used)
    return [
        *_API_HEADERS,
        (b"x-ratelimit-limit", b"%d" % tightest.limit.count),
        (b"x-ratelimit-remaining", b"%d" % tightest.remaining),
        (b"x-ratelimit-reset", limits.iso_moment(tightest.reset_at).encode()),
    ]
