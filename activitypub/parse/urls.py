"""Ids and URLs from strangers: absolute http(s), one spelling of the host, nothing that two parsers could read differently."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from activitypub.parse.errors import ParseError

MAX_URL_LENGTH = 2048

_PLAIN = re.compile(
    r"https?://(?=[a-z0-9.-]{1,253}(?:[:/?#]|$))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
    r"(?::[1-9][0-9]{0,4})?(?:[/?#][!-\[\]-~]*)?"
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?:[/?#]|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufffe\uffff\ud800-\udfff]")


def absolute_url(value: object, path: str) -> str:
    """``value`` as an absolute http(s) URL, host in lower-case ASCII (IDNA), default port dropped.

    Refuses (ParseError at ``path``) other schemes, user info, IP literals in brackets, dot segments, backslashes, spaces and
    control characters, and more than 2048 characters. Path and query keep their spelling: they are identity.
    """
    if not isinstance(value, str):
        raise ParseError(path, "missing" if value is None else "not a URL")
    if len(value) > MAX_URL_LENGTH:
        raise ParseError(path, f"longer than {MAX_URL_LENGTH} characters")
    if _DOT_SEGMENT.search(value):
        raise ParseError(path, "has dot segments")
    if _PLAIN.fullmatch(value):
        return value if value.count(":") == 1 else _with_checked_authority(value, path)
    if _FORBIDDEN.search(value):
        raise ParseError(path, "has characters a URL cannot have")
    return _with_checked_authority(value, path)


def url_or_none(value: object) -> str | None:
    """`absolute_url`, or None for whatever it refuses."""
    if not isinstance(value, str):
        return None
    try:
        return absolute_url(value, "")
    except ParseError:
        return None


def origin_host(url: str) -> str:
    """The authority (host, and port if not the default) of a URL that `absolute_url` returned."""
    return url.split("/", 3)[2].partition("?")[0].partition("#")[0]


def _with_checked_authority(value: str, path: str) -> str:
    scheme = value.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise ParseError(path, "not http or https")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ParseError(path, "not a URL") from None
    if "@" in parts.netloc:
        raise ParseError(path, "has user info")
    host = _ascii_host(parts.hostname or "", path)
    if port == 0:
        raise ParseError(path, "port 0")
    is_default_port = port is None or port == (443 if scheme == "https" else 80)
    authority = host if is_default_port else f"{host}:{port}"
    rest = value[len(scheme) + len("://") + len(parts.netloc) :]
    return f"{scheme}://{authority}{rest}"


def _ascii_host(host: str, path: str) -> str:
    if not host.isascii():
        # Imported here: its tables are large and hosts outside ASCII are rare.
        import idna

        try:
            host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise ParseError(path, "not a valid host") from None
    host = host.lower()
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ParseError(path, "not a valid host")
    return host
