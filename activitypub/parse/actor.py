"""Actor documents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from activitypub.parse.errors import ParseError
from activitypub.parse.interaction import read_approval
from activitypub.parse.media import page_url, read_image
from activitypub.parse.reading import (
    MAX_NAME,
    MAX_SUMMARY,
    document_id,
    flag,
    members,
    natural_text,
    objects,
    reference,
    references,
    text,
    time,
    type_among,
    types_of,
)
from activitypub.parse.tags import read_tags
from activitypub.parse.urls import absolute_url, origin_host, url_or_none
from activitypub.types import Actor, Approval, Multikey, ProfileField, PublicKey
from activitypub.vocabulary import (
    ACTIVITY_TYPES,
    ACTOR_TYPES,
    COLLECTION_PAGE_TYPES,
    COLLECTION_TYPES,
    MULTIKEY,
    NOTE_TYPES,
    PUBLIC,
)

MAX_KEYS = 10
MAX_FIELDS = 50
MAX_ALIASES = 256
MAX_SITES = 100
MAX_PEM = 10_000
MAX_MULTIBASE = 6_000

UNKNOWN_KIND = "Service"
_USERNAME = re.compile(r"[^\s\x00-\x1f\x7f@/\\<>\"'?#&%]{1,128}")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by name, but without ink."""
_HANDLE = re.compile(r"(?:acct:)?@?([^\s@/]{1,128}@[^\s@/]{1,253})")
_SITE = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9-]{2,63}(?::[0-9]{1,5})?")
_BASE58_MULTIBASE = re.compile(r"z[1-9A-HJ-NP-Za-km-z]+")


def parse_actor(document: Mapping[str, Any]) -> Actor:
    """Read an actor. Raises ParseError.

    Refused: no http(s) ``id`` or ``inbox``, no usable ``preferredUsername``, a type that is no actor's, and a key that names
    another owner or stands on another host than the actor. What has an inbox and an outbox is an actor whatever it calls
    itself (FEP-2277); of a kind unknown here it counts as a Service.
    """
    kind = type_among(document, ACTOR_TYPES) or (UNKNOWN_KIND if looks_like_actor(document) else None)
    if kind is None:
        raise ParseError("type", "not an actor")
    actor_id = document_id(document)
    endpoints = document.get("endpoints")
    followers = reference(document.get("followers"))
    return Actor(
        id=actor_id,
        type=kind,
        username=_username(document, kind, actor_id),
        inbox=_inbox(document),
        outbox=reference(document.get("outbox")),
        followers=followers if followers != PUBLIC else None,
        following=reference(document.get("following")),
        featured=reference(document.get("featured")),
        featured_tags=reference(document.get("featuredTags")),
        featured_collections=reference(document.get("featuredCollections")),
        can_feature=_can_feature(document.get("interactionPolicy")),
        shared_inbox=_shared_inbox(document, endpoints if isinstance(endpoints, Mapping) else {}),
        url=page_url(document.get("url")),
        name=natural_text(document, "name", MAX_NAME),
        summary=natural_text(document, "summary", MAX_SUMMARY),
        icon=read_image(document.get("icon")),
        image=read_image(document.get("image")),
        manually_approves_followers=flag(document.get("manuallyApprovesFollowers")),
        discoverable=flag(document.get("discoverable")),
        indexable=flag(document.get("indexable")),
        memorial=flag(document.get("memorial")),
        attribution_domains=_sites(document.get("attributionDomains")),
        suspended=flag(document.get("suspended")),
        published=time(document.get("published")),
        updated=time(document.get("updated")),
        public_keys=_public_keys(document, actor_id),
        public_key_ids=tuple(
            url for key in members(document.get("publicKey"), MAX_KEYS) if (url := url_or_none(key)) is not None
        ),
        assertion_methods=_assertion_methods(document, actor_id),
        fields=_fields(document),
        emojis=read_tags(document.get("tag")).emojis,
        also_known_as=references(document.get("alsoKnownAs"), MAX_ALIASES),
        moved_to=reference(document.get("movedTo")),
        webfinger=_handle(document.get("webfinger")),
        hides_public_from_anonymous=flag(document.get("hidesToPublicFromUnauthedWeb")),
        hides_unlisted_from_anonymous=flag(document.get("hidesCcPublicFromUnauthedWeb")),
    )


def looks_like_actor(document: Mapping[str, Any]) -> bool:
    """Whether a document of a kind unknown here has what only actors have."""
    is_known = type_among(
        document, NOTE_TYPES | ACTIVITY_TYPES | COLLECTION_TYPES | COLLECTION_PAGE_TYPES | {"Tombstone"}
    )
    names = types_of(document)
    return bool(names) and is_known is None and {"inbox", "outbox", "preferredUsername"} <= document.keys()


