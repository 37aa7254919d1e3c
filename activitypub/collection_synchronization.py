"""Who of one server follows somebody, told in a digest along with an activity (FEP-8fcf)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

HEADER: Final = "Collection-Synchronization"
_LONGEST: Final = 8_192
_PARAMETER: Final = re.compile(r'[ \t]*([A-Za-z]{1,40})="([^"\\]{0,2100})"[ \t]*(,|$)')
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Synchronization:
    """What the header says: the followers collection, where the part of it that lives on the receiver's server is listed,
    and the digest of that part."""

    collection_id: str
    url: str
    digest: str


def digest_of(uris: Iterable[str]) -> str:
    """The SHA-256 sums of the ids, each counted once, XORed together; nobody gives 64 zeros."""
    total = 0
    for uri in set(uris):
        total ^= int.from_bytes(hashlib.sha256(uri.encode()).digest())
    return total.to_bytes(32).hex()


def render_synchronization(value: Synchronization) -> str:
    """The header's value."""
    return f'collectionId="{value.collection_id}", url="{value.url}", digest="{value.digest}"'


def parse_synchronization(header: str) -> Synchronization | None:
    """Read the header's value, in one pass; `None` when it is none, since it is no more than an offer."""
    if len(header) > _LONGEST:
        return None
    parameters: dict[str, str] = {}
    at = 0
    while at < len(header):
        match = _PARAMETER.match(header, at)
        if match is None or match[1] in parameters:
            return None
        parameters[match[1]] = match[2]
        at = match.end()
    collection_id, url = parameters.get("collectionId", ""), parameters.get("url", "")
    digest = parameters.get("digest", "").lower()
    if not collection_id or not url or not _DIGEST.fullmatch(digest):
        return None
    return Synchronization(collection_id, url, digest)
