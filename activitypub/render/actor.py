"""Actor documents."""

from __future__ import annotations

from typing import Any

from activitypub.render.contexts import ACTOR_CONTEXT
from activitypub.render.interaction import approval_document
from activitypub.render.writing import emoji_documents, image_document, timestamp, without_nothing
from activitypub.types import Actor, Document, Multikey, PublicKey


def render_actor(actor: Actor) -> Document:
    """The actor's document, with ``@context``.

    ``name``, ``summary`` and ``manuallyApprovesFollowers`` always stand in it: Pixelfed drops an ``Update`` without them.
    For its sake an ``icon`` should be a JPEG or PNG and say so, and ``url`` be given.
    """
    return {"@context": ACTOR_CONTEXT, **actor_object(actor)}


def actor_object(actor: Actor) -> Document:
    """`render_actor` without ``@context``, to be embedded."""
    return without_nothing(
        {
            "id": actor.id,
            "type": actor.type,
            "preferredUsername": actor.username,
            "name": actor.name or "",
            "summary": actor.summary or "",
            "url": actor.url,
            "inbox": actor.inbox,
            "outbox": actor.outbox,
            "followers": actor.followers,
            "following": actor.following,
            "featured": actor.featured,
            "featuredTags": actor.featured_tags,
            "featuredCollections": actor.featured_collections,
            "streams": list(actor.streams) or None,
            "interactionPolicy": None
            if actor.can_feature is None
            else {"canFeature": approval_document(actor.can_feature)},
            "endpoints": _endpoints(actor),
            "manuallyApprovesFollowers": actor.manually_approves_followers,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "memorial": actor.memorial,
            "attributionDomains": list(actor.attribution_domains),
            "suspended": actor.suspended or None,
            "published": timestamp(actor.published),
            "updated": timestamp(actor.updated),
            "webfinger": actor.webfinger,
            "icon": image_document(actor.icon),
            "image": image_document(actor.image),
            "attachment": [
                {"type": "PropertyValue", "name": field.name, "value": field.value} for field in actor.fields
            ],
            "tag": emoji_documents(actor.emojis),
            "alsoKnownAs": list(actor.also_known_as),
            "movedTo": actor.moved_to,
            "publicKey": _public_keys(actor),
            "assertionMethod": [_multikey(key) for key in actor.assertion_methods] or None,
            "generator": _generator(actor.implements),
            "hidesToPublicFromUnauthedWeb": actor.hides_public_from_anonymous or None,
            "hidesCcPublicFromUnauthedWeb": actor.hides_unlisted_from_anonymous or None,
        }
    )


def render_key_owner(actor: Actor) -> Document:
    """As little of an actor as it takes to check its signatures: what who must not read the rest still gets."""
    whole = actor_object(actor)
    shown = ("id", "type", "preferredUsername", "publicKey", "assertionMethod", "generator")
    return {"@context": ACTOR_CONTEXT, **{name: whole[name] for name in shown if name in whole}}


def _endpoints(actor: Actor) -> Document | None:
    shared = {"sharedInbox": actor.shared_inbox} if actor.shared_inbox else {}
    return {**shared, **dict(actor.endpoints)} or None


def _generator(implements: tuple[str, ...]) -> Document | None:
    """The server behind the actor and what it can do (FEP-844e)."""
    if not implements:
        return None
    return {"type": "Application", "implements": [{"href": address} for address in implements]}


def _public_keys(actor: Actor) -> Any:
    """A single key stands alone, not in an array: most peers read nothing else."""
    keys: list[Any] = [*map(public_key_object, actor.public_keys), *actor.public_key_ids]
    return keys[0] if len(keys) == 1 else keys or None


def public_key_object(key: PublicKey) -> Document:
    """The ``publicKey`` of an actor."""
    return {"id": key.id, "owner": key.owner, "publicKeyPem": key.pem}


def _multikey(key: Multikey) -> Document:
    return {
        "id": key.id,
        "type": "Multikey",
        "controller": key.controller,
        "publicKeyMultibase": key.public_key_multibase,
    }
