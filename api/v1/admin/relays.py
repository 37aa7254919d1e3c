"""Relays for admins: joined, left, forgotten."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import Empty, documented
from api.entities.admin import federation as entities
from api.entities.admin.federation import AdminRelay
from api.pagination import TAGS
from api.responses import empty, json_response
from api.v1.admin.guard import READ, WRITE, moderator, staff
from api.v1.admin.tables import page_of
from node.models.relays import MASTODON, Relay
from node.services import relays
from node.services.roles import Permission

blueprint = Blueprint("admin_relays", __name__)

_RELAYS: Final = "/api/v1/admin/relays"


class WantedRelay(msgspec.Struct):
    """The inbox of a relay of the `mastodon` kind, or the actor of one of the `litepub` kind."""

    address: str = ""
    kind: str = MASTODON


@blueprint.get(_RELAYS)
@staff(Permission.FEDERATION, READ)
@documented(list[AdminRelay], paged=TAGS)
async def listed() -> Response:
    """The relays, newest first."""
    return await page_of(Relay, entities.relay)


@blueprint.get(f"{_RELAYS}/<id:relay_id>")
@staff(Permission.FEDERATION, READ)
@documented(AdminRelay, errors=(404,))
async def show(relay_id: int) -> Response:
    """One of them."""
    return json_response(entities.relay(await relays.one(relay_id)))


@blueprint.post(_RELAYS)
@staff(Permission.FEDERATION, WRITE)
@documented(AdminRelay, body=WantedRelay, errors=(422,))
async def add() -> Response:
    """Ask a relay to let this node in."""
    asked = await params.read(WantedRelay)
    me = await moderator()
    return json_response(entities.relay(await relays.add(me.account_id, asked.address, asked.kind)))


@blueprint.post(f"{_RELAYS}/<id:relay_id>/enable")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminRelay, errors=(404,))
async def enable(relay_id: int) -> Response:
    """Ask a relay again."""
    return json_response(entities.relay(await relays.switch((await moderator()).account_id, relay_id, on=True)))


@blueprint.post(f"{_RELAYS}/<id:relay_id>/disable")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminRelay, errors=(404,))
async def disable(relay_id: int) -> Response:
    """Leave a relay, which stays on the list."""
    return json_response(entities.relay(await relays.switch((await moderator()).account_id, relay_id, on=False)))


@blueprint.delete(f"{_RELAYS}/<id:relay_id>")
@staff(Permission.FEDERATION, WRITE)
@documented(Empty, errors=(404,))
async def remove(relay_id: int) -> Response:
    """Leave a relay and forget it."""
    await relays.remove((await moderator()).account_id, relay_id)
    return empty()
