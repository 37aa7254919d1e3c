"""Signatures over requests and documents.

Requests: `SignedRequest` is what came in, `key_ids_of` says whose key it claims, `verify_request` checks it;
`sign_post`, `sign_get` (draft-cavage) and `sign_message` (RFC 9421) make the headers we send. Documents:
`activitypub.signatures.linked_data` and `activitypub.signatures.integrity_proofs`, imported when needed.

Everything here is pure and blocking: no network, no database. A refusal is always a `SignatureError`.
"""

from __future__ import annotations

from activitypub.signatures.accept_signature import WantedSignature, read_accept_signature
from activitypub.signatures.cavage import sign_get, sign_post, unsigned_post
from activitypub.signatures.digests import body_digest, content_digest
from activitypub.signatures.errors import SignatureError, SignatureMismatch, UnusableKey
from activitypub.signatures.key_ids import check_key_id, check_key_of_actor
from activitypub.signatures.keys import (
    SigningKey,
    VerificationKey,
    encode_multikey,
    generate_ed25519_key,
    generate_rsa_key,
    multikey_of_pem,
    multikey_pem,
    public_pem,
)
from activitypub.signatures.message_signatures import sign_message, unsigned_message
from activitypub.signatures.request import SignedRequest
from activitypub.signatures.verify import covers, key_ids_of, verify_request

__all__ = [
    "SignatureError",
    "SignatureMismatch",
    "SignedRequest",
    "SigningKey",
    "UnusableKey",
    "VerificationKey",
    "WantedSignature",
    "body_digest",
    "check_key_id",
    "check_key_of_actor",
    "content_digest",
    "covers",
    "encode_multikey",
    "generate_ed25519_key",
    "generate_rsa_key",
    "key_ids_of",
    "multikey_of_pem",
    "multikey_pem",
    "public_pem",
    "read_accept_signature",
    "sign_get",
    "sign_message",
    "sign_post",
    "unsigned_message",
    "unsigned_post",
    "verify_request",
]
