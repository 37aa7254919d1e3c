"""Our own entities for what the admins decide about federation: lists of domains, relays, and rules about what comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from api.entities.encoding import iso
from node.models.domain_lists import DraftEntry, ListDraft, ListSubscription
from node.models.fields import to_milliseconds
from node.models.received_rules import HeaderBlock, HeldPost, KeywordRule, NewcomerRule
from node.models.relays import Relay
from node.queries.domain_losses import Loss, LostFollow


class AdminDomainImpact(msgspec.Struct, frozen=True):
    """What the suspension of a domain would end: accounts known there, their follows of people here, and those the
    other way."""

    domain: str
    accounts_count: int
    followers_count: int
    following_count: int


class AdminLostFollow(msgspec.Struct, frozen=True):
    """A follow that would end. `direction` is `follower` (`other` follows `account`) or `following`."""

    id: str
    account: str
    other: str
    direction: str


class AdminDraftEntry(msgspec.Struct, frozen=True):
    """A domain of a draft. `action` is `add`, `change` or `remove`; `impact` what its suspension would end."""

    id: str
    action: str
    domain: str
    severity: str
    reject_media: bool
    reject_reports: bool
    public_comment: str
    obfuscate: bool
    impact: AdminDomainImpact | None


class AdminDomainListDraft(msgspec.Struct, frozen=True):
    """What a list of domains would change. `kind` is `blocks` or `allows`; `state` `waiting`, `applying`, `applied` or
    `rejected`; `unreadable_count` how many of its lines name no domain; `entries` is null in lists of drafts."""

    id: str
    kind: str
    source: str
    subscription_id: str | None
    state: str
    unreadable_count: int
    created_at: str
    decided_at: str | None
    entries: list[AdminDraftEntry] | None


class AdminDomainListSubscription(msgspec.Struct, frozen=True):
    """A list of domains that is read once a day; `error` is why it could not be read the last time."""

    id: str
    url: str
    kind: str
    checked_at: str | None
    error: str | None
    created_at: str


class AdminRelay(msgspec.Struct, frozen=True):
    """A relay. `kind` is `mastodon` or `litepub`; `state` `idle`, `pending`, `accepted` or `rejected`."""

    id: str
    kind: str
    address: str
    state: str
    created_at: str


class AdminKeywordRule(msgspec.Struct, frozen=True):
    """What becomes of posts with these words by people whom nobody here follows: `hold`, `reject` or `silence`."""

    id: str
    keyword: str
    whole_word: bool
    action: str
    created_at: str


class AdminHeldPost(msgspec.Struct, frozen=True):
    """A post that waits for a moderator because of a keyword; `content` is its HTML."""

    id: str
    keyword: str
    account: str
    uri: str
    spoiler_text: str
    content: str
    created_at: str


class AdminNewcomerRule(msgspec.Struct, frozen=True):
    """How servers are treated that are known for fewer than `days`: `hold` or `limit`; 0 days and `none` for no rule."""

    days: int
    action: str


class AdminHeaderBlock(msgspec.Struct, frozen=True):
    """Requests that are refused because `header` contains `pattern`; `place` is `inbox`, `api` or `everywhere`."""

    id: str
    header: str
    pattern: str
    place: str
    comment: str
    created_at: str


def impact(domain: str, loss: Loss) -> AdminDomainImpact:
    """The entity of a count."""
    return AdminDomainImpact(domain, loss.accounts, loss.followers, loss.following)


def lost_follow(row: LostFollow) -> AdminLostFollow:
    """The entity of a row."""
    return AdminLostFollow(str(row.id), row.username, row.other, "follower" if row.is_follower else "following")


def draft(
    row: ListDraft, entries: Sequence[DraftEntry] | None = None, losses: Mapping[str, Loss] | None = None
) -> AdminDomainListDraft:
    """The entity of a draft; with its entries and what they would end."""
    shown = None if entries is None else [_entry(entry, (losses or {}).get(entry.domain)) for entry in entries]
    return AdminDomainListDraft(
        str(row.id),
        row.kind,
        row.source,
        str(row.subscription_id) if row.subscription_id is not None else None,
        row.state,
        row.unreadable,
        iso(to_milliseconds(row.created_at)),
        iso(to_milliseconds(row.decided_at)) if row.decided_at is not None else None,
        shown,
    )


def _entry(entry: DraftEntry, loss: Loss | None) -> AdminDraftEntry:
    return AdminDraftEntry(
        str(entry.id),
        entry.action,
        entry.domain,
        entry.severity,
        entry.reject_media,
        entry.reject_reports,
        entry.public_comment,
        entry.obfuscate,
        impact(entry.domain, loss) if loss is not None else None,
    )


def subscription(row: ListSubscription) -> AdminDomainListSubscription:
    """The entity of a row."""
    checked = iso(to_milliseconds(row.checked_at)) if row.checked_at is not None else None
    return AdminDomainListSubscription(
        str(row.id), row.url, row.kind, checked, row.error or None, iso(to_milliseconds(row.created_at))
    )


def relay(row: Relay) -> AdminRelay:
    """The entity of a row."""
    return AdminRelay(str(row.id), row.kind, row.address, row.state, iso(to_milliseconds(row.created_at)))


def keyword_rule(row: KeywordRule) -> AdminKeywordRule:
    """The entity of a row."""
    return AdminKeywordRule(str(row.id), row.keyword, row.whole_word, row.action, iso(to_milliseconds(row.created_at)))


def held_post(row: HeldPost) -> AdminHeldPost:
    """The entity of a row with its post and account."""
    return AdminHeldPost(
        str(row.id),
        row.keyword,
        row.account.acct,
        row.post.uri,
        row.post.spoiler_text,
        row.post.content,
        iso(to_milliseconds(row.post.created_at)),
    )


def newcomer_rule(row: NewcomerRule | None) -> AdminNewcomerRule:
    """The entity of the rule, if there is one."""
    return AdminNewcomerRule(row.days, row.action) if row is not None else AdminNewcomerRule(0, "none")


def header_block(row: HeaderBlock) -> AdminHeaderBlock:
    """The entity of a row."""
    return AdminHeaderBlock(
        str(row.id), row.header, row.pattern, row.place, row.comment, iso(to_milliseconds(row.created_at))
    )
