"""What other servers deliver to the shared inbox, taken in before the framework, which would cost as much as the checks."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog

from api.hot import Answer, Scope, answer_posts
from federation.inbound import door
from federation.inbound.door import MAX_BYTES, Reply

log = structlog.get_logger()

PATIENCE: Final = 60.0
"""Seconds within which the whole activity has to come."""
_INBOX: Final = "/inbox"


def connect() -> None:
    """Have the shared inbox answered from now on."""
    answer_posts(_INBOX, _take)


async def _take(scope: Scope, receive: Any) -> Answer | None:
    if not 0 < _length(scope) <= MAX_BYTES:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _body(receive)
        reply = await door.take(scope, body)
    except TimeoutError:
        reply = door.refusal(408, "the request did not come to an end")
    except Exception:
        log.exception("delivery_failed")
        reply = door.refusal(500, "Something went wrong on this server")
    return Answer(reply.status, _headers(reply), reply.body)


def _length(scope: Scope) -> int:
    """What the request says of its length; 0 when it says nothing that can be read."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _body(receive: Any) -> bytes:
    """The whole body; a part of it when the sender left, who will not be answered then."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    told = {"content-type": "application/json", **reply.headers, "x-content-type-options": "nosniff"}
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
