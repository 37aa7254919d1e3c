"""The shapes of answers to other servers."""

from __future__ import annotations

import orjson
from quart import Response

from activitypub.vocabulary import ACTIVITY_JSON

ERROR_LENGTH = 300


def json_error(status: int, reason: str, *, retry_after: int | None = None) -> Response:
    """A short JSON error."""
    response = Response(orjson.dumps({"error": reason[:ERROR_LENGTH]}), status, content_type="application/json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def document_response(body: bytes, status: int = 200, *, vary: str = "Accept") -> Response:
    """An ActivityPub document; the type is written exactly so, without charset, since some peers compare literally."""
    response = Response(body, status)
    response.headers["Content-Type"] = ACTIVITY_JSON
    response.headers["Vary"] = vary
    return response
