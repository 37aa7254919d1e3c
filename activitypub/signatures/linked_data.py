"""Linked data signatures as Mastodon makes them: ``RsaSignature2017``.

They sign a graph, not a text: many JSON documents have the same graph, and an attacker may pick another one than the
author wrote. Hence the three rules here: shapes that rearrange a graph are refused, what the signature does not reach
is removed, and the caller gets the rest rewritten with our own terms.
"""

from __future__ import annotations

import copy
import hashlib
import re
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from activitypub.jsonld import JsonLdError, canonical_nquads, canonical_nquads_of, check_bounds, compact, expand
from activitypub.signatures.algorithms import RSA_V1_5_SHA256, check, sign
from activitypub.signatures.encodings import decode_base64, encode_base64
from activitypub.signatures.errors import SignatureError, UnusableKey
from activitypub.signatures.keys import SigningKey, VerificationKey

Document: TypeAlias = dict[str, Any]

_TYPE: Final = "RsaSignature2017"
_IDENTITY: Final = "https://w3id.org/identity/v1"
_OUTSIDE_OPTIONS: Final = frozenset({"type", "id", "signatureValue", "@context"})

_RESHAPING: Final = frozenset({"@graph", "@included", "@reverse", "@nest", "@import", "@propagate"})
"""Keywords by which the same graph can be written with another node on top or another nesting."""

_ABSOLUTE_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

READING_CONTEXT: Final[list[str | Document]] = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {
        "toot": "http://joinmastodon.org/ns#",
        "schema": "http://schema.org#",
        "ostatus": "http://ostatus.org#",
        "misskey": "https://misskey-hub.net/ns#",
        "fedibird": "http://fedibird.com/ns#",
        "litepub": "http://litepub.social/ns#",
        "pixelfed": "http://pixelfed.org/ns#",
        "gts": "https://gotosocial.org/ns#",
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "atomUri": "ostatus:atomUri",
        "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
        "conversation": "ostatus:conversation",
        "Emoji": "toot:Emoji",
        "EmojiReact": "litepub:EmojiReact",
        "blurhash": "toot:blurhash",
        "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
        "votersCount": "toot:votersCount",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "memorial": "toot:memorial",
        "suspended": "toot:suspended",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "country": "schema:addressCountry",
        "commentsEnabled": {"@id": "pixelfed:commentsEnabled", "@type": "schema:Boolean"},
        "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
        "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
        "quoteUrl": "as:quoteUrl",
        "quoteUri": "fedibird:quoteUri",
        "_misskey_quote": "misskey:_misskey_quote",
        "_misskey_content": "misskey:_misskey_content",
        "_misskey_reaction": "misskey:_misskey_reaction",
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
        "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
    },
]
"""The terms a verified document is rewritten with. Fixed: a peer's own definitions never reach the parser."""


def signature_key_id(document: Document) -> str | None:
    """The ``creator`` of the document's ``RsaSignature2017``; ``None`` when it has none. Nothing is verified."""
    signature = document.get("signature")
    if not isinstance(signature, dict) or signature.get("type") != _TYPE:
        return None
    creator = signature.get("creator")
    return creator if isinstance(creator, str) else None


def signature_made_at(document: Document) -> datetime | None:
    """When the signature of `signature_key_id` says it was made; ``None`` when it does not. Nothing is verified."""
    signature = document.get("signature")
    created = signature.get("created") if isinstance(signature, dict) else None
    if not isinstance(created, str) or len(created) > 40:
        return None
    try:
        made_at = datetime.fromisoformat(created)
    except ValueError:
        return None
    return made_at if made_at.tzinfo is not None else made_at.replace(tzinfo=UTC)


def verify_linked_data(document: Document, key: VerificationKey) -> Document:
    """The signed part of the document in `READING_CONTEXT`: use it instead of what came in.

    Raises `SignatureError` when the signature is not by ``key``, when the document uses a keyword that rearranges a
    graph, refers to a context that is not bundled, has not exactly one node on top, or is too large or poisonous. Then
    the object is to be fetched from its origin. Old signatures verify: they are forwarded long after. Takes
    milliseconds, call it in a thread. That the key is the actor's own is the caller's question.
    """
    signature = document.get("signature")
    if not isinstance(signature, dict) or signature.get("type") != _TYPE:
        raise SignatureError("the document has no linked data signature")
    if signature.get("creator") != key.key_id:
        raise SignatureError("the linked data signature was made with another key")
    value = signature.get("signatureValue")
    if not isinstance(value, str):
        raise SignatureError("the linked data signature has no value")
    try:
        _check_shape(document)
        expanded = expand(_without_signature(document))
        node = _signed_node(expanded)
        check(key.public, RSA_V1_5_SHA256, decode_base64(value), _signed_text(expanded, signature))
        return compact([node], copy.deepcopy(READING_CONTEXT))
    except JsonLdError as error:
        raise SignatureError(str(error)) from error


