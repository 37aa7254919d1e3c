"""Which kind of answer the asker would rather read: a page for people, a document, a picture in few bytes
(RFC 9110 §12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from quart import request

_PAGE: Final = "text/html"
_DOCUMENTS: Final = ("application/activity+json", "application/ld+json")
_TOLD_APART: Final = (_PAGE, *_DOCUMENTS, "application/json")
_NOT_FOR_PEOPLE: Final = (
    "/actor",
    "/ap",
    "/api",
    "/inbox",
    "/media",
    "/nodeinfo",
    "/oauth/revoke",
    "/oauth/token",
    "/oauth/userinfo",
    "/.well-known",
)


def wants_document() -> bool:
    """Whether ActivityPub is asked for, and not a page first of all."""
    return _best() in _DOCUMENTS


def wants_page() -> bool:
    """Whether a browser asks, at an address where people go."""
    path = request.path
    if any(path == place or path.startswith(f"{place}/") for place in _NOT_FOR_PEOPLE):
        return False
    return _best() == _PAGE


def wanted_types(offered: Sequence[str], usual: str) -> list[str]:
    """Those of the `offered` media types that are asked for by name and at least as much as the `usual` one, the most
    wanted first. Who sends wildcards alone may not be able to read them."""
    named = {kind.partition(";")[0].strip().lower(): quality for kind, quality in request.accept_mimetypes}
    wildcards = (usual, f"{usual.partition('/')[0]}/*", "*/*")
    least = next((named[kind] for kind in wildcards if kind in named), 0)
    wanted = [kind for kind in offered if named.get(kind, 0) > 0 and named[kind] >= least]
    return sorted(wanted, key=lambda kind: -named[kind])


def _best() -> str | None:
    """The kind that is named with the highest quality, the first of several; wildcards name none."""
    named = [(kind.partition(";")[0].strip(), quality) for kind, quality in request.accept_mimetypes]
    known = [(kind, quality) for kind, quality in named if kind in _TOLD_APART and quality > 0]
    return max(known, key=lambda entry: entry[1])[0] if known else None
