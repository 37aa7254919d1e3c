"""How often clients may call, as Mastodon counts it, and the `X-RateLimit-*` headers that tell them.

Counted by person and token, or by address for those without; a few calls have narrower limits of their own. What must
hold whoever calls (guesses of passwords, letters to one address) is counted by the services.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime

from quart import Quart, Response, g, request

from api.auth import caller_of_request
from api.client_address import client_address, neighbourhood
from api.errors import Unauthorised
from node import clock
from node.errors import RateLimited
from node.rate_limits import Limit, Standing
from node.runtime import runtime
from node.settings import Settings

MINUTE = 60

PER_USER = Limit("user", 1500, 5 * MINUTE)
PER_TOKEN = Limit("token", 300, 5 * MINUTE)
PER_ADDRESS = Limit("address", 300, 5 * MINUTE)
PAGING = Limit("paging", 300, 15 * MINUTE)
MEDIA = Limit("media", 30, 30 * MINUTE)
DELETIONS = Limit("deletions", 30, 30 * MINUTE)
SIGN_UPS = Limit("sign_ups", 5, 30 * MINUTE)
APPLICATIONS = Limit("applications", 5, 10 * MINUTE)
OAUTH = Limit("oauth", 300, 5 * MINUTE)

_NARROWER = {
    ("POST", "/api/v1/media"): MEDIA,
    ("POST", "/api/v2/media"): MEDIA,
    ("POST", "/api/v1/uploads"): MEDIA,
    ("POST", "/ap/upload"): MEDIA,
    ("POST", "/api/v1/accounts"): SIGN_UPS,
    ("POST", "/sign-up"): SIGN_UPS,
    ("POST", "/api/v1/apps"): APPLICATIONS,
    ("POST", "/oauth/token"): OAUTH,
    ("POST", "/oauth/revoke"): OAUTH,
    ("POST", "/oauth/authorize"): OAUTH,
}
_OF_ACTIVITYPUB = frozenset((("POST", "outbox"), ("POST", "upload"), ("GET", "inbox")))
"""How calls of ActivityPub's client-to-server part end; other servers only post to inboxes and read outboxes."""
_BY_ADDRESS = frozenset((SIGN_UPS, APPLICATIONS, OAUTH))
CURSORS = ("max_id", "min_id", "since_id", "page", "offset")
_STATUSES = "/api/v1/statuses/"


def register(app: Quart, settings: Settings) -> None:
    """Have `app` count calls, unless the settings turn that off."""
    if not settings.rate_limits:
        return
    app.before_request(_count)
    app.after_request(_tell)


async def _count() -> None:
    """Count this request. Raises `RateLimited` when it was once too often."""
    path, method = request.path, request.method
    in_api = path.startswith("/api/") or (method, path.rpartition("/")[2]) in _OF_ACTIVITYPUB
    narrower = _NARROWER.get((method, path))
    if method == "OPTIONS" or not (in_api or narrower):
        return
    address = neighbourhood(client_address())
    standings = await _count_caller(address) if in_api else []
    who = f"user:{g.limited_user}" if g.get("limited_user") else address
    if narrower is not None:
        await _hit(narrower, address if narrower in _BY_ADDRESS else who, standings)
    elif path.startswith(_STATUSES) and (method == "DELETE" or path.endswith("/unreblog")):
        await _hit(DELETIONS, who, standings)
    tightest = min(standings, key=_room)
    if in_api:
        g.rate_limit = tightest
    if tightest.exceeded:
        raise RateLimited(max(tightest.reset_at - clock.timestamp(), 1.0))


async def _count_caller(address: str) -> list[Standing]:
    standings: list[Standing] = []
    try:
        caller = await caller_of_request()
    except Unauthorised:
        caller = None
    if caller is None:
        await _hit(PER_ADDRESS, address, standings)
        if any(cursor in request.args for cursor in CURSORS):
            await _hit(PAGING, address, standings)
        return standings
    await _hit(PER_TOKEN, str(caller.token_id), standings)
    if caller.user_id is not None:
        g.limited_user = caller.user_id
        await _hit(PER_USER, str(caller.user_id), standings)
    return standings


async def _hit(limit: Limit, who: str, standings: list[Standing]) -> None:
    standings.append(await runtime().rate_limits.hit(limit, who))


def _room(standing: Standing) -> int:
    return standing.limit.count - standing.used


async def _tell(response: Response) -> Response:
    standing: Standing | None = g.get("rate_limit")
    if standing is not None:
        headers = response.headers
        headers["X-RateLimit-Limit"] = str(standing.limit.count)
        headers["X-RateLimit-Remaining"] = str(standing.remaining)
        headers["X-RateLimit-Reset"] = iso_moment(standing.reset_at)
    return response


@functools.lru_cache(maxsize=64)
def iso_moment(moment: float) -> str:
    """Seconds since the epoch as clients read them: ISO 8601 in UTC, with microseconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
