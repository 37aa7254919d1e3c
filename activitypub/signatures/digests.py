"""Digests that tie a signature to the body: ``Digest`` (RFC 3230) and ``Content-Digest`` (RFC 9530)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

from activitypub.signatures.encodings import decode_base64, encode_base64
from activitypub.signatures.errors import SignatureError
from activitypub.signatures.structured_fields import Item, parse_dictionary

_MOST_PARTS: Final = 8
_HASHES: Final[dict[str, Callable[[bytes], Any]]] = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def body_digest(body: bytes) -> str:
    """``SHA-256=…`` for the ``Digest`` header: upper case and a single part, since some peers compare literally."""
    return f"SHA-256={encode_base64(hashlib.sha256(body).digest())}"


def check_body_digest(header: str, body: bytes) -> None:
    """Raises `SignatureError` unless the header's one sha-256 part is the SHA-256 of ``body``.

    Algorithm names are compared without case; parts of other algorithms are passed over.
    """
    parts = header.split(",", _MOST_PARTS)
    if len(parts) > _MOST_PARTS:
        raise SignatureError("the digest is malformed")
    found = [
        value for name, mark, value in (part.strip(" \t").partition("=") for part in parts) if name.lower() == "sha-256"
    ]
    if len(found) != 1:
        raise SignatureError("the digest needs exactly one sha-256 part")
    _check(decode_base64(found[0]), hashlib.sha256(body).digest())


def content_digest(body: bytes) -> str:
    """``sha-256=:…:`` for the ``Content-Digest`` header (RFC 9530 §2)."""
    return f"sha-256=:{encode_base64(hashlib.sha256(body).digest())}:"


def check_content_digest(header: str, body: bytes) -> None:
    """Raises `SignatureError` unless sha-256 or sha-512 is given and every one given is that of ``body``."""
    known = 0
    for name, member in parse_dictionary(header).items():
        algorithm = _HASHES.get(name)
        if algorithm is None:
            continue
        if not isinstance(member, Item) or not isinstance(member.value, bytes):
            raise SignatureError("the content digest is malformed")
        _check(member.value, algorithm(body).digest())
        known += 1
    if not known:
        raise SignatureError("the content digest has no supported algorithm")


def _check(claimed: bytes, actual: bytes) -> None:
    if not hmac.compare_digest(claimed, actual):
        raise SignatureError("the digest does not match the body")
