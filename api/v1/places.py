"""Places: found by name or near a point, places of one's own, and what was posted there. Ours."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import Empty, documented
from api.entities import place, status
from api.entities.place import PlaceDetails
from api.entities.status import Status
from api.me import my_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import Invalid, NotFound
from node.queries import places
from node.services import own_places
from node.services.own_places import OwnPlace

blueprint = Blueprint("places", __name__)

MAX_WORDS = 100


class PlaceQuery(msgspec.Struct):
    """The beginning of a name, or a point in degrees."""

    q: str = ""
    latitude: float | None = None
    longitude: float | None = None


class PlaceParameters(msgspec.Struct):
    """A place of one's own: both degrees or neither; with `hides_position` they are for the caller alone."""

    name: str = ""
    latitude: float | None = None
    longitude: float | None = None
    hides_position: bool = False

    def place(self) -> OwnPlace:
        """In our words."""
        return OwnPlace(self.name, self.latitude, self.longitude, self.hides_position)


@blueprint.get("/api/v1/places")
@requires("read:search")
@documented(list[PlaceDetails], query=PlaceQuery, errors=(422,))
async def find() -> Response:
    """Up to twenty places by the beginning of their name (`q`), or the towns nearest to a point, which is kept nowhere."""
    wanted = params.read_query(PlaceQuery)
    if wanted.latitude is not None and wanted.longitude is not None:
        if not (-90 <= wanted.latitude <= 90 and -180 <= wanted.longitude <= 180):
            raise Invalid("latitude", "and longitude are no place on earth")
        return json_response(
            [place.render(row, my_id()) for row in await place.near(wanted.latitude, wanted.longitude)]
        )
    words = wanted.q.strip()
    if not words:
        raise Invalid("q", "can't be blank", code="ERR_BLANK")
    if len(words) > MAX_WORDS:
        raise Invalid("q", f"is too long (maximum is {MAX_WORDS} characters)", code="ERR_TOO_LONG")
    return json_response([place.render(row, my_id()) for row in await place.found(my_id(), words)])


@blueprint.get("/api/v1/places/own")
@requires("read:accounts")
@documented(list[PlaceDetails])
async def own() -> Response:
    """The caller's own places, by name."""
    rows = await places.of_owner(my_id(), own_places.MAX_PLACES)
    return json_response([place.render(row, my_id()) for row in rows])


@blueprint.post("/api/v1/places")
@requires("write:accounts")
@documented(PlaceDetails, body=PlaceParameters, errors=(422,))
async def create() -> Response:
    """Keep a place of the caller's own, up to two hundred."""
    wanted = await params.read(PlaceParameters)
    made = await own_places.create(await acting_account(), wanted.place())
    return await _shown(made.id)


@blueprint.put("/api/v1/places/<id:place_id>")
@requires("write:accounts")
@documented(PlaceDetails, body=PlaceParameters, errors=(404, 422))
async def change(place_id: int) -> Response:
    """Say anew all there is to say of a place of the caller's own; posts from there show it, here and elsewhere."""
    wanted = await params.read(PlaceParameters)
    await own_places.change(await acting_account(), place_id, wanted.place())
    return await _shown(place_id)


@blueprint.delete("/api/v1/places/<id:place_id>")
@requires("write:accounts")
@documented(Empty, errors=(404,))
async def delete(place_id: int) -> Response:
    """Forget a place of the caller's own; posts from there name it no longer."""
    await own_places.delete(await acting_account(), place_id)
    return empty()


@blueprint.get("/api/v1/places/<id:place_id>")
@allows("read:statuses")
@documented(PlaceDetails, errors=(404,))
async def show(place_id: int) -> Response:
    """A place that somebody named in a post the caller may see, one of their own, or a town."""
    return await _shown(place_id)


async def _shown(place_id: int) -> Response:
    row = await place.one(viewer_id(), place_id)
    if row is None:
        raise NotFound
    return json_response(place.render(row, viewer_id()))


@blueprint.get("/api/v1/timelines/place/<id:place_id>")
@allows("read:statuses")
@documented(list[Status], paged=STATUSES)
async def timeline(place_id: int) -> Response:
    """The public posts from a place, newest first."""
    page = page_of_request(STATUSES)
    rows = await places.posts_at(viewer_id(), place_id, page)
    return json_list(await status.page(rows, viewer_id()), headers=link_header([row.cursor for row in rows], page))
