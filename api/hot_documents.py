"""Actors, posts and WebFinger answers that federation has as ready bytes, served before the framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.cors import EXPOSED
from api.hot import Answer, Scope, answer_ready
from federation import ready

_DOCUMENTS: Final = "/ap/"
_WEBFINGER: Final = "/.well-known/webfinger"
_EVERY_ANSWER: Final = ((b"x-content-type-options", b"nosniff"),)
_OPEN: Final = ((b"access-control-expose-headers", EXPOSED.encode()),)
_ANY_SITE: Final = ((b"access-control-allow-origin", b"*"), *_OPEN)


def connect() -> None:
    """Have ready documents answered from now on."""
    answer_ready(_DOCUMENTS, _document)
    answer_ready(_WEBFINGER, _webfinger)


async def _document(scope: Scope) -> Answer | None:
    """A document for an unsigned request; who signs may get another answer, or none."""
    accept = ""
    for name, value in scope["headers"]:
        if name in (b"signature", b"signature-input") or (name == b"accept" and accept):
            return None
        if name == b"accept":
            accept = value.decode("latin-1")
    body = ready.ready_document(scope["path"], accept) if not scope["query_string"] else None
    return Answer(200, [*_lines(ready.HEADERS), *_EVERY_ANSWER, *_ANY_SITE], body) if body is not None else None


async def _webfinger(scope: Scope) -> Answer | None:
    if scope["path"] != _WEBFINGER:
        return None
    body = ready.ready_webfinger(scope["query_string"].decode("latin-1"))
    return Answer(200, [*_lines(ready.WEBFINGER_HEADERS), *_EVERY_ANSWER, *_OPEN], body) if body is not None else None


def _lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
