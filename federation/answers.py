"""The shapes of answers to other servers."""

from __future__ import annotations

import orjson
from quart import Response

from activitypub.vocabulary import ACTIVITY_JSON

ERROR_LENGTH = 300


def error_body(reason: str) -> bytes:
    """A short JSON error."""
    return orjson.dumps({"error": reason[:ERROR_LENGTH]})


def json_error(status: int, reason: str, *, retry_after: int | None = None) -> Response:
    """An answer that is a short JSON error."""
    response = Response(error_body(reason), status, content_type="application/json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def document_response(body: bytes, status: int = 200, *, vary: str = "Accept") -> Response:
    """An ActivityPub document; the type is written exactly so, without charset, since some peers compare literally."""
    response = Response(body, status)
    response.headers["Content-Type"] = ACTIVITY_JSON
    response.headers["Vary"] = vary
    return response
