"""Signatures inside what we send to everybody, so that others can pass it on: relays, forwarders of replies.

An integrity proof (FEP-8b32) first, then the linked data signature that Mastodon and its relatives check. Only public
activities get any: a signature that anybody can show takes deniability away from what was meant for a few.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from activitypub.signatures import SignatureError, SigningKey
from activitypub.types import Document
from activitypub.vocabulary import PUBLIC
from node import clock
from node.models.accounts import Account
from node.services import own_keys

log = structlog.get_logger()

ATTESTED: Final = frozenset({"Create", "Update", "Delete", "Announce"})
PROOF_CONTEXT: Final = "https://w3id.org/security/data-integrity/v1"


async def attested(document: Document, account_id: int) -> Document:
    """The document with the account's proof and signature in it, or as it is when it is not for everybody."""
    if document.get("type") not in ATTESTED or not _is_public(document):
        return document
    account = await Account.get_or_none(id=account_id)
    signing = await own_keys.signing_key(account_id)
    proving = await own_keys.proof_key(account) if account is not None and signing is not None else None
    if signing is None or proving is None:
        return document
    keys = (
        SigningKey.from_pem(proving.key_id, proving.private_pem),
        SigningKey.from_pem(signing.key_id, signing.private_pem),
    )
    try:
        return await asyncio.to_thread(_sign, document, *keys)
    except SignatureError as error:
        log.warning("activity_not_attested", id=document.get("id"), reason=error.reason)
        return document


def _sign(document: Document, proving: SigningKey, signing: SigningKey) -> Document:
    from activitypub.signatures.integrity_proofs import add_proof
    from activitypub.signatures.linked_data import sign_linked_data

    now = clock.now()
    context = document.get("@context")
    contexts = context if isinstance(context, list) else [context]
    proven = add_proof({**document, "@context": [contexts[0], PROOF_CONTEXT, *contexts[1:]]}, proving, now)
    return sign_linked_data(proven, signing, now)


def _is_public(document: Document) -> bool:
    return any(PUBLIC in document.get(field, ()) for field in ("to", "cc"))
