"""Our own accounts as actors, read with a fixed number of statements."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from activitypub.signatures import multikey_of_pem
from activitypub.types import Actor, Approval, Image, Multikey, ProfileField, PublicKey
from activitypub.vocabulary import PUBLIC
from federation.outbound.emojis import used_emojis
from media.storage import media_type_of
from node import urls
from node.models.accounts import ASSERTION, AUTHENTICATION, Account, ActorKey

IMPLEMENTED: Final = ("https://datatracker.ietf.org/doc/html/rfc9421",)
"""What our actors say that their server can do (FEP-844e)."""


async def local_actor(account: Account) -> Actor:
    """One of our accounts as an actor; the instance actor too. Two statements at most, for its keys and emojis.

    Of a suspended one nothing is shown but that it is.
    """
    is_instance = account.uri == urls.instance_actor()
    keys = await ActorKey.filter(account_id=account.id, purpose__in=(AUTHENTICATION, ASSERTION))
    actor = Actor(
        id=account.uri,
        type=account.actor_type,
        username=account.username,
        inbox=urls.inbox(account.uri),
        outbox=f"{account.uri}/outbox",
        followers=None if is_instance else urls.followers(account.uri),
        following=None if is_instance else f"{account.uri}/following",
        featured=None if is_instance else f"{account.uri}/featured",
        featured_tags=None if is_instance else f"{account.uri}/featured_tags",
        featured_collections=None if is_instance else f"{account.uri}/collections",
        streams=() if is_instance else (urls.albums(account.uri),),
        shared_inbox=urls.shared_inbox(),
        url=account.url or urls.profile(account.username),
        name=account.username,
        manually_approves_followers=account.is_private,
        published=account.created_at.replace(microsecond=0),
        public_keys=tuple(
            PublicKey(key.key_id, account.uri, key.public_pem) for key in keys if key.purpose == AUTHENTICATION
        ),
        assertion_methods=tuple(
            Multikey(key.key_id, account.uri, multikey_of_pem(key.public_pem))
            for key in keys
            if key.purpose == ASSERTION
        ),
        implements=IMPLEMENTED,
        endpoints=() if is_instance else urls.client_endpoints(),
        webfinger=urls.handle(account.username),
    )
    if account.suspended_at is not None:
        return replace(actor, suspended=True, discoverable=False, indexable=False)
    return replace(
        actor,
        name=account.display_name or account.username,
        summary=account.note,
        icon=_picture(account.avatar_key, account.avatar_description),
        image=_picture(account.header_key, account.header_description),
        discoverable=account.discoverable,
        indexable=account.indexable,
        can_feature=None if is_instance else _can_feature(account),
        emojis=await used_emojis(
            "\n".join((account.display_name, account.note, *(field["value"] for field in account.fields_)))
        ),
        fields=tuple(ProfileField(field["name"], field["value"]) for field in account.fields_),
        also_known_as=tuple(account.also_known_as),
        moved_to=account.moved_to_uri,
        memorial=account.memorial,
        attribution_domains=tuple(account.attribution_domains),
    )


def _can_feature(account: Account) -> Approval:
    """Who may put the account into a collection of theirs (`services.account_collections.may_feature`)."""
    if not account.discoverable:
        return Approval((account.uri,))
    return Approval((urls.followers(account.uri) if account.is_private else PUBLIC,))


def _picture(key: str | None, description: str) -> Image | None:
    if key is None:
        return None
    return Image(urls.media(key), media_type_of(key), description or None)
