"""Object integrity proofs, FEP-8b32: ``DataIntegrityProof`` with the cryptosuite ``eddsa-jcs-2022``."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activitypub.signatures.algorithms import ED25519, check, sign
from activitypub.signatures.encodings import decode_base58btc, encode_base58btc
from activitypub.signatures.errors import SignatureError, SignatureMismatch, UnusableKey
from activitypub.signatures.freshness import NEWEST, check_not_expired
from activitypub.signatures.jcs import canonicalize
from activitypub.signatures.keys import SigningKey, VerificationKey

Document: TypeAlias = dict[str, Any]

_TYPE: Final = "DataIntegrityProof"
_CRYPTOSUITE: Final = "eddsa-jcs-2022"
_PURPOSE: Final = "assertionMethod"
_MOST_PROOFS: Final = 8


def proof_key_id(document: Document) -> str | None:
    """The ``verificationMethod`` of the document's own proof that we could check; ``None`` when there is none.

    Only the top level is looked at. Nothing is verified.
    """
    proof = _proof_of(document)
    if proof is None or not isinstance(proof.get("verificationMethod"), str):
        return None
    key_id: str = proof["verificationMethod"]
    return key_id


def proof_made_at(document: Document) -> datetime | None:
    """When the proof of `proof_key_id` says it was made; ``None`` when it does not say so. Nothing is verified."""
    proof = _proof_of(document)
    try:
        return None if proof is None else _moment(proof.get("created"))
    except SignatureError:
        return None


def verify_proof(document: Document, key: VerificationKey, now: datetime) -> Document:
    """The document that was proven, without ``proof`` and ``signature``: use it instead of what came in.

    Raises `SignatureError` unless the top-level ``eddsa-jcs-2022`` proof was made by ``key`` for the purpose
    ``assertionMethod``, is not expired at ``now`` and not created more than an hour after it. That the key is the
    actor's own (same origin, listed in ``assertionMethod``) is the caller's question.
    """
    proof = _proof_of(document)
    if proof is None:
        raise SignatureError("the document has no proof of a supported kind")
    if proof.get("proofPurpose") != _PURPOSE:
        raise SignatureError("the proof is for another purpose")
    if proof.get("verificationMethod") != key.key_id:
        raise SignatureError("the proof was made with another key")
    _check_times(proof, now)
    proof_value = proof.get("proofValue")
    if not isinstance(proof_value, str):
        raise SignatureError("the proof has no value")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    proven = _unsecured(document)
    if "@context" in options:
        _check_context_prefix(options["@context"], proven.get("@context"))
        proven["@context"] = options["@context"]
    value = decode_base58btc(proof_value)
    try:
        check(key.public, ED25519, value, _hash_data(proven, options))
    except SignatureMismatch:
        if "@context" in options or "@context" not in proven:
            raise
        # Some count the document's context among the proof's options and leave it out of the proof they send.
        check(key.public, ED25519, value, _hash_data(proven, {**options, "@context": proven["@context"]}))
    return proven


def add_proof(document: Document, key: SigningKey, now: datetime) -> Document:
    """A copy of the document with a ``proof`` made at ``now`` by an Ed25519 key (`UnusableKey` for any other).

    The document's ``@context`` has to define the proof's terms (``https://w3id.org/security/data-integrity/v2``);
    add an LD signature, if any, afterwards.
    """
    if not isinstance(key.private, Ed25519PrivateKey):
        raise UnusableKey("integrity proofs need an Ed25519 key")
    unsecured = _unsecured(document)
    options: Document = {
        "type": _TYPE,
        "cryptosuite": _CRYPTOSUITE,
        "verificationMethod": key.key_id,
        "proofPurpose": _PURPOSE,
        "created": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if "@context" in unsecured:
        options["@context"] = unsecured["@context"]
    proof_value = encode_base58btc(sign(key.private, _hash_data(unsecured, options)))
    return {**unsecured, "proof": {**options, "proofValue": proof_value}}


def _proof_of(document: Document) -> Document | None:
    proofs = document.get("proof")
    listed = proofs if isinstance(proofs, list) else [proofs]
    for proof in listed[:_MOST_PROOFS]:
        if isinstance(proof, dict) and proof.get("type") == _TYPE and proof.get("cryptosuite") == _CRYPTOSUITE:
            return proof
    return None


def _unsecured(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in ("proof", "signature")}


def _hash_data(unsecured: Document, options: Document) -> bytes:
    return hashlib.sha256(canonicalize(options)).digest() + hashlib.sha256(canonicalize(unsecured)).digest()


def _check_times(proof: Document, now: datetime) -> None:
    """Documents live for years, so only the future is refused; ``created`` is optional (vc-di-eddsa §3.3.1)."""
    if "created" in proof and _moment(proof["created"]) > now + NEWEST:
        raise SignatureError("the proof is from the future")
    if "expires" in proof:
        check_not_expired(_moment(proof["expires"]), now)


def _moment(value: object) -> datetime:
    """An ``xsd:dateTimeStamp``: a time zone is obligatory."""
    if not isinstance(value, str) or len(value) > 40:
        raise SignatureError("a time of the proof is malformed")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise SignatureError("a time of the proof is malformed") from None
    if moment.tzinfo is None:
        raise SignatureError("a time of the proof is malformed")
    return moment


def _check_context_prefix(of_proof: object, of_document: object) -> None:
    """A proof's own context has to begin the document's (vc-di-eddsa §3.3.2, step 5)."""
    first = of_proof if isinstance(of_proof, list) else [of_proof]
    whole = of_document if isinstance(of_document, list) else [of_document]
    if whole[: len(first)] != first:
        raise SignatureError("the proof's context is not that of the document")
