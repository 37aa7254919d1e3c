"""Keys and requests for the signature tests. Keys are made once: RSA takes its time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from activitypub.signatures import (
    SignedRequest,
    SigningKey,
    VerificationKey,
    body_digest,
    content_digest,
    generate_ed25519_key,
    generate_rsa_key,
    public_pem,
    sign_get,
    sign_message,
    sign_post,
)
from tests.samples import SAMPLES

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
KEY_ID = "https://remote.example/ap/users/7#main-key"
INBOX = "https://node.example/ap/users/1/inbox"
BODY = b'{"id":"https://remote.example/ap/activities/1","type":"Follow"}'

VECTORS = SAMPLES / "activitypub" / "vectors"


def vector(name: str) -> dict[str, Any]:
    """One file of the shared vectors."""
    loaded: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


def vectors(pattern: str) -> list[Any]:
    """Parameters naming the vectors that are there; a single skipped one when none is."""
    names = sorted(path.name for path in VECTORS.glob(pattern)) if VECTORS.is_dir() else []
    if names:
        return names
    return [pytest.param("absent", marks=pytest.mark.skip(reason="the shared samples are not on this machine"))]


@cache
def rsa_pem() -> str:
    return generate_rsa_key()


@cache
def ed25519_pem() -> str:
    return generate_ed25519_key()


def signing_key(pem: str | None = None, key_id: str = KEY_ID) -> SigningKey:
    return SigningKey.from_pem(key_id, pem or rsa_pem())


def verification_key(pem: str | None = None, key_id: str = KEY_ID) -> VerificationKey:
    return VerificationKey.from_pem(key_id, public_pem(pem or rsa_pem()))


def received(
    method: str, headers: dict[str, str], *, target: str = "/ap/users/1/inbox", body: bytes = b""
) -> SignedRequest:
    """What our node sees of a request to ``https://node.example`` + target."""
    return SignedRequest(method, target, "node.example", "https", tuple(headers.items()), body)


def signed_post(*, body: bytes = BODY, now: datetime = NOW, pem: str | None = None) -> SignedRequest:
    return received("POST", sign_post(signing_key(pem), INBOX, body_digest(body), now), body=body)


def signed_get(target: str = "/ap/posts/5", *, now: datetime = NOW, with_query: bool = True) -> SignedRequest:
    headers = sign_get(signing_key(), f"https://node.example{target}", now, with_query=with_query)
    return received("GET", headers, target=target)


def message_post(*, body: bytes = BODY, now: datetime = NOW, pem: str | None = None) -> SignedRequest:
    """A POST signed with RFC 9421."""
    headers = sign_message(signing_key(pem), "POST", INBOX, now, content_digest=content_digest(body))
    return received("POST", {"Host": "node.example", **headers}, body=body)


def with_header(request: SignedRequest, name: str, value: str | None) -> SignedRequest:
    """The same request with a header replaced, or left out for ``None``."""
    headers = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=headers if value is None else (*headers, (name, value)))
