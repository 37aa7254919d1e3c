"""HTTP signatures as the fediverse speaks them: draft-cavage-http-signatures-12 with RSA-SHA256."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from activitypub.signatures.algorithms import RSA_V1_5_SHA256, algorithms_of, check, sign, signing_algorithm
from activitypub.signatures.digests import check_body_digest
from activitypub.signatures.encodings import decode_base64
from activitypub.signatures.errors import SignatureError, SignatureMismatch
from activitypub.signatures.freshness import (
    check_fresh,
    check_not_expired,
    from_timestamp,
    http_date,
    parse_http_date,
)
from activitypub.signatures.keys import PublicKey, SigningKey, VerificationKey
from activitypub.signatures.request import SignedRequest
from activitypub.signatures.targets import target_of
from activitypub.signatures.unsigned import Unsigned

_LONGEST: Final = 8192
_MOST_PARAMETERS: Final = 16
_MOST_SIGNED: Final = 32
_PARAMETER: Final = re.compile(r'[ \t]*([A-Za-z][A-Za-z0-9_-]*)[ \t]*=[ \t]*(?:"([^"\\]*)"|([0-9]{1,15}))[ \t]*(,|\Z)')
_TIMESTAMP: Final = re.compile(r"[0-9]{1,15}")

_DERIVED_FROM_KEY: Final = "hs2019"
_ACCEPTED_ALGORITHMS: Final = frozenset({"rsa-sha256", _DERIVED_FROM_KEY})


@dataclass(frozen=True, slots=True)
class CavageSignature:
    """A ``Signature`` header taken apart. ``signed`` are the names in signing order, lower case; times in Unix seconds."""

    key_id: str
    algorithm: str
    signed: tuple[str, ...]
    signature: bytes
    created: int | None
    expires: int | None


def sign_post(
    key: SigningKey, url: str, body_digest: str, now: datetime, *, also: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The ``Host``, ``Date``, ``Digest`` and ``Signature`` headers of a POST to ``url``, and those it signs ``also``.

    ``body_digest`` is what `digests.body_digest` said of the body, so that a body sent to many inboxes is hashed once.
    One private-key operation and no shared state. Sign when sending, not when queueing. Raises `SignatureError` for a
    URL that cannot be requested.
    """
    unsigned = unsigned_post(key, url, body_digest, now, also=also)
    return unsigned.signed(sign(key.private, unsigned.base))


def unsigned_post(
    key: SigningKey, url: str, body_digest: str, now: datetime, *, also: Mapping[str, str] | None = None
) -> Unsigned:
    """What `sign_post` signs, to be signed elsewhere. Raises as it does."""
    _, host, target = target_of(url)
    date = http_date(now)
    more = also or {}
    text = f"(request-target): post {target}\nhost: {host}\ndate: {date}\ndigest: {body_digest}"
    text += "".join(f"\n{name.lower()}: {value}" for name, value in more.items())
    names = " ".join(["(request-target) host date digest", *map(str.lower, more)])
    return _unsigned(key, names, text, {"Host": host, "Date": date, "Digest": body_digest, **more})


def sign_get(key: SigningKey, url: str, now: datetime, *, with_query: bool = True) -> dict[str, str]:
    """The ``Host``, ``Date`` and ``Signature`` headers of a GET of ``url``.

    ``with_query=False`` leaves the query out of ``(request-target)``: what to try after a 401 from servers that sign
    the path alone. Raises `SignatureError` for a URL that cannot be requested.
    """
    _, host, target = target_of(url)
    if not with_query:
        target = target.partition("?")[0]
    date = http_date(now)
    text = f"(request-target): get {target}\nhost: {host}\ndate: {date}"
    unsigned = _unsigned(key, "(request-target) host date", text, {"Host": host, "Date": date})
    return unsigned.signed(sign(key.private, unsigned.base))


def _unsigned(key: SigningKey, signed: str, text: str, headers: dict[str, str]) -> Unsigned:
    algorithm = "rsa-sha256" if signing_algorithm(key.private) == RSA_V1_5_SHA256 else _DERIVED_FROM_KEY
    before = f'keyId="{key.key_id}",algorithm="{algorithm}",headers="{signed}",signature="'
    return Unsigned(text.encode("ascii"), headers, before, '"')


