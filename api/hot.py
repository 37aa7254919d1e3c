"""The reads that are asked for most, answered before the framework: it would cost several times what they do.

What is not answered here exactly as the framework would answer it is passed on to it: other methods and parameters,
callers not seen lately, errors of every kind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import structlog

from api import auth, limits
from api.client_address import address_behind, neighbourhood
from api.cors import EXPOSED
from api.entities import status
from api.pagination import STATUSES, links, page_of_query
from api.responses import JSON
from api.scopes import covers
from node.queries import statuses, timelines
from node.rate_limits import Standing
from node.runtime import runtime
from node.services import presence

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

_HOME: Final = "/api/v1/timelines/home"
_STATUS: Final = "/api/v1/statuses/"
_PAGE: Final = frozenset(("limit", "max_id", "since_id", "min_id"))
_LONGEST_ID: Final = 18
_API_HEADERS: Final = [
    (b"content-type", JSON.encode()),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
]

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
        if scope["type"] != "http" or scope["method"] != "GET":
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


async def _answer(scope: Scope) -> Answer | None:
    path: str = scope["path"]
    if path == _HOME:
        return await _home(scope)
    if path.startswith(_STATUS):
        number = path[len(_STATUS) :]
        if len(number) <= _LONGEST_ID and number.isascii() and number.isdigit():
            return await _status(scope, int(number))
        return None
    for prefix, ready in _registered.items():
        if path.startswith(prefix):
            return await ready(scope)
    return None


async def _home(scope: Scope) -> Answer | None:
    caller = _caller(scope)
    if caller is None or caller.account_id is None or not presence.is_fresh(caller.account_id):
        return None
    query = parse_qsl(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
    wanted = dict(query)
    if len(wanted) != len(query) or not _is_page(wanted):
        return None
    standings = await _standings(scope, caller)
    if standings is None:
        return None
    page = page_of_query(wanted, STATUSES)
    rows = await timelines.home(caller.account_id, page)
    shown = await status.page(rows, caller.account_id)
    headers = _api_headers(standings)
    for name, value in links(_HOME, query, [row.cursor for row in rows], page).items():
        headers.append((name.lower().encode(), value.encode()))
    return Answer(200, headers, b"[" + b",".join(shown) + b"]")


async def _status(scope: Scope, post_id: int) -> Answer | None:
    if scope["query_string"]:
        return None
    caller = None
    if _header(scope, b"authorization") is not None:
        caller = _caller(scope)
        if caller is None:
            return None
    viewer_id = caller.account_id if caller is not None else None
    row = await statuses.one(viewer_id, post_id)
    if row is None:
        return None
    shown = await status.page([row], viewer_id)
    standings = await _standings(scope, caller) if shown else None
    return Answer(200, _api_headers(standings), shown[0]) if standings is not None else None


def _is_page(wanted: Mapping[str, str]) -> bool:
    return all(name in _PAGE and value.isascii() and value.isdigit() for name, value in wanted.items())


def _caller(scope: Scope) -> auth.Caller | None:
    """Whoever sent this, if known already and allowed to read posts."""
    header = _header(scope, b"authorization")
    if header is None or header[:7].lower() != b"bearer ":
        return None
    try:
        caller = auth.remembered(header[7:].strip().decode("ascii"))
    except UnicodeDecodeError:
        return None
    if caller is None or caller.refusal is not None or not covers(caller.scopes, "read:statuses"):
        return None
    return caller


def _header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


async def _standings(scope: Scope, caller: auth.Caller | None) -> list[Standing] | None:
    """Where the caller stands with the limits of the whole API, counted; `None` when it is once too often."""
    parts = runtime()
    if not parts.settings.rate_limits:
        return []
    if caller is None:
        forwarded = [value.decode("latin-1") for key, value in scope["headers"] if key == b"x-forwarded-for"]
        peer = scope["client"][0] if scope.get("client") else None
        who = [(limits.PER_ADDRESS, neighbourhood(address_behind(peer, forwarded)))]
    else:
        who = [(limits.PER_TOKEN, str(caller.token_id))]
        if caller.user_id is not None:
            who.append((limits.PER_USER, str(caller.user_id)))
    standings = [await parts.rate_limits.hit(limit, name) for limit, name in who]
    return None if any(standing.exceeded for standing in standings) else standings


def _api_headers(standings: list[Standing] | None) -> list[tuple[bytes, bytes]]:
    if not standings:
        return list(_API_HEADERS)
    tightest = min(standings, key=lambda standing: standing.limit.count - standing.used)
    return [
        *_API_HEADERS,
        (b"x-ratelimit-limit", b"%d" % tightest.limit.count),
        (b"x-ratelimit-remaining", b"%d" % tightest.remaining),
        (b"x-ratelimit-reset", limits.iso_moment(tightest.reset_at).encode()),
    ]
