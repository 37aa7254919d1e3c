"""Whom decisions about domains and accounts took from the caller."""

from __future__ import annotations

from quart import Blueprint, Response

from api.auth import requires
from api.csv_files import CSV, csv_response
from api.documentation import documented
from api.entities import severance
from api.entities import severed_tables as tables
from api.entities.severance import RelationshipSeveranceEvent
from api.me import my_id
from api.responses import json_response
from node.services import severances

blueprint = Blueprint("severed_relationships", __name__)

_EVENTS = "/api/v1/severed_relationships"


@blueprint.get(_EVENTS)
@requires("read:follows")
@documented(list[RelationshipSeveranceEvent])
async def listed() -> Response:
    """What decisions of the admins, and the caller's own blocks of domains, took from the caller; the newest hundred."""
    return json_response([severance.render(loss) for loss in await severances.losses(my_id())])


@blueprint.get(f"{_EVENTS}/<id:event_id>")
@requires("read:follows")
@documented(RelationshipSeveranceEvent, errors=(404,))
async def show(event_id: int) -> Response:
    """One of them."""
    return json_response(severance.render(await severances.loss(my_id(), event_id)))


@blueprint.get(f"{_EVENTS}/<id:event_id>/following.csv")
@requires("read:follows")
@documented(media_type=CSV, errors=(404,))
async def following(event_id: int) -> Response:
    """Whom the caller followed before, as a file that can be imported."""
    return csv_response("following.csv", await tables.following(my_id(), event_id))


@blueprint.get(f"{_EVENTS}/<id:event_id>/followers.csv")
@requires("read:follows")
@documented(media_type=CSV, errors=(404,))
async def followers(event_id: int) -> Response:
    """Who followed the caller before, as a file."""
    return csv_response("followers.csv", await tables.followers(my_id(), event_id))
