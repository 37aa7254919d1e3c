"""One mapping from what went wrong to what the asker reads: the right status, and `{"error": …}` or, in a browser, a page."""

from __future__ import annotations

import structlog
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from api.accept import wants_page
from api.pages.error_page import error_page, refusal_page
from api.params import InvalidParameter
from api.responses import json_response
from media.storage import StoreUnavailable
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


def invalid_body(refused: errors.Invalid) -> dict[str, object]:
    """The error shape, with everything that was refused in `details`."""
    details: dict[str, list[dict[str, str]]] = {}
    for fault in refused.refusals:
        details.setdefault(fault.field, []).append({"error": fault.code, "description": fault.reason})
    return {"error": refused.message, "details": details}


def retry_after(error: errors.DomainError) -> dict[str, str] | None:
    """The header that says when to come again, of an error that knows."""
    return {"Retry-After": str(max(1, round(error.retry_after)))} if isinstance(error, errors.RateLimited) else None


def register(app: Quart) -> None:
    """Teach `app` to answer errors."""

    @app.errorhandler(errors.DomainError)
    async def domain_error(error: errors.DomainError) -> Response:
        status, headers = STATUS[type(error)], retry_after(error)
        if wants_page():
            return refusal_page(error, status, headers)
        if isinstance(error, errors.Invalid):
            return json_response(invalid_body(error), status, headers)
        return json_response(error_body(error.message), status, headers)

    @app.errorhandler(StoreUnavailable)
    async def store_unavailable(error: StoreUnavailable) -> Response:
        log.error("store_unavailable", method=request.method, path=request.path, reason=str(error))
        return _answer(503, "The store of the files does not answer, please try again later", {"Retry-After": "30"})

    @app.errorhandler(InvalidParameter)
    async def invalid_parameter(error: InvalidParameter) -> Response:
        return _answer(400, str(error))

    @app.errorhandler(Unauthorised)
    async def unauthorised(error: Unauthorised) -> Response:
        return _answer(401, str(error), {"WWW-Authenticate": 'Bearer realm="Heliograph"'})

    @app.errorhandler(UnauthenticatedUser)
    async def unauthenticated_user(error: UnauthenticatedUser) -> Response:
        return _answer(422, "This method requires an authenticated user")

    @app.errorhandler(HTTPException)
    async def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if 300 <= status < 400:
            return error.get_response()  # type: ignore[return-value]
        return _answer(status, _TEXTS.get(status, error.name), _methods(error))

    @app.errorhandler(Exception)
    async def unexpected(error: Exception) -> Response:
        log.exception("request_failed", method=request.method, path=request.path)
        return _answer(500, "Something went wrong on this server")


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """`message` for an app, the page of that status for a browser."""
    return error_page(status, None, headers) if wants_page() else json_response(error_body(message), status, headers)


def _methods(error: HTTPException) -> dict[str, str] | None:
    """What a 405 has to name (RFC 9110 §15.5.6)."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return {"Allow": ", ".join(sorted(error.valid_methods))}
    return None
