"""Which e-mail and IP addresses open no account here: for admins alone."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import Empty, documented
from api.entities.admin import blocks
from api.entities.admin.blocks import AdminCanonicalEmailBlock, AdminEmailDomainBlock, AdminIpBlock
from api.pagination import TAGS, link_header, page_of_request
from api.params import InvalidParameter
from api.responses import empty, json_response
from api.v1.admin.guard import moderator, staff
from api.v1.admin.tables import page_of
from node.models.sign_up_blocks import CanonicalEmailBlock, EmailDomainBlock, IpBlock
from node.queries.rows import page_of_rows
from node.services import audit, email_blocks, ip_blocks
from node.services.roles import Permission

blueprint = Blueprint("admin_sign_up_blocks", __name__)

_DOMAINS: Final = "/api/v1/admin/email_domain_blocks"
_ADDRESSES: Final = "/api/v1/admin/canonical_email_blocks"
_IPS: Final = "/api/v1/admin/ip_blocks"


class EmailDomain(msgspec.Struct):
    """Which domain, and whether an admin may still let people in."""

    domain: str = ""
    allow_with_approval: bool = False


class EmailAddress(msgspec.Struct):
    """Which address: itself, or SHA-256 of its plainest spelling."""

    email: str = ""
    canonical_email_hash: str = ""


class Tested(msgspec.Struct):
    """Which address is asked about."""

    email: str = ""


class IpTerms(msgspec.Struct):
    """Which address or network (`192.0.2.0/24`), what it may not do, and for how many seconds."""

    ip: str | None = None
    severity: str | None = None
    comment: str | None = None
    expires_in: int | None = None


@blueprint.get(_DOMAINS)
@staff(Permission.BLOCKS, "admin:read:email_domain_blocks")
@documented(list[AdminEmailDomainBlock], paged=TAGS)
async def email_domains() -> Response:
    """The domains whose e-mail addresses open no account, newest first."""
    page = page_of_request(TAGS)
    rows = await page_of_rows(EmailDomainBlock, page)
    return json_response(await blocks.email_domain_blocks(rows), headers=link_header([row.id for row in rows], page))


@blueprint.get(f"{_DOMAINS}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:read:email_domain_blocks")
@documented(AdminEmailDomainBlock, errors=(404,))
async def show_email_domain(block_id: int) -> Response:
    """One of them."""
    return await _email_domain(await email_blocks.domain_block(block_id))


@blueprint.post(_DOMAINS)
@staff(Permission.BLOCKS, "admin:write:email_domain_blocks")
@documented(AdminEmailDomainBlock, body=EmailDomain, errors=(422,))
async def block_email_domain() -> Response:
    """Let nobody open an account with an e-mail address of a domain, or only with an admin's consent."""
    asked = await params.read(EmailDomain)
    me = await moderator()
    async with audit.decision(me.account_id, "create") as made:
        block = await email_blocks.block_domain(asked.domain, allow_with_approval=asked.allow_with_approval)
        made.about("EmailDomainBlock", block.id, block.domain)
    return await _email_domain(block)


@blueprint.delete(f"{_DOMAINS}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:write:email_domain_blocks")
@documented(Empty, errors=(404,))
async def unblock_email_domain(block_id: int) -> Response:
    """Take such a block back."""
    me, block = await moderator(), await email_blocks.domain_block(block_id)
    async with audit.decision(me.account_id, "destroy", "EmailDomainBlock", block.id, block.domain):
        await block.delete()
    return empty()


async def _email_domain(block: EmailDomainBlock) -> Response:
    (entity,) = await blocks.email_domain_blocks([block])
    return json_response(entity)


@blueprint.get(_ADDRESSES)
@staff(Permission.BLOCKS, "admin:read:canonical_email_blocks")
@documented(list[AdminCanonicalEmailBlock], paged=TAGS)
async def addresses() -> Response:
    """The e-mail addresses that open no account, newest first."""
    return await page_of(CanonicalEmailBlock, blocks.canonical_email_block)