def parse_public_key(document: Mapping[str, Any]) -> PublicKey:
    """Read a key from what its id answers: a bare key document, or an actor (or stub of one) holding a single key.

    Raises ParseError when owner and key are on different hosts. That the document's id is the URL asked for, and that the
    owner lists the key, is the caller's to check (federation rules 1 and 3).
    """
    inner = document.get("publicKey")
    if inner is None:
        return _public_key(document, "")
    embedded = list(objects(inner, 2))
    if len(embedded) != 1:
        raise ParseError("publicKey", "not exactly one key")
    key = _public_key(embedded[0], "publicKey.")
    if key.owner != document_id(document):
        raise ParseError("publicKey.owner", "not the document it stands in")
    return key


def _can_feature(policy: object) -> Approval | None:
    return read_approval(policy.get("canFeature")) if isinstance(policy, Mapping) else None


def _username(document: Mapping[str, Any], kind: str, actor_id: str) -> str:
    name = text(document.get("preferredUsername"), 200)
    if name is None and kind == "Application":
        # Lemmy's and some relays' instance actors go by their host.
        return origin_host(actor_id).partition(":")[0]
    if name is None:
        raise ParseError("preferredUsername", "missing")
    if not _USERNAME.fullmatch(name) or any(map(_is_unseen, name)):
        raise ParseError("preferredUsername", "has characters a handle cannot have")
    return name


def _is_unseen(character: str) -> bool:
    """Whether a character shows nothing, or turns the others around: with it two handles look like one."""
    return not character.isascii() and (unicodedata.category(character) in _UNSEEN or character in _BLANK)


def _inbox(document: Mapping[str, Any]) -> str:
    inbox = document.get("inbox")
    return absolute_url(inbox.get("id") if isinstance(inbox, Mapping) else inbox, "inbox")


def _shared_inbox(document: Mapping[str, Any], endpoints: Mapping[str, Any]) -> str | None:
    return url_or_none(endpoints.get("sharedInbox")) or url_or_none(document.get("sharedInbox"))


def _sites(value: object) -> tuple[str, ...]:
    """Domains, each once; that they know of it is for the caller to ask."""
    found = (text(member, 253) for member in members(value, MAX_SITES))
    return tuple(dict.fromkeys(site.lower() for site in found if site is not None and _SITE.fullmatch(site)))


def _handle(value: object) -> str | None:
    match = _HANDLE.fullmatch(value) if isinstance(value, str) else None
    return match.group(1) if match else None


def _public_keys(document: Mapping[str, Any], actor_id: str) -> tuple[PublicKey, ...]:
    keys: dict[str, PublicKey] = {}
    for member in objects(document.get("publicKey"), MAX_KEYS):
        key = _public_key(member, "publicKey.")
        if key.owner != actor_id:
            raise ParseError("publicKey.owner", "not the actor itself")
        keys[key.id] = key
    return tuple(keys.values())


def _public_key(document: Mapping[str, Any], path: str) -> PublicKey:
    key_id = absolute_url(document.get("id"), f"{path}id")
    owner = absolute_url(document.get("owner", document.get("controller")), f"{path}owner")
    pem = text(document.get("publicKeyPem"), MAX_PEM)
    if pem is None:
        raise ParseError(f"{path}publicKeyPem", "missing")
    if origin_host(key_id) != origin_host(owner):
        raise ParseError(f"{path}id", "on another host than its owner")
    return PublicKey(key_id, owner, pem)


def _assertion_methods(document: Mapping[str, Any], actor_id: str) -> tuple[Multikey, ...]:
    """Multikeys of this actor (FEP-521a); others are skipped, since they may belong to schemes unknown here."""
    keys: dict[str, Multikey] = {}
    for member in objects(document.get("assertionMethod"), MAX_KEYS):
        key_id = url_or_none(member.get("id"))
        encoded = member.get("publicKeyMultibase")
        if (
            key_id is not None
            and type_among(member, (MULTIKEY,))
            and url_or_none(member.get("controller")) == actor_id
            and origin_host(key_id) == origin_host(actor_id)
            and isinstance(encoded, str)
            and len(encoded) <= MAX_MULTIBASE
            and _BASE58_MULTIBASE.fullmatch(encoded)
        ):
            keys[key_id] = Multikey(key_id, actor_id, encoded)
    return tuple(keys.values())


def _fields(document: Mapping[str, Any]) -> tuple[ProfileField, ...]:
    """Rows of the profile (FEP-fb2a): PropertyValue, and Note or Link as its newer forms."""
    rows = (_field(member) for member in objects(document.get("attachment"), MAX_FIELDS))
    return tuple(row for row in rows if row is not None)


def _field(document: Mapping[str, Any]) -> ProfileField | None:
    name = text(document.get("name"), MAX_NAME)
    match type_among(document, ("PropertyValue", "Note", "Link")):
        case "PropertyValue":
            value = text(document.get("value"), MAX_NAME)
        case "Note":
            value = natural_text(document, "content", MAX_NAME)
        case "Link":
            value = url_or_none(document.get("href"))
        case _:
            return None
    return ProfileField(name, value or "") if name else None
