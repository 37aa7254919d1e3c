"""Answers: JSON made by msgspec, or bytes that are ready already."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Response

_encoder = msgspec.json.Encoder()

JSON = "application/json; charset=utf-8"


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`body` (structs, dicts, lists or ready JSON bytes) as a JSON answer."""
    data = body if isinstance(body, bytes) else _encoder.encode(body)
    return Response(data, status, headers, content_type=JSON)


def json_list(items: list[bytes], headers: dict[str, str] | None = None) -> Response:
    """A list of entities that are JSON already."""
    return Response(b"[" + b",".join(items) + b"]", 200, headers, content_type=JSON)


def empty() -> Response:
    """`{}`: what Mastodon answers when there is nothing to say."""
    return json_response(b"{}")
