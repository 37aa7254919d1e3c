"""Clients that run in a browser on other sites may call the API, ActivityPub's too: it knows no cookies, only tokens."""

from __future__ import annotations

import re

from quart import Quart, Response, request

_EXACT = frozenset(("/health", "/oauth/token", "/oauth/revoke", "/oauth/userinfo"))
_PREFIXES = ("/api/", "/.well-known/", "/nodeinfo/", "/media/", "/ap/")
EXPOSED = (
    "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotency-Key,"
    " Mastodon-Async-Refresh, Deprecation, Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size,"
    " Upload-Offset, Upload-Length, Upload-Expires, Upload-Media-Id"
)
_TELL_THEMSELVES = frozenset(("/api/v1/uploads",))
"""What has an answer of its own to an `OPTIONS` that is no preflight."""
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Max-Age": "7200",
    "Vary": "Access-Control-Request-Headers",
}
_USUAL_HEADERS = "Authorization, Content-Type, Idempotency-Key, X-Requested-With"
_NAMES = re.compile(r"[A-Za-z0-9-]+( *, *[A-Za-z0-9-]+)*")


def register(app: Quart) -> None:
    """Have `app` answer preflights and mark what other sites may read."""
    app.before_request(_answer_preflight)
    app.after_request(_allow)


def _is_open(path: str) -> bool:
    return path.startswith(_PREFIXES) or path in _EXACT


async def _answer_preflight() -> Response | None:
    if request.method != "OPTIONS" or not _is_open(request.path):
        return None
    if request.path in _TELL_THEMSELVES and "Access-Control-Request-Method" not in request.headers:
        return None
    asked = request.headers.get("Access-Control-Request-Headers", "")
    named = asked if _NAMES.fullmatch(asked) else _USUAL_HEADERS
    return Response(b"", 204, {**_PREFLIGHT, "Access-Control-Allow-Headers": named})


async def _allow(response: Response) -> Response:
    if _is_open(request.path):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response
