"""What is asked for most, answered before the framework: it would cost several times what the answers do.

What is not answered here exactly as the framework would answer it is passed on to it: other methods and parameters,
callers not seen lately, empty pages, errors of every kind. Which reads these are say `hot_posts`, `hot_people` and
`hot_documents`; `hot_inbox` takes in what other servers deliver.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import structlog

from api.client_address import address_behind
from node.models.received_rules import API, INBOX
from node.services import header_blocks, ip_blocks

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

Taken = Callable[[Scope, Any], Awaitable[Answer | None]]
"""Answers a POST request, or leaves it to the framework with `None` before any of it is received."""

_INBOX = "/inbox"
_NO_PEER = ("<local>",)
"""What the framework calls a caller without an address."""

_paths: dict[str, Ready] = {}
_beginnings: dict[str, Ready] = {}
_doors: dict[str, Taken] = {}


def answer_ready(path: str, ready: Ready) -> None:
    """Have `ready` asked first about every GET request of `path`, or of what is below it when it ends with `/`."""
    (_beginnings if path.endswith("/") else _paths)[path] = ready


def answer_posts(path: str, take: Taken) -> None:
    """Have `take` asked first about every POST request of `path`."""
    _doors[path] = take


class HotPaths:
    """An ASGI application in front of another."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "POST") or _may_be_shut_out(scope):
            await self._app(scope, receive, send)
            return
        try:
            answer = await (_answer(scope) if scope["method"] == "GET" else _take(scope, receive))
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
    by_address = ip_blocks.may_refuse_somebody() and ip_blocks.may_refuse(address(scope))
    place = INBOX if scope["path"].endswith(_INBOX) else API
    return by_address or header_blocks.may_refuse(place, scope["headers"])


def address(scope: Scope) -> str:
    """Where a request comes from."""
    forwarded = [value.decode("latin-1") for key, value in scope["headers"] if key == b"x-forwarded-for"]
    return address_behind((scope.get("client") or _NO_PEER)[0], forwarded)


async def _answer(scope: Scope) -> Answer | None:
    path: str = scope["path"]
    ready = _paths.get(path)
    if ready is not None:
        return await ready(scope)
    for beginning, ready in _beginnings.items():
        if path.startswith(beginning):
            return await ready(scope)
    return None


async def _take(scope: Scope, receive: Any) -> Answer | None:
    take = _doors.get(scope["path"])
    return None if take is None else await take(scope, receive)
