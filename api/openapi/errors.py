"""Errors as the document describes them: one shape, with an example for every status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from api.openapi.schemas import REFERENCE


class ErrorDetail(msgspec.Struct, frozen=True):
    """One fault of a parameter: a word for programs (`ERR_BLANK`, `ERR_TAKEN` …) and one for people."""

    error: str
    description: str


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong. `details` names the faults of each refused parameter, `error_description` belongs to OAuth."""

    error: str
    error_description: str | msgspec.UnsetType = msgspec.UNSET
    details: dict[str, list[ErrorDetail]] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    description: str
    example: dict[str, Any]


_KINDS: Final = {
    400: _Kind(
        "BadRequest",
        "A parameter is missing or has the wrong type, or the body cannot be read.",
        {"error": "Invalid parameter: limit"},
    ),
    401: _Kind(
        "Unauthorized",
        "There is no token, or it is not good (any more).",
        {"error": "The access token is invalid"},
    ),
    403: _Kind(
        "Forbidden",
        "The token lacks the scope, or the person may not do this.",
        {"error": "This action is outside the authorized scopes"},
    ),
    404: _Kind("NotFound", "There is no such thing, or the caller may not see it.", {"error": "Record not found"}),
    405: _Kind("MethodNotAllowed", "The path knows other methods.", {"error": "This method is not allowed here"}),
    406: _Kind("NotAcceptable", "The answer cannot be had in the form asked for.", {"error": "Not acceptable"}),
    409: _Kind("Conflict", "It does not follow on what is there.", {"error": "The next piece begins at 1024"}),
    410: _Kind("Gone", "What was here is no more.", {"error": "Gone"}),
    412: _Kind("WrongVersion", "The request is of another version.", {"error": "Tus-Resumable must be 1.0.0"}),
    413: _Kind("TooLarge", "The request is larger than is allowed.", {"error": "The request is too large"}),
    415: _Kind("UnsupportedMediaType", "The body is of another type.", {"error": "Unsupported media type"}),
    416: _Kind("RangeNotSatisfiable", "The file has no such bytes.", {"error": "Range not satisfiable"}),
    422: _Kind(
        "Unprocessable",
        "The parameters were understood and refused, or the token has no person behind it.",
        {
            "error": "Validation failed: Username has already been taken",
            "details": {"username": [{"error": "ERR_TAKEN", "description": "has already been taken"}]},
        },
    ),
    423: _Kind("Locked", "Another request is at it.", {"error": "Another request is writing to this upload"}),
    429: _Kind("TooManyRequests", "Come again after `Retry-After` seconds.", {"error": "Too many requests"}),
    460: _Kind("WrongChecksum", "What came is not what was sent.", {"error": "The checksum does not match"}),
    500: _Kind("ServerError", "A fault of this server.", {"error": "Something went wrong on this server"}),
    501: _Kind(
        "NotImplemented", "That form of the answer is not spoken here.", {"error": "Only format=json is implemented"}
    ),
    503: _Kind("Unavailable", "A part this needs is busy; the same call may succeed later.", {"error": "Try again"}),
}


def reference_of(status: int) -> dict[str, str]:
    """Where the document describes an error. Raises `KeyError` for a status no call answers with."""
    return {"$ref": f"#/components/responses/{_KINDS[status].name}"}


def on_a_page(status: int) -> dict[str, Any]:
    """An error that a person reads in a browser."""
    return {"description": _KINDS[status].description, "content": {"text/html": {"schema": {"type": "string"}}}}


def responses() -> dict[str, Any]:
    """The shared descriptions of every error."""
    return {kind.name: _response(status, kind) for status, kind in _KINDS.items()}


def explained() -> list[tuple[int, str]]:
    """Every status of an error, and what it means."""
    return [(status, kind.description) for status, kind in _KINDS.items()]


def _response(status: int, kind: _Kind) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"{REFERENCE}Error"}, "example": kind.example}}
    described: dict[str, Any] = {"description": kind.description, "content": content}
    if status == 429:
        described["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return described
