"""Places: found by name or near a point, and what was posted there. Ours."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, requires, viewer_id
from api.documentation import documented
from api.entities import place, status
from api.entities.place import PlaceDetails
from api.entities.status import Status
from api.me import my_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import json_list, json_response
from node.errors import Invalid, NotFound
from node.queries import places

blueprint = Blueprint("places", __name__)

MAX_WORDS = 100


class PlaceQuery(msgspec.Struct):
    """The beginning of a name, or a point in degrees."""

    q: str = ""
    latitude: float | None = None
    longitude: float | None = None


@blueprint.get("/api/v1/places")
@requires("read:search")
@documented(list[PlaceDetails], query=PlaceQuery, errors=(422,))
async def find() -> Response:
    """Up to twenty places by the beginning of their name (`q`), or the towns nearest to a point, which is kept nowhere."""
    wanted = params.read_query(PlaceQuery)
    if wanted.latitude is not None and wanted.longitude is not None:
        if not (-90 <= wanted.latitude <= 90 and -180 <= wanted.longitude <= 180):
            raise Invalid("latitude", "and longitude are no place on earth")
        return json_response([place.render(row) for row in await place.near(wanted.latitude, wanted.longitude)])
    words = wanted.q.strip()
    if not words:
        raise Invalid("q", "can't be blank", code="ERR_BLANK")
    if len(words) > MAX_WORDS:
        raise Invalid("q", f"is too long (maximum is {MAX_WORDS} characters)", code="ERR_TOO_LONG")
    return json_response([place.render(row) for row in await place.found(my_id(), words)])


@blueprint.get("/api/v1/places/<id:place_id>")
@allows("read:statuses")
@documented(PlaceDetails, errors=(404,))
async def show(place_id: int) -> Response:
    """A place that somebody named in a post the caller may see, or a town."""
    row = await place.one(viewer_id(), place_id)
    if row is None:
        raise NotFound
    return json_response(place.render(row))


@blueprint.get("/api/v1/timelines/place/<id:place_id>")
@allows("read:statuses")
@documented(list[Status], paged=STATUSES)
async def timeline(place_id: int) -> Response:
    """The public posts from a place, newest first."""
    page = page_of_request(STATUSES)
    rows = await places.posts_at(viewer_id(), place_id, page)
    return json_list(await status.page(rows, viewer_id()), headers=link_header([row.cursor for row in rows], page))
