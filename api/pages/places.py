"""The page of a place: what was posted from there for everybody."""

from __future__ import annotations

from quart import Blueprint, Response

from api.pages import grids
from api.pages.guard import guard
from api.pages.rendering import page
from node.errors import NotFound
from node.queries import places

blueprint = guard(Blueprint("place_pages", __name__))

NO_SUCH_PHOTOGRAPHS = "There are no public photographs from this place here."


@blueprint.get("/places/<id:place_id>")
async def show(place_id: int) -> Response:
    """A place and the public photographs posted here from it; one that has none reads like one that is not there."""
    row, grid = await places.one_seen(None, place_id), await grids.of_place(place_id)
    if row is None or (not grid.posts and grid.older is None):
        raise NotFound(NO_SUCH_PHOTOGRAPHS)
    return await page("place.html", 200, {"Vary": "Cookie"}, place=row, grid=grid)
