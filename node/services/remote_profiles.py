"""Remote accounts as their servers describe them. Used through `services.accounts`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from tortoise.expressions import F

from node import clock, db
from node.errors import Conflict, Forbidden
from node.models.accounts import ASSERTION, AUTHENTICATION, LOCAL, Account, ActorKey
from node.services import domains, emojis, newcomer_rules, profile_links
from node.text import clean, clean_line, sanitise

MAX_DISPLAY_NAME: Final = 255
MAX_FIELDS: Final = 20
MAX_ALIASES: Final = 50
MAX_KEYS: Final = 10


@dataclass(frozen=True, slots=True)
class RemoteProfile:
    """A remote actor, fetched from its origin and checked: handle confirmed, key ids its own.

    `domain` is the handle's, in lower-case ASCII. HTML (`note_html`, the values of `fields`) is not sanitised yet.
    `fields` are (name, HTML) pairs, `keys` and `proof_keys` (those that prove documents) (key id, PEM) pairs.
    """

    uri: str
    username: str
    domain: str
    inbox_url: str
    actor_type: str = "Person"
    url: str | None = None
    display_name: str = ""
    note_html: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    avatar_url: str | None = None
    header_url: str | None = None
    avatar_description: str = ""
    header_description: str = ""
    is_private: bool = False
    discoverable: bool = False
    indexable: bool = False
    shared_inbox_url: str | None = None
    outbox_url: str | None = None
    followers_url: str | None = None
    following_url: str | None = None
    featured_url: str | None = None
    featured_tags_url: str | None = None
    featured_collections_url: str | None = None
    also_known_as: tuple[str, ...] = ()
    moved_to_uri: str | None = None
    keys: tuple[tuple[str, str], ...] = ()
    proof_keys: tuple[tuple[str, str], ...] = ()
    created_at: datetime | None = None
    suspended: bool = False
    memorial: bool = False
    hides_public: bool = False
    hides_unlisted: bool = False
    attribution_domains: tuple[str, ...] = ()
    emojis: tuple[emojis.ReceivedEmoji, ...] = ()


async def receive_profile(profile: RemoteProfile) -> Account:
    """Take in, or bring up to date, a remote account. Found by `uri`; its number here never changes.

    `version` grows only when something changed. A suspension decided here is never lifted by the origin.

    Raises `Conflict` when the handle or a key id belongs to another uri (when that actor is gone, `receive_deletion`
    releases its handle), `Forbidden` when the domain is suspended or the uri is a local account's.
    """
    if profile.domain == LOCAL:
        raise Forbidden("a remote account needs a domain")
    rule = await domains.rule_for_account(profile.domain, profile.uri)
    if rule is not None and rule.severity == domains.SUSPEND:
        raise Forbidden("the domain is suspended", domain=profile.domain)
    silenced_at = rule.created_at if rule is not None and rule.severity == domains.SILENCE else None
    if rule is not None and rule.reject_media:
        profile = replace(profile, avatar_url=None, header_url=None, emojis=())
    profile = replace(profile, avatar_url=await _taken(profile.avatar_url), header_url=await _taken(profile.header_url))
    try:
        async with db.transaction():
            other_emojis = await emojis.receive(profile.domain, profile.emojis)
            known = await Account.get_or_none(uri=profile.uri)
            if known is None:
                silenced_at = silenced_at or await newcomer_rules.limited_since(profile.domain)
                account = await _insert(profile, silenced_at)
            else:
                account = await _update(known, profile, is_shown_differently=other_emojis)
            await _replace_keys(account, _listed_keys(profile))
    except db.IntegrityError:
        raise Conflict("the handle or a key belongs to another account", uri=profile.uri) from None
    return account


async def _taken(url: str | None) -> str | None:
    """A picture, unless it lies on a domain no pictures are taken from."""
    return None if url is None or await domains.rejects_media(urlsplit(url).netloc) else url


async def _insert(profile: RemoteProfile, silenced_at: datetime | None) -> Account:
    now = clock.now()
    account = Account(
        uri=profile.uri,
        created_at=min(profile.created_at or now, now),
        silenced_at=silenced_at,
        suspended_at=now if profile.suspended else None,
        fetched_at=now,
        **_values(profile),
    )
    await Account.bulk_create([account], ignore_conflicts=True)
    stored = await Account.get_or_none(uri=profile.uri)
    if stored is None:
        raise Conflict("the handle belongs to another account", uri=profile.uri)
    await profile_links.record_change(stored.id, stored.fields_)
    return stored


async def _update(known: Account, profile: RemoteProfile, *, is_shown_differently: bool) -> Account:
    if known.is_local:
        raise Forbidden("a local account cannot be received", uri=profile.uri)
    values = _values(profile)
    values["fields_"] = profile_links.keep_verified(values["fields_"], known.fields_)
    if profile.suspended and known.suspended_at is None:
        values["suspended_at"] = clock.now()
    elif known.suspended_at is not None and known.suspended_by_origin and not profile.suspended:
        values["suspended_at"] = None
    elif known.suspended_at is not None:
        values["suspended_by_origin"] = known.suspended_by_origin
    changed = {name: value for name, value in values.items() if getattr(known, name) != value}
    extra: dict[str, Any] = {"version": F("version") + 1} if changed or is_shown_differently else {}
    await Account.filter(id=known.id).update(fetched_at=clock.now(), **changed, **extra)
    if "fields_" in changed:
        await profile_links.record_change(known.id, values["fields_"])
    return await Account.get(id=known.id)


def _values(profile: RemoteProfile) -> dict[str, Any]:
    return {
        "username": profile.username,
        "username_key": profile.username.lower(),
        "domain": profile.domain,
        "actor_type": profile.actor_type,
        "url": profile.url,
        "display_name": clean_line(profile.display_name)[:MAX_DISPLAY_NAME],
        "note": sanitise(profile.note_html),
        "fields_": [
            {"name": clean_line(name)[:MAX_DISPLAY_NAME], "value": sanitise(value)}
            for name, value in profile.fields[:MAX_FIELDS]
        ],
        "avatar_remote_url": profile.avatar_url,
        "header_remote_url": profile.header_url,
        "avatar_description": clean(profile.avatar_description),
        "header_description": clean(profile.header_description),
        "is_private": profile.is_private,
        "discoverable": profile.discoverable,
        "indexable": profile.indexable,
        "inbox_url": profile.inbox_url,
        "shared_inbox_url": profile.shared_inbox_url,
        "outbox_url": profile.outbox_url,
        "followers_url": profile.followers_url,
        "following_url": profile.following_url,
        "featured_url": profile.featured_url,
        "featured_tags_url": profile.featured_tags_url,
        "featured_collections_url": profile.featured_collections_url,
        "also_known_as": list(profile.also_known_as[:MAX_ALIASES]),
        "moved_to_uri": profile.moved_to_uri,
        "suspended_by_origin": profile.suspended,
        "memorial": profile.memorial,
        "hides_public": profile.hides_public,
        "hides_unlisted": profile.hides_unlisted,
        "attribution_domains": list(profile.attribution_domains),
    }


def _listed_keys(profile: RemoteProfile) -> dict[str, tuple[str, str]]:
    """The actor's keys by id, as (PEM, purpose). An id stands for one key: what signs requests comes first."""
    listed = {key_id: (pem, ASSERTION) for key_id, pem in profile.proof_keys[:MAX_KEYS]}
    listed.update((key_id, (pem, AUTHENTICATION)) for key_id, pem in profile.keys[:MAX_KEYS])
    return listed


async def _replace_keys(account: Account, listed: dict[str, tuple[str, str]]) -> None:
    """Keep exactly the keys the actor lists now. A key id that is another actor's is never taken over."""
    known = {key.key_id: key for key in await ActorKey.filter(account_id=account.id)}
    for key_id, key in known.items():
        if key_id not in listed:
            await key.delete()
        elif (key.public_pem, key.purpose) != listed[key_id]:
            pem, purpose = listed[key_id]
            await ActorKey.filter(id=key.id).update(public_pem=pem, purpose=purpose)
    for key_id in listed.keys() - known.keys():
        pem, purpose = listed[key_id]
        await ActorKey.create(account=account, key_id=key_id, public_pem=pem, purpose=purpose)
