"""What a URL becomes in a request we send, as the receiver will see it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from activitypub.signatures.errors import SignatureError
from activitypub.signatures.request import bare_authority


class Target(NamedTuple):
    """``authority`` without the default port; ``path_and_query`` never empty and without a fragment."""

    scheme: str
    authority: str
    path_and_query: str


def target_of(url: str) -> Target:
    """Raises `SignatureError` unless the URL is http(s), ASCII, percent-encoded and without credentials."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SignatureError("only http URLs can be signed for") from None
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
        raise SignatureError("only http URLs can be signed for")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise SignatureError("a URL must be percent-encoded to be signed for")
    path_and_query = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Target(parts.scheme, bare_authority(parts.netloc, parts.scheme), path_and_query)
