"""Which key ids are believed, and for which actors (FEP-fe34: authority is by origin)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from activitypub.signatures.errors import SignatureError

_LONGEST: Final = 2048
_PORTS: Final = {"https": 443, "http": 80}


def check_key_id(key_id: str) -> None:
    """Raises `SignatureError` unless the id is an http(s) URL that can be fetched.

    ``acct:`` ids, ids without a host, with credentials, spaces or non-ASCII characters, or of more than 2,048
    characters are refused. Fragments, queries and path-style ids (``…/main-key``) are fine.
    """
    _origin(key_id)


def check_key_of_actor(key_id: str, actor_id: str) -> None:
    """Raises `SignatureError` when the key is published by another origin than the actor who is said to own it.

    Necessary, not sufficient: the fetched key must name the actor as owner and the actor must list the key.
    """
    if _origin(key_id) != _origin(actor_id):
        raise SignatureError("the key belongs to another host than the actor")


@lru_cache(maxsize=1024)
def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an http(s) URL. Each request asks it three times of the same few ids."""
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise SignatureError("the key id is not a URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SignatureError("the key id is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise SignatureError("the key id is not an http URL")
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
