"""Clients that run in a browser on other sites may call the API: it knows no cookies, only tokens."""

from __future__ import annotations

from quart import Quart, Response, request

_EXACT = frozenset(("/oauth/token", "/oauth/revoke", "/oauth/userinfo"))
_PREFIXES = ("/api/", "/.well-known/", "/nodeinfo/", "/media/")
EXPOSED = (
    "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotency-Key,"
    " Mastodon-Async-Refresh, Deprecation"
)
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Requested-With",
    "Access-Control-Max-Age": "7200",
}


def register(app: Quart) -> None:
    """Have `app` answer preflights and mark what other sites may read."""
    app.before_request(_answer_preflight)
    app.after_request(_allow)


def _is_open(path: str) -> bool:
    return path.startswith(_PREFIXES) or path in _EXACT


async def _answer_preflight() -> Response | None:
    if request.method != "OPTIONS" or not _is_open(request.path):
        return None
    return Response(b"", 204, _PREFLIGHT)


async def _allow(response: Response) -> Response:
    if _is_open(request.path):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response