def sign_linked_data(document: Document, key: SigningKey, now: datetime) -> Document:
    """A copy of the document with an ``RsaSignature2017`` made at ``now``.

    For public activities only: a signature that anybody can show takes away deniability. Raises `UnusableKey` for a
    key that is not RSA, `SignatureError` for a document that refers to contexts that are not bundled.
    """
    if not isinstance(key.private, RSAPrivateKey):
        raise UnusableKey("linked data signatures need an RSA key")
    options = {"creator": key.key_id, "created": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    unsigned = _without_signature(document)
    try:
        value = encode_base64(sign(key.private, _signed_text(expand(unsigned), options)))
    except JsonLdError as error:
        raise SignatureError(str(error)) from error
    return {**unsigned, "signature": {"type": _TYPE, **options, "signatureValue": value}}


def _without_signature(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "signature"}


def _signed_text(expanded: list[Document], signature: Document) -> bytes:
    """Two hexadecimal SHA-256 hashes, of the signature's options and of the document, as ASCII."""
    options = {name: value for name, value in signature.items() if name not in _OUTSIDE_OPTIONS}
    texts = canonical_nquads({**options, "@context": _IDENTITY}), canonical_nquads_of(expanded)
    return "".join(hashlib.sha256(text.encode("utf-8")).hexdigest() for text in texts).encode("ascii")


def _check_shape(document: Document) -> None:
    """Raises `JsonLdError` if a reshaping keyword is used, or given another name by a context, anywhere.

    Contexts inside term definitions, which nobody sends and which are slow to process, are refused as well.
    """
    check_bounds(document)
    pending: list[tuple[Any, bool]] = [(document, False)]
    while pending:
        value, in_context = pending.pop()
        if isinstance(value, dict):
            if not _RESHAPING.isdisjoint(value):
                raise JsonLdError("the document uses a keyword that rearranges it")
            if in_context and "@context" in value:
                raise JsonLdError("the document defines contexts within contexts")
            pending.extend((child, in_context or name == "@context") for name, child in value.items())
        elif isinstance(value, list):
            pending.extend((child, in_context) for child in value)
        elif in_context and isinstance(value, str) and value in _RESHAPING:
            raise JsonLdError("the document uses a keyword that rearranges it")


def _signed_node(expanded: list[Document]) -> Document:
    node = _signed_part(expanded[0]) if len(expanded) == 1 else None
    if node is None or "@value" in node or "@list" in node:
        raise JsonLdError("the document is not one object")
    return node


def _signed_part(node: Document) -> Document | None:
    """An expanded node without what has no place in the graph and so is not covered by the signature.

    Undefined terms (``_:term``), relative ids and types, indexes, text directions and the names of blank nodes vanish
    when JSON-LD becomes a graph, but would survive compaction: anybody could have added them.
    """
    if "@value" in node:
        language = node.get("@language")
        if language is not None and _LANGUAGE.fullmatch(language) is None:
            return None
        return {name: node[name] for name in ("@value", "@type", "@language") if name in node}
    if "@list" in node:
        return {"@list": _signed_parts(node["@list"])}
    if "@graph" in node:
        return None
    signed: Document = {}
    identifier = node.get("@id")
    if identifier is not None and not identifier.startswith("_:"):
        if _ABSOLUTE_IRI.fullmatch(identifier) is None:
            return None
        signed["@id"] = identifier
    types = [name for name in node.get("@type", []) if _ABSOLUTE_IRI.fullmatch(name)]
    if types:
        signed["@type"] = types
    for name, values in node.items():
        if _ABSOLUTE_IRI.fullmatch(name):
            parts = _signed_parts(values)
            if parts:
                signed[name] = parts
    return signed


def _signed_parts(values: list[Document]) -> list[Document]:
    parts = (_signed_part(value) for value in values)
    return [part for part in parts if part is not None]
