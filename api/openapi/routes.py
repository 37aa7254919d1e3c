"""The API's description, as a document for programs."""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

import msgspec
from quart import Blueprint, Response, current_app, request

from api.documentation import documented
from api.openapi.document import build
from api.responses import JSON
from node.runtime import runtime

blueprint = Blueprint("documentation", __name__)

_CACHE: Final = "public, max-age=300"


class _Ready(NamedTuple):
    document: dict[str, Any]
    body: bytes
    etag: str


@blueprint.get("/api/openapi.json")
@documented(dict[str, Any], also={304: None})
async def document() -> Response:
    """This description of the API, in OpenAPI 3.1."""
    ready = _ready()
    headers = {"ETag": ready.etag, "Cache-Control": _CACHE}
    if ready.etag in request.headers.get("If-None-Match", ""):
        return Response(b"", 304, headers)
    return Response(ready.body, 200, headers, content_type=JSON)


def _ready() -> _Ready:
    """The document of the running application, made when it is first asked for: the start does not wait for it."""
    kept: _Ready | None = current_app.extensions.get("openapi")
    if kept is None:
        settings = runtime().settings
        made = build(current_app, title=settings.title, base_url=settings.base_url)
        body = msgspec.json.encode(made)
        kept = _Ready(made, body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
        current_app.extensions["openapi"] = kept
    return kept
