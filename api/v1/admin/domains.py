"""With which domains this node exchanges what: for admins alone."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import Empty, documented
from api.entities.admin import blocks
from api.entities.admin.blocks import AdminDomainAllow, AdminDomainBlock, ExistingDomainBlock
from api.responses import empty, json_response
from api.v1.admin.guard import moderator, staff
from api.v1.admin.tables import page_of
from node.models.moderation import DomainAllow, DomainRule
from node.services import audit, domain_allows, domains
from node.services.domains import Terms
from node.services.roles import Permission

blueprint = Blueprint("admin_domains", __name__)

DOMAINS: Final = (100, 500)
_BLOCKS, _ALLOWS = "/api/v1/admin/domain_blocks", "/api/v1/admin/domain_allows"


class AllowedDomain(msgspec.Struct):
    """Which domain."""

    domain: str = ""


class BlockTerms(msgspec.Struct):
    """What holds for a domain; what is not named stays. `severity` is `silence` unless it says `suspend` or `noop`."""

    severity: str | None = None
    reject_media: bool | None = None
    reject_reports: bool | None = None
    approve_follows: bool | None = None
    private_comment: str | None = None
    public_comment: str | None = None
    obfuscate: bool | None = None


class BlockedDomain(BlockTerms):
    """Which domain, and what holds for it."""

    domain: str = ""


@blueprint.get(_BLOCKS)
@staff(Permission.FEDERATION, "admin:read:domain_blocks")
@documented(list[AdminDomainBlock], paged=DOMAINS)
async def blocked() -> Response:
    """What holds for which domains, newest first."""
    return await page_of(DomainRule, blocks.domain_block, DOMAINS)


@blueprint.get(f"{_BLOCKS}/<id:rule_id>")
@staff(Permission.FEDERATION, "admin:read:domain_blocks")
@documented(AdminDomainBlock, errors=(404,))
async def show_block(rule_id: int) -> Response:
    """What holds for one domain."""
    return json_response(blocks.domain_block(await domains.one(rule_id)))


@blueprint.post(_BLOCKS)
@staff(Permission.FEDERATION, "admin:write:domain_blocks")
@documented(AdminDomainBlock, body=BlockedDomain, errors=(422,))
async def block() -> Response:
    """Suspend or silence a domain, or take no pictures or reports from it.

    Answers 422 with the `existing_domain_block` when there is one already that is as strict.
    """
    asked = await params.read(BlockedDomain)
    me = await moderator()
    try:
        async with audit.decision(me.account_id, "create") as made:
            rule = await domains.impose(asked.domain, _terms(asked))
            made.about("DomainBlock", rule.id, rule.domain)
    except domains.Stricter as refusal:
        return json_response(ExistingDomainBlock(refusal.message, blocks.domain_block(refusal.rule)), 422)
    return json_response(blocks.domain_block(rule))


@blueprint.put(f"{_BLOCKS}/<id:rule_id>")
@staff(Permission.FEDERATION, "admin:write:domain_blocks")
@documented(AdminDomainBlock, body=BlockTerms, errors=(404, 422))
async def change_block(rule_id: int) -> Response:
    """Change what holds for a domain."""
    asked = await params.read(BlockTerms)
    me, rule = await moderator(), await domains.one(rule_id)
    async with audit.decision(me.account_id, "update", "DomainBlock", rule.id, rule.domain):
        rule = await domains.change(rule, _terms(asked))
    return json_response(blocks.domain_block(rule))


@blueprint.delete(f"{_BLOCKS}/<id:rule_id>")
@staff(Permission.FEDERATION, "admin:write:domain_blocks")
@documented(Empty, errors=(404,))
async def unblock(rule_id: int) -> Response:
    """Take back what held for a domain, and what it brought."""
    me, rule = await moderator(), await domains.one(rule_id)
    async with audit.decision(me.account_id, "destroy", "DomainBlock", rule.id, rule.domain):
        await domains.unblock(rule.domain)
    return empty()


def _terms(asked: BlockTerms) -> Terms:
    return Terms(
        severity=asked.severity,
        reject_media=asked.reject_media,
        reject_reports=asked.reject_reports,
        approve_follows=asked.approve_follows,
        private_comment=asked.private_comment,
        public_comment=asked.public_comment,
        obfuscate=asked.obfuscate,
    )


@blueprint.get(_ALLOWS)
@staff(Permission.FEDERATION, "admin:read:domain_allows")
@documented(list[AdminDomainAllow], paged=DOMAINS)
async def allowed() -> Response:
    """The domains this node keeps to when its settings say that it keeps to few, newest first."""
    return await page_of(DomainAllow, blocks.domain_allow, DOMAINS)


@blueprint.get(f"{_ALLOWS}/<id:allow_id>")
@staff(Permission.FEDERATION, "admin:read:domain_allows")
@documented(AdminDomainAllow, errors=(404,))
async def show_allow(allow_id: int) -> Response:
    """One of them."""
    return json_response(blocks.domain_allow(await domain_allows.one(allow_id)))


@blueprint.post(_ALLOWS)
@staff(Permission.FEDERATION, "admin:write:domain_allows")
@documented(AdminDomainAllow, body=AllowedDomain, errors=(422,))
async def allow() -> Response:
    """Allow a domain; one that is allowed already is answered as it is."""
    asked = await params.read(AllowedDomain)
    me = await moderator()
    found = await domain_allows.find(asked.domain)
    if found is None:
        async with audit.decision(me.account_id, "create") as made:
            found = await domain_allows.add(asked.domain)
            made.about("DomainAllow", found.id, found.domain)
    return json_response(blocks.domain_allow(found))


@blueprint.delete(f"{_ALLOWS}/<id:allow_id>")
@staff(Permission.FEDERATION, "admin:write:domain_allows")
@documented(Empty, errors=(404,))
async def disallow(allow_id: int) -> Response:
    """Allow a domain no longer."""
    me, found = await moderator(), await domain_allows.one(allow_id)
    async with audit.decision(me.account_id, "destroy", "DomainAllow", found.id, found.domain):
        await domain_allows.remove(found)
    return empty()
