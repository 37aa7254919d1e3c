"""Pages as Pixelfed's framework makes them: `{"data": [...], "links": {...}, "meta": {...}}`, read on by a cursor."""

from __future__ import annotations

import msgspec
from quart import Response, request

from api.responses import json_response
from node.runtime import runtime


class Cursor(msgspec.Struct):
    """`cursor` as the page before gave it."""

    cursor: int | None = None


class PageLinks(msgspec.Struct, frozen=True):
    """Where the next page is."""

    first: str | None = None
    last: str | None = None
    prev: str | None = None
    next: str | None = None


class PageMeta(msgspec.Struct, frozen=True):
    """Which page this is."""

    path: str
    per_page: int
    next_cursor: str | None
    prev_cursor: str | None = None


def cursor_page(items: list[bytes], following: int | None, per_page: int) -> Response:
    """A page of ready JSON; `following` is the cursor of the next page, if there may be one."""
    path = f"{runtime().settings.base_url}{request.path}"
    next_cursor = str(following) if following is not None else None
    links = PageLinks(next=f"{path}?cursor={next_cursor}" if next_cursor else None)
    return json_response(
        b'{"data":[%b],"links":%b,"meta":%b}'
        % (b",".join(items), msgspec.json.encode(links), msgspec.json.encode(PageMeta(path, per_page, next_cursor)))
    )
