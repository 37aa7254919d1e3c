"""Places: where a photograph was taken, as its author names it."""

from __future__ import annotations

from dataclasses import dataclass

from node import db
from node.errors import Invalid
from node.ids import new_id
from node.models.posts import Place
from node.text import clean_line

MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place in words; latitude and longitude in degrees where known."""

    name: str
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None


async def check_known(place_id: int | None) -> None:
    """Raises `Invalid` (place_id) for a place that is not known here."""
    if place_id is not None and not await Place.exists(id=place_id):
        raise Invalid("place_id", "is not a place known here")


async def ensure(place: NamedPlace) -> int:
    """The id of the place of that name and country, made when new; the first coordinates known are kept.

    Raises `Invalid` for an empty or overlong name.
    """
    name, country = clean_line(place.name), clean_line(place.country)[:MAX_NAME]
    if not name:
        raise Invalid("place", "can't be blank", code="ERR_BLANK")
    if len(name) > MAX_NAME:
        raise Invalid("place", f"is longer than {MAX_NAME} characters", code="ERR_TOO_LONG")
    row = await db.fetch_one(
        "INSERT INTO places (id, name, country, latitude, longitude) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (name, country) DO UPDATE SET latitude = COALESCE(places.latitude, excluded.latitude),"
        " longitude = COALESCE(places.longitude, excluded.longitude) RETURNING id",
        (new_id(), name, country, place.latitude, place.longitude),
    )
    assert row is not None
    return int(row[0])
