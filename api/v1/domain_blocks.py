"""Domains the caller wants nothing from."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.me import my_id
from api.pagination import link_header, page_of_request
from api.responses import empty, json_response
from node.queries import accounts
from node.services import domain_blocks

blueprint = Blueprint("domain_blocks", __name__)

DOMAINS = (100, 200)
"""Default and greatest page sizes."""


class DomainParameters(msgspec.Struct):
    """Which domain, without scheme."""

    domain: str = ""


class DomainBlockPreview(msgspec.Struct, frozen=True):
    """How many follows a block would end."""

    following_count: int
    followers_count: int


@blueprint.get("/api/v1/domain_blocks")
@requires("read:blocks")
@documented(list[str], paged=DOMAINS)
async def blocked() -> Response:
    """The domains the caller blocks, newest first."""
    page = page_of_request(DOMAINS)
    rows = await accounts.domains_blocked_by(my_id(), page)
    return json_response([name for _, name in rows], 200, link_header([cursor for cursor, _ in rows], page))


@blueprint.get("/api/v1/domain_blocks/preview")
@requires("write:blocks")
@documented(DomainBlockPreview, query=DomainParameters, errors=(422,))
async def preview() -> Response:
    """How many people of a domain the caller follows, and how many from there follow the caller."""
    wanted = params.read_query(DomainParameters)
    return json_response(DomainBlockPreview(*await domain_blocks.counts(await acting_account(), wanted.domain)))


@blueprint.post("/api/v1/domain_blocks")
@requires("write:blocks")
@documented(Empty, body=DomainParameters, errors=(422,))
async def block() -> Response:
    """See nobody of a domain any more, and be followed by nobody from there."""
    wanted = await params.read(DomainParameters)
    await domain_blocks.block(await acting_account(), wanted.domain)
    return empty()


@blueprint.delete("/api/v1/domain_blocks")
@requires("write:blocks")
@documented(Empty, body=DomainParameters, errors=(422,))
async def unblock() -> Response:
    """Take it back; what it ended stays ended."""
    wanted = await params.read(DomainParameters)
    await domain_blocks.unblock(await acting_account(), wanted.domain)
    return empty()
