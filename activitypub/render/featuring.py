"""Collections of accounts (FEP-7aa9), and what is said about them."""

from __future__ import annotations

from activitypub.featuring import FeatureAuthorization, FeaturedCollection, FeaturedItem
from activitypub.render.contexts import FEATURED_CONTEXT
from activitypub.render.writing import hashtag_document, timestamp, without_nothing
from activitypub.types import Document, Hashtag


def render_featured_collection(collection: FeaturedCollection) -> Document:
    """The collection's document: what its id answers."""
    return {"@context": FEATURED_CONTEXT, **featured_collection_object(collection)}


def featured_collection_object(collection: FeaturedCollection) -> Document:
    """`render_featured_collection` without ``@context``, to be embedded."""
    topic = collection.topic
    summary = {collection.language: collection.summary} if collection.language and collection.summary else None
    return without_nothing(
        {
            "id": collection.id,
            "type": "FeaturedCollection",
            "attributedTo": collection.attributed_to,
            "name": collection.name,
            "summary": collection.summary if summary is None else None,
            "summaryMap": summary,
            "url": collection.url,
            "sensitive": collection.sensitive,
            "discoverable": collection.discoverable,
            "topic": None if topic is None else hashtag_document(Hashtag(topic)),
            "published": timestamp(collection.published),
            "updated": timestamp(collection.updated),
            "totalItems": len(collection.items),
            "orderedItems": [_item(item) for item in collection.items],
        }
    )


def render_feature_authorization(consent: FeatureAuthorization) -> Document:
    """A consent's document: what its id answers."""
    return {"@context": FEATURED_CONTEXT, **feature_authorization_object(consent)}


def feature_authorization_object(consent: FeatureAuthorization) -> Document:
    """`render_feature_authorization` without ``@context``, to be embedded."""
    return {
        "id": consent.id,
        "type": "FeatureAuthorization",
        "interactingObject": consent.interacting_object,
        "interactionTarget": consent.interaction_target,
    }


def _item(item: FeaturedItem) -> Document:
    return without_nothing(
        {
            "id": item.id,
            "type": "FeaturedItem",
            "featuredObject": item.account,
            "featuredObjectType": "Person",
            "featureAuthorization": item.authorization,
        }
    )
