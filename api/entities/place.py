"""Places that may be named in posts, and where they are. Ours; Pixelfed's calls have shapes of their own."""

from __future__ import annotations

import msgspec

from node import gazetteer, urls
from node.gazetteer import Town
from node.queries import places
from node.queries.places import MAX_FOUND, PlaceRow


class PlaceDetails(msgspec.Struct, frozen=True):
    """A place, to be named in a post by its id; degrees where known. `owned` ones are the caller's alone to name; with
    `hides_position` nobody else, and no other server, gets the degrees. `url` is the page with what was posted there."""

    id: str
    name: str
    country: str
    latitude: float | None
    longitude: float | None
    url: str
    owned: bool = False
    hides_position: bool = False


def render(row: PlaceRow, viewer_id: int | None) -> PlaceDetails:
    """The entity of a place."""
    return PlaceDetails(
        str(row.id),
        row.name,
        row.country,
        row.latitude,
        row.longitude,
        urls.place_page(row.id),
        owned=row.owner_id is not None and row.owner_id == viewer_id,
        hides_position=bool(row.hides_position),
    )


async def found(viewer_id: int, words: str) -> list[PlaceRow]:
    """Places whose names begin so: first those that people here named, then towns, the largest first."""
    named = await places.search(viewer_id, words)
    known = {(row.name, row.country) for row in named}
    towns = (await gazetteer.towns()).search(words, MAX_FOUND)
    return [*named, *(_row(town) for town in towns if (town.name, town.country) not in known)][:MAX_FOUND]


async def near(latitude: float, longitude: float) -> list[PlaceRow]:
    """The nearest towns: what may be told of where one is."""
    return [_row(town) for town in (await gazetteer.towns()).near(latitude, longitude, MAX_FOUND)]


async def one(viewer_id: int | None, place_id: int) -> PlaceRow | None:
    """The place of that number as far as the viewer may know of it."""
    if place_id >= gazetteer.LARGEST_ID:
        return await places.one_seen(viewer_id, place_id)
    town = (await gazetteer.towns()).one(place_id)
    return _row(town) if town is not None else None


def _row(town: Town) -> PlaceRow:
    return PlaceRow(town.id, town.name, town.country, town.latitude, town.longitude)