@blueprint.get(f"{_ADDRESSES}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:read:canonical_email_blocks")
@documented(AdminCanonicalEmailBlock, errors=(404,))
async def show_address(block_id: int) -> Response:
    """One of them."""
    return json_response(blocks.canonical_email_block(await email_blocks.canonical_block(block_id)))


@blueprint.post(f"{_ADDRESSES}/test")
@staff(Permission.BLOCKS, "admin:read:canonical_email_blocks")
@documented(list[AdminCanonicalEmailBlock], body=Tested)
async def test_address() -> Response:
    """Which of them an e-mail address is, in whichever spelling."""
    asked = await params.read(Tested)
    if not asked.email.strip():
        raise InvalidParameter("param is missing or the value is empty or invalid: email")
    return json_response([blocks.canonical_email_block(row) for row in await email_blocks.matching(asked.email)])


@blueprint.post(_ADDRESSES)
@staff(Permission.BLOCKS, "admin:write:canonical_email_blocks")
@documented(AdminCanonicalEmailBlock, body=EmailAddress, errors=(422,))
async def block_address() -> Response:
    """Let nobody open an account with an e-mail address, in whichever spelling."""
    asked = await params.read(EmailAddress)
    me = await moderator()
    async with audit.decision(me.account_id, "create") as made:
        block = await email_blocks.block_address(email=asked.email, digest=asked.canonical_email_hash)
        made.about("CanonicalEmailBlock", block.id, block.digest)
    return json_response(blocks.canonical_email_block(block))


@blueprint.delete(f"{_ADDRESSES}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:write:canonical_email_blocks")
@documented(Empty, errors=(404,))
async def unblock_address(block_id: int) -> Response:
    """Take such a block back."""
    me, block = await moderator(), await email_blocks.canonical_block(block_id)
    async with audit.decision(me.account_id, "destroy", "CanonicalEmailBlock", block.id, block.digest):
        await block.delete()
    return empty()


@blueprint.get(_IPS)
@staff(Permission.BLOCKS, "admin:read:ip_blocks")
@documented(list[AdminIpBlock], paged=TAGS)
async def ips() -> Response:
    """What IP addresses may not do, newest first."""
    return await page_of(IpBlock, blocks.ip_block)


@blueprint.get(f"{_IPS}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:read:ip_blocks")
@documented(AdminIpBlock, errors=(404,))
async def show_ip(block_id: int) -> Response:
    """One of them."""
    return json_response(blocks.ip_block(await ip_blocks.one(block_id)))


@blueprint.post(_IPS)
@staff(Permission.BLOCKS, "admin:write:ip_blocks")
@documented(AdminIpBlock, body=IpTerms, errors=(422,))
async def block_ip() -> Response:
    """Let an IP address or network open no account, or only with an admin's consent, or not come at all."""
    asked = await params.read(IpTerms)
    me = await moderator()
    async with audit.decision(me.account_id, "create") as made:
        block = await ip_blocks.add(
            asked.ip or "", asked.severity or "", comment=asked.comment or "", expires_in=asked.expires_in
        )
        made.about("IpBlock", block.id, block.network)
    return json_response(blocks.ip_block(block))


@blueprint.put(f"{_IPS}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:write:ip_blocks")
@documented(AdminIpBlock, body=IpTerms, errors=(404, 422))
async def change_ip(block_id: int) -> Response:
    """Change such a block; what is not named stays."""
    asked = await params.read(IpTerms)
    me, block = await moderator(), await ip_blocks.one(block_id)
    async with audit.decision(me.account_id, "update", "IpBlock", block.id, block.network):
        block = await ip_blocks.change(
            block, ip=asked.ip, severity=asked.severity, comment=asked.comment, expires_in=asked.expires_in
        )
    return json_response(blocks.ip_block(block))


@blueprint.delete(f"{_IPS}/<id:block_id>")
@staff(Permission.BLOCKS, "admin:write:ip_blocks")
@documented(Empty, errors=(404,))
async def unblock_ip(block_id: int) -> Response:
    """Take such a block back."""
    me, block = await moderator(), await ip_blocks.one(block_id)
    async with audit.decision(me.account_id, "destroy", "IpBlock", block.id, block.network):
        await ip_blocks.remove(block)
    return empty()
