"""What goes into an outgoing request and what comes out of it: bounds, signer, results."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import httpx


class Style(Enum):
    """How a GET is signed: draft-cavage, with the path alone in `(request-target)` as some servers verify it (Misskey
    and Pixelfed take the query out), or RFC 9421."""

    CAVAGE = auto()
    CAVAGE_PATH = auto()
    RFC9421 = auto()


class Sign(Protocol):
    """Signs one GET: the headers to add (`Date`, `Signature`, …) for exactly this URL."""

    def __call__(self, url: str, style: Style, /) -> Mapping[str, str] | Awaitable[Mapping[str, str]]: ...


@dataclass(frozen=True)
class ClientLimits:
    """Bounds of every request: seconds, bytes, counts.

    `connections` may be busy at once; while `kept_connections` are open, busy or idle, no further one is kept.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    download_seconds: float = 120.0
    document_bytes: int = 1024 * 1024
    post_answer_bytes: int = 16 * 1024
    redirects: int = 3
    gets_per_host: int = 6
    connections: int = 256
    kept_connections: int = 256
    keepalive_seconds: float = 30.0
    dns_seconds: float = 60.0


@dataclass(frozen=True)
class Response:
    """An answer. `body` is inflated and empty unless `status` is 2xx; `final_url` is where it came from."""

    status: int
    headers: httpx.Headers
    body: bytes
    final_url: str


@dataclass(frozen=True)
class Document:
    """An ActivityPub document, unparsed. It may be believed for `url` only if its `id` equals `final_url`, which
    without redirects is `url` letter for letter. `origin` is the final (scheme, host, port) of FEP-fe34. `style` is
    how the request was signed, if it was."""

    url: str
    final_url: str
    origin: tuple[str, str, int]
    body: bytes
    style: Style = Style.CAVAGE


@dataclass(frozen=True)
class PostResult:
    """What a POST was answered: `retry_after` in seconds, `body_start` at most 500 bytes, for the log;
    `accept_signature` is the header of that name."""

    status: int
    retry_after: float | None
    body_start: bytes
    accept_signature: str = ""


@dataclass(frozen=True)
class Downloaded:
    """A file now on disk: declared media type, size in bytes, SHA-256 in hex."""

    media_type: str
    bytes: int
    sha256: str
