"""The API's description: a document for programs, and a page for people."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from quart import Blueprint, Response, current_app, request

import api.pages
from api import limits
from api.documentation import documented
from api.openapi import page as shown
from api.openapi.document import build
from api.openapi.errors import explained
from api.openapi.surface import calls
from api.pages.error_page import error_page
from api.pages.rendering import HTML, render
from api.responses import JSON
from node.rate_limits import Limit
from node.runtime import runtime

blueprint = Blueprint("documentation", __name__)

_CACHE: Final = "public, max-age=300"
_STYLE: Final = (Path(api.pages.__file__).parent / "api_docs.css").read_bytes()
_STYLE_PATH: Final = f"/assets/api-docs-{hashlib.sha256(_STYLE).hexdigest()[:12]}.css"
_GUIDE: Final = (
    "Signing people in",
    "Scopes",
    "Parameters",
    "Pages",
    "Errors",
    "Rate limits",
    "Posting once",
    "From a browser",
    "Streams",
)
_ANCHORS: Final = {"From a browser": "browsers"}
_LIMITS: Final = (
    ("Calls of one person, with all their apps", limits.PER_USER),
    ("Calls with one token", limits.PER_TOKEN),
    ("Calls without a token, by address", limits.PER_ADDRESS),
    ("Further pages without a token, by address", limits.PAGING),
    ("Uploads", limits.MEDIA),
    ("Deletions and shares taken back", limits.DELETIONS),
    ("Accounts opened, by address", limits.SIGN_UPS),
    ("Apps registered, by address", limits.APPLICATIONS),
)


Kept = TypeVar("Kept")


class _Ready(NamedTuple):
    body: bytes
    etag: str


@blueprint.get("/api/openapi.json")
@documented(dict[str, Any], also={304: None})
async def document() -> Response:
    """This description of the API, in OpenAPI 3.1."""
    return _answer(_kept("document", lambda: _ready(msgspec.json.encode(_document()))), JSON)


@blueprint.get("/api/docs")
@documented(also={304: None}, media_type="text/html")
async def read() -> Response:
    """This description of the API, to read in a browser: how it works, and which calls there are."""
    return _answer(_pages()[""], HTML)


@blueprint.get("/api/docs/<group>")
@documented(also={304: None}, media_type="text/html", errors=(404,))
async def read_group(group: str) -> Response:
    """The calls of one capability, or all `entities`, to read in a browser."""
    ready = _pages().get(group)
    if ready is None:
        return error_page(404)
    return _answer(ready, HTML)


@blueprint.get(_STYLE_PATH)
async def style() -> Response:
    """How the page looks. Its address changes with its contents."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_STYLE, 200, headers, content_type="text/css; charset=utf-8")


def _answer(ready: _Ready, content_type: str) -> Response:
    headers = {"ETag": ready.etag, "Cache-Control": _CACHE}
    if ready.etag in request.headers.get("If-None-Match", ""):
        return Response(b"", 304, headers)
    return Response(ready.body, 200, headers, content_type=content_type)


def _kept(name: str, make: Callable[[], Kept]) -> Kept:
    """What describes the running application, made when it is first asked for: the start does not wait for it."""
    kept: Kept | None = current_app.extensions.get(f"openapi_{name}")
    if kept is None:
        kept = current_app.extensions[f"openapi_{name}"] = make()
    return kept


def _ready(body: bytes) -> _Ready:
    return _Ready(body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')


def _document() -> dict[str, Any]:
    settings = runtime().settings
    return build(current_app, title=settings.title, base_url=settings.base_url)


def _pages() -> dict[str, _Ready]:
    """Every page by the end of its address."""
    return _kept("pages", lambda: {group: _ready(page.encode()) for group, page in _rendered()})


def _rendered() -> Iterator[tuple[str, str]]:
    described = _document()
    base = runtime().settings.base_url
    streams = any(call.path.startswith("/api/v1/streaming") for call in calls(current_app))
    everywhere: dict[str, Any] = {
        "docs_style": _STYLE_PATH,
        "base": base,
        "guide": [(_ANCHORS.get(name, shown.slug(name)), name) for name in _GUIDE if streams or name != "Streams"],
        "sections": shown.sections(described),
        "entities": shown.entities(described),
    }
    yield (
        "",
        render(
            "api_docs.html",
            **everywhere,
            scopes=shown.scopes(described),
            errors=[(status, shown.marked(words)) for status, words in explained()],
            limits=[(words, _often(limit)) for words, limit in _LIMITS],
            streaming=base.replace("http", "ws", 1) if streams else "",
            here="",
        ),
    )
    for section in everywhere["sections"]:
        yield section.id, render("api_docs_calls.html", **everywhere, section=section, here=section.id)
    yield "entities", render("api_docs_entities.html", **everywhere, here="entities")


def _often(limit: Limit) -> str:
    return f"{limit.count} in {round(limit.seconds / 60)} minutes"
