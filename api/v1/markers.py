"""How far the caller has read, so that another device goes on from there."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import requires
from api.documentation import documented
from api.entities.encoding import iso
from api.ids import Id
from api.me import my_user_id
from api.responses import json_response
from node.services import preferences

blueprint = Blueprint("markers", __name__)


class MarkerParameters(msgspec.Struct):
    """The newest entry that was read."""

    last_read_id: Id


class MarkersParameters(msgspec.Struct):
    """What was read where."""

    home: MarkerParameters | None = None
    notifications: MarkerParameters | None = None


class TimelineParameters(msgspec.Struct):
    """Which timelines are asked about."""

    timeline: list[str] = []


class Marker(msgspec.Struct, frozen=True):
    """How far a timeline was read."""

    last_read_id: str
    version: int
    updated_at: str


@blueprint.get("/api/v1/markers")
@requires("read:statuses")
@documented(dict[str, Marker], query=TimelineParameters)
async def show() -> Response:
    """How far these timelines were read."""
    wanted = params.read_query(TimelineParameters).timeline
    kept = await preferences.markers(my_user_id())
    return json_response({name: _entity(marker) for name, marker in kept.items() if name in wanted})


@blueprint.post("/api/v1/markers")
@requires("write:statuses")
@documented(dict[str, Marker], body=MarkersParameters)
async def mark() -> Response:
    """Note how far timelines were read."""
    wanted = await params.read(MarkersParameters)
    parameters = {"home": wanted.home, "notifications": wanted.notifications}
    read = {name: marker.last_read_id for name, marker in parameters.items() if marker is not None}
    noted = await preferences.mark_read(my_user_id(), read) if read else {}
    return json_response({name: _entity(marker) for name, marker in noted.items()})


def _entity(marker: preferences.Marker) -> Marker:
    return Marker(str(marker.last_read_id), marker.version, iso(marker.updated_at))
