"""Collections of accounts (FEP-7aa9) and the consents to stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.featuring import FeatureAuthorization, FeaturedCollection, FeaturedItem
from activitypub.parse.errors import ParseError
from activitypub.parse.media import page_url
from activitypub.parse.reading import (
    MAX_NAME,
    MAX_SUMMARY,
    document_id,
    first_object,
    flag,
    members,
    natural_text,
    reference,
    required_reference,
    time,
    type_among,
)
from activitypub.parse.tags import read_hashtag
from activitypub.parse.urls import origin_host, url_or_none

MAX_FEATURED = 150


def parse_featured_collection(document: Mapping[str, Any]) -> FeaturedCollection:
    """Read a collection, at most 150 items. Raises ParseError, also when its owner is on another host than it is."""
    if type_among(document, ("FeaturedCollection",)) is None:
        raise ParseError("type", "not a FeaturedCollection")
    collection_id = document_id(document)
    owner = required_reference(document, "attributedTo")
    if origin_host(owner) != origin_host(collection_id):
        raise ParseError("attributedTo", "on another host than the id")
    topic = first_object(document.get("topic"))
    hashtag = None if topic is None else read_hashtag(topic)
    read = (_item(member) for member in members(document.get("orderedItems", document.get("items")), MAX_FEATURED))
    return FeaturedCollection(
        id=collection_id,
        attributed_to=owner,
        name=natural_text(document, "name", MAX_NAME) or "",
        summary=natural_text(document, "summary", MAX_SUMMARY),
        language=_language(document),
        url=page_url(document.get("url")),
        sensitive=flag(document.get("sensitive")),
        discoverable=flag(document.get("discoverable")),
        topic=None if hashtag is None else hashtag.name,
        items=tuple(item for item in read if item is not None),
        published=time(document.get("published")),
        updated=time(document.get("updated")),
    )


def parse_feature_authorization(document: Mapping[str, Any]) -> FeatureAuthorization:
    """Read a consent. Raises ParseError, also when the account that consents is on another host."""
    if type_among(document, ("FeatureAuthorization",)) is None:
        raise ParseError("type", "not a FeatureAuthorization")
    consent = FeatureAuthorization(
        document_id(document),
        required_reference(document, "interactingObject"),
        required_reference(document, "interactionTarget"),
    )
    if origin_host(consent.interaction_target) != origin_host(consent.id):
        raise ParseError("interactionTarget", "on another host than the id")
    return consent


def _item(member: object) -> FeaturedItem | None:
    """Items that are only named are left out: nobody serves them but in their collection."""
    if not isinstance(member, Mapping):
        return None
    account = reference(member.get("featuredObject"))
    if account is None:
        return None
    return FeaturedItem(account, url_or_none(member.get("id")), reference(member.get("featureAuthorization")))


def _language(document: Mapping[str, Any]) -> str | None:
    translations = document.get("summaryMap")
    named = next(iter(translations), None) if isinstance(translations, Mapping) else None
    return named if isinstance(named, str) and len(named) <= 35 else None
