"""One mapping from what went wrong to what a client reads: `{"error": …}` and the right status."""

from __future__ import annotations

import structlog
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException

from api.params import InvalidParameter
from api.responses import json_response
from node import errors

log = structlog.get_logger()

_TEXTS = {
    400: "Bad request",
    401: "The access token is invalid",
    403: "This action is not allowed",
    404: "Record not found",
    405: "This method is not allowed here",
    406: "Not acceptable",
    408: "The request took too long",
    410: "Gone",
    413: "The request is too large",
    415: "Unsupported media type",
    429: "Too many requests",
}

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Invalid: 422,
    errors.Conflict: 422,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}


class Unauthorised(Exception):
    """No token, or one that is not good (any more): 401."""

    def __init__(self, message: str = "The access token is invalid") -> None:
        super().__init__(message)


class UnauthenticatedUser(Exception):
    """A token without a person, where a person is needed: 422, in Mastodon's words."""


def error_body(message: str, description: str | None = None) -> dict[str, str]:
    """The error shape of the whole API."""
    return {"error": message} if description is None else {"error": message, "error_description": description}


def register(app: Quart) -> None:
    """Teach `app` to answer errors."""

    @app.errorhandler(errors.DomainError)
    async def domain_error(error: errors.DomainError) -> Response:
        headers = (
            {"Retry-After": str(max(1, round(error.retry_after)))} if isinstance(error, errors.RateLimited) else None
        )
        body: dict[str, object] = {"error": error.message}
        if isinstance(error, errors.Invalid):
            body["details"] = {error.field: [{"error": error.code, "description": error.reason}]}
        return json_response(body, STATUS[type(error)], headers)

    @app.errorhandler(InvalidParameter)
    async def invalid_parameter(error: InvalidParameter) -> Response:
        return json_response(error_body(str(error)), 400)

    @app.errorhandler(Unauthorised)
    async def unauthorised(error: Unauthorised) -> Response:
        return json_response(error_body(str(error)), 401, {"WWW-Authenticate": 'Bearer realm="Heliograph"'})

    @app.errorhandler(UnauthenticatedUser)
    async def unauthenticated_user(error: UnauthenticatedUser) -> Response:
        return json_response(error_body("This method requires an authenticated user"), 422)

    @app.errorhandler(HTTPException)
    async def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if 300 <= status < 400:
            return error.get_response()  # type: ignore[return-value]
        return json_response(error_body(_TEXTS.get(status, error.name)), status)

    @app.errorhandler(Exception)
    async def unexpected(error: Exception) -> Response:
        log.exception("request_failed", method=request.method, path=request.path)
        return json_response(error_body("Something went wrong on this server"), 500)
