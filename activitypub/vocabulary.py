"""Names of the protocol: media types, the public collection, kinds of actors, objects and activities."""

from __future__ import annotations

from typing import Final

ACTIVITYSTREAMS: Final = "https://www.w3.org/ns/activitystreams"
SECURITY: Final = "https://w3id.org/security/v1"

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_FORMS: Final = frozenset({PUBLIC, "as:Public", "Public"})

ACTIVITY_JSON: Final = "application/activity+json"
LD_JSON: Final = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
ACTIVITY_MEDIA_TYPES: Final = frozenset(
    {ACTIVITY_JSON, LD_JSON, LD_JSON.replace("; ", ";"), f'application/ld+json; profile="{ACTIVITYSTREAMS}#"'}
)
JRD_JSON: Final = "application/jrd+json"
XRD_XML: Final = "application/xrd+xml"

ACTOR_TYPES: Final = frozenset({"Person", "Service", "Application", "Group", "Organization"})

NOTE_TYPES: Final = frozenset({"Note", "Article", "Page", "Question", "Image", "Video", "Audio", "Event"})
"""Objects that become a post, or the card of one."""

COLLECTION_TYPES: Final = frozenset({"Collection", "OrderedCollection"})
INVERSES: Final = ("repliesOf", "likesOf", "sharesOf", "outboxOf", "inboxOf", "followersOf", "followingOf", "likedOf")
"""How a collection says whose it is (FEP-5711)."""
COLLECTION_PAGE_TYPES: Final = frozenset({"CollectionPage", "OrderedCollectionPage"})

ACTIVITIES_WITHOUT_ID: Final = frozenset({"Accept", "Add", "Delete", "Reject", "Remove", "Undo"})
"""Activities some peers send without an id (Mastodon's pins, older GoToSocial's Delete, Loops' Undo).

Doing them twice changes nothing; they are told apart by actor, type and object.
"""

MULTIKEY: Final = "Multikey"

MISSKEY_QUOTE: Final = "https://misskey-hub.net/ns#_misskey_quote"

ACTIVITY_TYPES: Final = frozenset(
    {
        "Accept",
        "Add",
        "Announce",
        "Arrive",
        "Block",
        "Create",
        "Delete",
        "Dislike",
        "EmojiReact",
        "FeatureRequest",
        "Flag",
        "Follow",
        "Ignore",
        "Invite",
        "Join",
        "Leave",
        "Like",
        "Listen",
        "Move",
        "Offer",
        "QuoteRequest",
        "Read",
        "Reject",
        "Remove",
        "Story:Reaction",
        "Story:Reply",
        "TentativeAccept",
        "TentativeReject",
        "Travel",
        "Undo",
        "Update",
        "View",
    }
)

ACTIVITIES_WITHOUT_OBJECT: Final = frozenset({"Arrive", "Travel", "Story:Reply", "Story:Reaction"})
"""Intransitive activities, and Pixelfed's answers to stories, which have ``inReplyTo`` instead."""
