"""Mastodon's entities for what the admins refuse: domains, e-mail and IP addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from api.entities.encoding import iso
from api.entities.tag import TagHistory
from node.models.fields import to_milliseconds
from node.models.moderation import DomainAllow, DomainRule
from node.models.sign_up_blocks import CanonicalEmailBlock, EmailDomainBlock, IpBlock
from node.services import email_blocks


class AdminDomainAllow(msgspec.Struct, frozen=True):
    """A domain this node exchanges with even when it keeps to few."""

    id: str
    domain: str
    created_at: str


class AdminDomainBlock(msgspec.Struct, frozen=True):
    """What holds for a domain. `severity` is `noop`, `silence` or `suspend`; `digest` is SHA-256 of the domain.

    With `approve_follows` whoever from there follows a public account here, too, waits to be let in.
    """

    id: str
    domain: str
    digest: str
    created_at: str
    severity: str
    reject_media: bool
    reject_reports: bool
    private_comment: str | None
    public_comment: str | None
    obfuscate: bool
    approve_follows: bool


class ExistingDomainBlock(msgspec.Struct, frozen=True):
    """Why a domain block was not made: there is one already that is as strict."""

    error: str
    existing_domain_block: AdminDomainBlock


class AdminEmailDomainBlock(msgspec.Struct, frozen=True):
    """A domain whose e-mail addresses open no account; `history` tells how often they were tried this week."""

    id: str
    domain: str
    created_at: str
    history: list[TagHistory]
    allow_with_approval: bool


class AdminIpBlock(msgspec.Struct, frozen=True):
    """What an IP network may not do. `severity` is `sign_up_requires_approval`, `sign_up_block` or `no_access`."""

    id: str
    ip: str
    severity: str
    comment: str
    created_at: str
    expires_at: str | None


class AdminCanonicalEmailBlock(msgspec.Struct, frozen=True):
    """An e-mail address that opens no account, as SHA-256 of its plainest spelling."""

    id: str
    canonical_email_hash: str


def domain_allow(row: DomainAllow) -> AdminDomainAllow:
    """The entity of a row."""
    return AdminDomainAllow(str(row.id), row.domain, iso(to_milliseconds(row.created_at)))


def domain_block(row: DomainRule) -> AdminDomainBlock:
    """The entity of a row."""
    return AdminDomainBlock(
        str(row.id),
        row.domain,
        hashlib.sha256(row.domain.encode()).hexdigest(),
        iso(to_milliseconds(row.created_at)),
        row.severity,
        row.reject_media,
        row.reject_reports,
        row.private_comment or None,
        row.public_comment or None,
        row.obfuscate,
        row.approve_follows,
    )


async def email_domain_blocks(rows: Sequence[EmailDomainBlock]) -> list[AdminEmailDomainBlock]:
    """The entities of rows, in their order; one statement."""
    counted = await email_blocks.attempts([row.id for row in rows])
    return [
        AdminEmailDomainBlock(
            str(row.id),
            row.domain,
            iso(to_milliseconds(row.created_at)),
            [_history(day, *counted.get((row.id, day), (0, 0))) for day in email_blocks.days()],
            row.allow_with_approval,
        )
        for row in rows
    ]


def _history(day: int, accounts: int, uses: int) -> TagHistory:
    return TagHistory(str(day * email_blocks.DAY), str(accounts), str(uses))


def ip_block(row: IpBlock) -> AdminIpBlock:
    """The entity of a row."""
    expires_at = iso(to_milliseconds(row.expires_at)) if row.expires_at is not None else None
    return AdminIpBlock(
        str(row.id), row.network, row.severity, row.comment, iso(to_milliseconds(row.created_at)), expires_at
    )


def canonical_email_block(row: CanonicalEmailBlock) -> AdminCanonicalEmailBlock:
    """The entity of a row."""
    return AdminCanonicalEmailBlock(str(row.id), row.digest)
