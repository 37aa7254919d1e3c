"""What this node is, and with whom it talks."""

from __future__ import annotations

import hashlib

import msgspec
from quart import Blueprint, Response

from api.entities import instance
from api.responses import json_list, json_response
from node import db
from node.queries import instance as instance_queries

blueprint = Blueprint("instance", __name__)


class DomainBlock(msgspec.Struct, frozen=True):
    """A decision of this node about another."""

    domain: str
    digest: str
    severity: str
    comment: str


@blueprint.get("/api/v1/instance")
async def version_1() -> Response:
    """What this node is, as older clients read it."""
    return json_response(await instance.version_1())


@blueprint.get("/api/v2/instance")
async def version_2() -> Response:
    """What this node is."""
    return json_response(await instance.version_2())


@blueprint.get("/api/v1/instance/peers")
async def peers() -> Response:
    """Servers this node knows."""
    return json_response(await instance_queries.peers())


@blueprint.get("/api/v1/instance/rules")
async def rules() -> Response:
    """The rules of the house: none are written down yet."""
    return json_list([])


@blueprint.get("/api/v1/instance/domain_blocks")
async def domain_blocks() -> Response:
    """With whom this node exchanges nothing, or little, and why."""
    rules = await instance_queries.domain_rules()
    return json_response(
        [
            DomainBlock(domain, hashlib.sha256(domain.encode()).hexdigest(), severity, comment)
            for domain, severity, comment in rules
        ]
    )


@blueprint.get("/health")
async def health() -> Response:
    """`OK` when the node can reach its database."""
    await db.fetch_one("SELECT 1")
    return Response("OK", 200, content_type="text/plain; charset=utf-8")
