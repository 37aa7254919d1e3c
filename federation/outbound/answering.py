"""How documents are answered: to whoever may have them, kept by nobody where others may get another one; pages to browsers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import orjson
from quart import Response, request

from activitypub.types import Document
from federation import negotiation, ready
from federation.answers import document_response
from federation.outbound import askers
from federation.outbound.askers import VARY_OPEN, as_personal, is_personal

_NONE: Final[frozenset[str]] = frozenset()


def document(found: Document, *, keep_as: str | None = None, is_signed: bool = False) -> Response:
    """A document; kept ready under `keep_as`, if that is given. `is_signed` when only a signed request gets it."""
    body = orjson.dumps(found)
    if keep_as is not None:
        ready.keep_document(keep_as, body)
    response = document_response(body, vary=VARY_OPEN)
    return as_personal(response) if is_signed or is_personal() else response


def wants_page() -> bool:
    """Whether a browser asks."""
    return negotiation.wants_page(request.headers.get("Accept", ""))


def to_page(url: str) -> Response:
    """The way to what a browser can show."""
    return Response(b"", 302, headers={"Location": url, "Vary": VARY_OPEN})


async def refusal(*, with_page: str, always_open: Collection[str] = _NONE) -> Response | None:
    """With authorized fetch nobody is answered who does not say who they are (`askers.refusal`), but for the views that
    are `always_open`; a browser is only shown the way, by the one view that has a page."""
    view = (request.endpoint or "").rpartition(".")[2]
    if view in always_open or (view == with_page and wants_page()):
        return None
    return await askers.refusal()
