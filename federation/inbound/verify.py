"""Who signed this request? The answer is an account whose key really did, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from activitypub.signatures import (
    SignatureError,
    SignatureMismatch,
    SignedRequest,
    check_key_of_actor,
    key_ids_of,
    verify_request,
)
from federation import policy
from federation.inbound import keys
from federation.inbound.keys import KnownKey
from node import clock
from node.runtime import runtime


@dataclass(frozen=True, slots=True)
class Signer:
    """The account whose key signed a request."""

    account_id: int
    actor_uri: str
    key_id: str


class Blocked(Exception):
    """The key stands on a host this node exchanges nothing with."""


def signed_request(scope: Mapping[str, Any], body: bytes = b"") -> SignedRequest:
    """The request of an ASGI scope as its signer saw it: with our public authority, whatever a proxy put into `Host`.

    Raises `SignatureError` for repeated or folded headers a signature depends on.
    """
    raw_path: bytes | None = scope.get("raw_path")
    path = raw_path.decode("latin-1").partition("?")[0] if raw_path else scope["path"]
    query = scope["query_string"].decode("latin-1")
    base = urlsplit(runtime().settings.base_url)
    return SignedRequest(
        method=scope["method"],
        target=f"{path}?{query}" if query else path,
        authority=base.netloc,
        scheme=base.scheme,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body=body,
    )


async def verify(request: SignedRequest) -> Signer:
    """The signer of `request`. Raises `SignatureError` (answer 401) and `Blocked` (answer 403).

    The key is the one known here; on a mismatch it is fetched again once, since keys are changed without notice. Of
    several RFC 9421 signatures one that holds is enough.
    """
    failure = SignatureError("the request is not signed")
    for key_id in key_ids_of(request):
        if await policy.is_refused(urlsplit(key_id).netloc.lower()):
            raise Blocked
        try:
            return await _verify_with(request, key_id)
        except SignatureError as error:
            failure = error
    raise failure


async def _verify_with(request: SignedRequest, key_id: str) -> Signer:
    known = await keys.known_key(key_id)
    is_fresh = known is None
    if known is None:
        known = await keys.fetched_key(key_id)
    try:
        verify_request(request, known.key, clock.now())
    except SignatureMismatch:
        changed = None if is_fresh else await keys.refetched_key(known)
        if changed is None:
            raise
        known = changed
        verify_request(request, known.key, clock.now())
    return _signer(known)


def _signer(known: KnownKey) -> Signer:
    check_key_of_actor(known.key.key_id, known.actor_uri)
    return Signer(known.account_id, known.actor_uri, known.key.key_id)