@lru_cache(maxsize=64)
def parse_signature(header: str) -> CavageSignature:
    """Reads a ``Signature`` header in one pass, at most 8 KiB, 16 parameters and 32 signed names.

    Raises `SignatureError` for anything else than ``name="value"`` pairs, repeated or missing parameters, escapes,
    or an algorithm other than ``rsa-sha256`` and ``hs2019`` (which an absent one means, §2.1). Kept for a moment: the
    key is looked up between the first reading of a request's header and the second.
    """
    parameters = _parameters(header)
    algorithm = parameters.get("algorithm", _DERIVED_FROM_KEY)
    if algorithm not in _ACCEPTED_ALGORITHMS:
        raise SignatureError("the signature algorithm is not supported")
    if not parameters.get("keyId") or not parameters.get("signature"):
        raise SignatureError("the signature header lacks keyId or signature")
    created = _timestamp(parameters.get("created"))
    expires = _timestamp(parameters.get("expires"))
    signed = tuple(parameters.get("headers", "date").lower().split(" "))
    if not all(signed) or len(signed) > _MOST_SIGNED or len(set(signed)) != len(signed):
        raise SignatureError("the list of signed headers is malformed")
    if algorithm != _DERIVED_FROM_KEY and ("(created)" in signed or "(expires)" in signed):
        raise SignatureError("(created) and (expires) need hs2019")  # §2.3, steps 2 and 3
    return CavageSignature(
        key_id=parameters["keyId"],
        algorithm=algorithm,
        signed=signed,
        signature=decode_base64(parameters["signature"]),
        created=created,
        expires=expires,
    )


def _parameters(header: str) -> dict[str, str]:
    if len(header) > _LONGEST:
        raise SignatureError("the signature header is too long")
    parameters: dict[str, str] = {}
    at = 0
    while True:
        match = _PARAMETER.match(header, at)
        if match is None or match[1] in parameters or len(parameters) == _MOST_PARAMETERS:
            raise SignatureError("the signature header is malformed")
        parameters[match[1]] = match[2] if match[2] is not None else match[3]
        if not match[4]:
            return parameters
        at = match.end()


def _timestamp(value: str | None) -> int | None:
    if value is None:
        return None
    if _TIMESTAMP.fullmatch(value) is None:
        raise SignatureError("a signature timestamp is malformed")
    return int(value)


def signing_string(signature: CavageSignature, request: SignedRequest, *, with_query: bool = True) -> bytes:
    """The bytes that were signed (§2.3). Raises `SignatureError` when a signed header is absent."""
    target = request.target if with_query else request.path
    lines = [f"{name}: {_signed_value(name, signature, request, target)}" for name in signature.signed]
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError:
        raise SignatureError("a signed header is not ASCII") from None


def _signed_value(name: str, signature: CavageSignature, request: SignedRequest, target: str) -> str:
    if name == "(request-target)":
        return f"{request.method.lower()} {target}"
    if name == "(created)":
        value = None if signature.created is None else str(signature.created)
    elif name == "(expires)":
        value = None if signature.expires is None else str(signature.expires)
    else:
        value = request.header(name)
    if value is None:
        raise SignatureError("a signed header is missing")
    return value


def check_signature(signature: CavageSignature, request: SignedRequest, key: PublicKey) -> None:
    """The bare mathematics, whatever is covered: raises `SignatureError` unless ``key`` made it over this request.

    Tries the target with its query, then without: some peers sign the path alone.
    """
    algorithm = algorithms_of(key)[0]
    if signature.algorithm != _DERIVED_FROM_KEY and algorithm != RSA_V1_5_SHA256:
        raise SignatureError("the algorithm does not fit the key")
    try:
        check(key, algorithm, signature.signature, signing_string(signature, request))
    except SignatureMismatch:
        if request.query is None or "(request-target)" not in signature.signed:
            raise
        check(key, algorithm, signature.signature, signing_string(signature, request, with_query=False))


def verify_cavage(request: SignedRequest, key: VerificationKey, now: datetime) -> None:
    """The federation's rules: raises `SignatureError` unless ``key`` signed this request, for us, just now.

    Covered must be ``(request-target)``, ``host``, ``date`` or ``(created)``, and ``digest`` on anything but GET and
    HEAD; the times must lie in the window of `freshness`, a covered digest must be that of the body.
    """
    header = request.header("signature")
    if header is None:
        raise SignatureError("the request is not signed")
    signature = parse_signature(header)
    if signature.key_id != key.key_id:
        raise SignatureError("the signature was made with another key")
    _check_coverage(signature, request)
    _check_times(signature, request, now)
    if "digest" in signature.signed:
        check_body_digest(request.header("digest") or "", request.body)
    check_signature(signature, request, key.public)


def _check_coverage(signature: CavageSignature, request: SignedRequest) -> None:
    required = ("(request-target)", "host", "digest") if request.has_body_to_protect else ("(request-target)", "host")
    for name in required:
        if name not in signature.signed:
            raise SignatureError(f"{name} is not signed")
    if "date" not in signature.signed and "(created)" not in signature.signed:
        raise SignatureError("neither date nor (created) is signed")


def _check_times(signature: CavageSignature, request: SignedRequest, now: datetime) -> None:
    """Every time that is stated, signed or not, has to be right; only signed ones satisfy `_check_coverage`."""
    if "date" in signature.signed:
        check_fresh(parse_http_date(request.header("date") or ""), now)
    if signature.created is not None:
        check_fresh(from_timestamp(signature.created), now)
    if signature.expires is not None:
        check_not_expired(from_timestamp(signature.expires), now)
