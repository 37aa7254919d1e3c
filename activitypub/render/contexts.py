"""The ``@context`` of each kind of document: ActivityStreams, security, and one inline map of the terms we use.

No other remote context is named, so that peers which expand JSON-LD need nothing but what they bundle.
"""

from __future__ import annotations

from typing import Any, Final

from activitypub.vocabulary import ACTIVITYSTREAMS, INVERSES, SECURITY

_TERMS: Final[dict[str, Any]] = {
    "toot": "http://joinmastodon.org/ns#",
    "schema": "http://schema.org#",
    "Emoji": "toot:Emoji",
    "sensitive": "as:sensitive",
    "blurhash": "toot:blurhash",
    "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
}

_NOTE_TERMS: Final[dict[str, Any]] = {
    **_TERMS,
    "Hashtag": "as:Hashtag",
    "votersCount": "toot:votersCount",
    "ostatus": "http://ostatus.org#",
    "conversation": "ostatus:conversation",
    "pixelfed": "http://pixelfed.org/ns#",
    "position": {"@id": "urn:heliograph:position", "@container": "@list"},
    "commentsEnabled": {"@id": "pixelfed:commentsEnabled", "@type": "schema:Boolean"},
    "country": "schema:addressCountry",
    "size": "https://joinpeertube.org/ns#size",
    "sec": "https://w3id.org/security#",
    "exifData": "schema:exifData",
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "digestMultibase": {"@id": "sec:digestMultibase", "@type": "sec:multibase"},
    "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
    "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
    "quoteUrl": "as:quoteUrl",
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "capabilities": "pixelfed:capabilities",
    "announce": "pixelfed:announce",
    "like": "pixelfed:like",
    "reply": "pixelfed:reply",
    "gts": "https://gotosocial.org/ns#",
    **{
        name: {"@id": f"gts:{name}", "@type": "@id"}
        for name in (
            *("interactionPolicy", "canQuote", "canReply", "canAnnounce", "canLike"),
            *("automaticApproval", "manualApproval"),
        )
    },
}

_QUOTE_TERMS: Final[dict[str, Any]] = {
    **_NOTE_TERMS,
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
    "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
}

_ACTOR_TERMS: Final[dict[str, Any]] = {
    **_TERMS,
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
    "movedTo": {"@id": "as:movedTo", "@type": "@id"},
    "featured": {"@id": "toot:featured", "@type": "@id"},
    "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
    "featuredCollections": {"@id": "toot:featuredCollections", "@type": "@id"},
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
    "canFeature": {"@id": "https://w3id.org/fep/7aa9#canFeature", "@type": "@id"},
    "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
    "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "memorial": "toot:memorial",
    "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
    "suspended": "toot:suspended",
    "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
    "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id", "@container": "@list"},
    "hidesToPublicFromUnauthedWeb": "gts:hidesToPublicFromUnauthedWeb",
    "hidesCcPublicFromUnauthedWeb": "gts:hidesCcPublicFromUnauthedWeb",
    "sec": "https://w3id.org/security#",
    "Multikey": "sec:Multikey",
    "assertionMethod": {"@id": "sec:assertionMethod", "@type": "@id", "@container": "@set"},
    "controller": {"@id": "sec:controller", "@type": "@id"},
    "publicKeyMultibase": {"@id": "sec:publicKeyMultibase", "@type": "sec:multibase"},
}

_FEATURED_TERMS: Final[dict[str, Any]] = {
    "toot": "http://joinmastodon.org/ns#",
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "discoverable": "toot:discoverable",
    "gts": "https://gotosocial.org/ns#",
    "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
    "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
    "featuredObjectType": "toot:featuredObjectType",
    **{
        name: f"https://w3id.org/fep/7aa9#{name}"
        for name in ("FeaturedCollection", "FeaturedItem", "FeatureRequest", "FeatureAuthorization")
    },
    **{
        name: {"@id": f"https://w3id.org/fep/7aa9#{name}", "@type": "@id"}
        for name in ("topic", "featuredObject", "featureAuthorization")
    },
}

PLAIN_CONTEXT: Final = ACTIVITYSTREAMS
INVERSE_CONTEXT: Final = [
    ACTIVITYSTREAMS,
    {name: {"@id": f"https://w3id.org/fep/5711#{name}", "@type": "@id"} for name in INVERSES},
]
NOTE_CONTEXT: Final = [ACTIVITYSTREAMS, _NOTE_TERMS]
QUOTE_CONTEXT: Final = [ACTIVITYSTREAMS, _QUOTE_TERMS]
"""For what is said about quotes; it covers an embedded post."""
FEATURED_CONTEXT: Final = [ACTIVITYSTREAMS, _FEATURED_TERMS]
ACTOR_CONTEXT: Final = [ACTIVITYSTREAMS, SECURITY, _ACTOR_TERMS]
