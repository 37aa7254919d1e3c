"""Mastodon's Instance, in both versions: what this node is and what it accepts."""

from __future__ import annotations

import asyncio
from importlib import metadata
from typing import Final

import msgspec

from api.entities import account
from api.entities.account import Account
from api.entities.instance_configuration import (
    Configuration,
    FirstConfiguration,
    configuration,
    first_configuration,
    streaming,
)
from node.models.rules import Rule as RuleRow
from node.queries import accounts, instance
from node.runtime import runtime
from node.services import accounts as account_service
from node.services import rules, site
from node.services.site import Picture

MASTODON_COMPATIBLE: Final = "4.6.1"
API_VERSION: Final = 11
"""Mastodon's API level: the highest of which, and of all below which, everything is served.

1 everything before levels were counted
2 grouped notifications
3 `attribution_domains` of a profile
4 `DELETE /api/v1/media/:id`, `delete_media` of a status's deletion
5 the filter action `blur`
6 endorsements and featured hashtags of others, `feature` and `unfeature`
7 quotes: `quote` and `quote_approval` of statuses, their policies and their notifications
8 `exclude_direct` of an account's statuses
9 `GET` and `PATCH /api/v1/profile`
10 collections
11 descriptions of avatars and headers
"""


class Rule(msgspec.Struct, frozen=True):
    """One of the rules of the house; `translations` by language tag."""

    id: str
    text: str
    hint: str
    translations: dict[str, dict[str, str]]


class Thumbnail(msgspec.Struct, frozen=True):
    """A picture of the instance. `versions` is missing when the admins have chosen none."""

    url: str
    description: str
    versions: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class Icon(msgspec.Struct, frozen=True):
    """A small square picture; `size` as `192x192`."""

    src: str
    size: str


class ActiveUsers(msgspec.Struct, frozen=True):
    """People here who did anything within a month."""

    active_month: int


class Usage(msgspec.Struct, frozen=True):
    """How much the node is used."""

    users: ActiveUsers


class Registrations(msgspec.Struct, frozen=True):
    """Who may open an account here. `message` is HTML, said while nobody may."""

    enabled: bool
    approval_required: bool
    reason_required: bool
    message: str | None
    min_age: int | None
    url: str | None


class ApiVersions(msgspec.Struct, frozen=True):
    """Up to which level Mastodon's API is served."""

    mastodon: int


class Contact(msgspec.Struct, frozen=True):
    """Whom to write to."""

    email: str
    account: Account | None


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """What this node is."""

    domain: str
    title: str
    version: str
    source_url: str
    description: str
    usage: Usage
    thumbnail: Thumbnail
    icon: list[Icon]
    languages: list[str]
    configuration: Configuration
    registrations: Registrations
    api_versions: ApiVersions
    wrapstodon: int | None
    contact: Contact
    rules: list[Rule]


class StreamingUrl(msgspec.Struct, frozen=True):
    """Where streams are."""

    streaming_api: str


class Stats(msgspec.Struct, frozen=True):
    """Counts of people, posts and other servers known."""

    user_count: int
    status_count: int
    domain_count: int


class FirstInstance(msgspec.Struct, frozen=True, kw_only=True):
    """What this node is, as older clients read it."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: StreamingUrl
    stats: Stats
    thumbnail: str
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: FirstConfiguration
    contact_account: Account | None
    rules: list[Rule]


def software_version() -> str:
    """`4.6.1 (compatible; Heliograph 0.1.0)`: clients look at the first number to learn what they may call."""
    return f"{MASTODON_COMPATIBLE} (compatible; Heliograph {metadata.version('heliograph')})"


def rule(row: RuleRow) -> Rule:
    """The entity of a rule."""
    return Rule(str(row.id), row.text, row.hint, row.translations)


async def version_2() -> Instance:
    """`GET /api/v2/instance`."""
    settings = runtime().settings
    counts, place, laid_down, contact = await asyncio.gather(
        instance.counts(), site.read(), rules.all_rules(), _contact_account()
    )
    mode = settings.registrations.mode
    is_open = mode in ("open", "approval")
    return Instance(
        domain=settings.handle_domain,
        title=settings.title,
        version=software_version(),
        source_url=f"{settings.base_url}/about",
        description=settings.description,
        usage=Usage(ActiveUsers(counts.active_month)),
        thumbnail=_thumbnail(place.thumbnail),
        icon=[Icon(site.url(place.icon), f"{place.icon.width}x{place.icon.height}")] if place.icon else [],
        languages=settings.languages,
        configuration=configuration(terms=bool(place.terms)),
        registrations=Registrations(
            enabled=is_open,
            approval_required=mode == "approval",
            reason_required=mode == "approval" and settings.registrations.reason_required,
            message=None if is_open else site.as_html(settings.registrations.closed_message) or None,
            min_age=None,
            url=None,
        ),
        api_versions=ApiVersions(API_VERSION),
        wrapstodon=None,
        contact=Contact(settings.contact_email, contact),
        rules=[rule(row) for row in laid_down],
    )


async def version_1() -> FirstInstance:
    """`GET /api/v1/instance`, which many clients still ask first."""
    settings = runtime().settings
    counts, place, laid_down, contact = await asyncio.gather(
        instance.counts(), site.read(), rules.all_rules(), _contact_account()
    )
    mode = settings.registrations.mode
    return FirstInstance(
        uri=settings.handle_domain,
        title=settings.title,
        short_description=settings.description,
        description=settings.description,
        email=settings.contact_email,
        version=software_version(),
        urls=StreamingUrl(streaming()),
        stats=Stats(counts.users, counts.posts + counts.comments, counts.domains),
        thumbnail=_thumbnail(place.thumbnail).url,
        languages=settings.languages,
        registrations=mode in ("open", "approval"),
        approval_required=mode == "approval",
        invites_enabled=mode == "invite",
        configuration=first_configuration(),
        contact_account=contact,
        rules=[rule(row) for row in laid_down],
    )


def _thumbnail(chosen: Picture | None) -> Thumbnail:
    if chosen is None:
        return Thumbnail(f"{runtime().settings.base_url}{account.MISSING_HEADER}", "")
    address = site.url(chosen)
    return Thumbnail(address, "", {"@1x": address, "@2x": address})


async def _contact_account() -> Account | None:
    """The account of the settings, if there is one of that name here."""
    username = runtime().settings.instance.contact_account
    found = await account_service.by_handle(username) if username else None
    if found is None or found.suspended_at is not None:
        return None
    (entity,) = await account.render(await accounts.details([found.id]))
    return entity
