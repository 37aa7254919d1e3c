"""Places: where a photograph was taken, as its author names it."""

from __future__ import annotations

from dataclasses import dataclass

from node import db, gazetteer
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.posts import Place
from node.text import clean_line

MAX_NAME = 255
OWN_MARK = "@"
"""What `own_mark` begins with, and no country does."""


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place in words; latitude and longitude in degrees where known."""

    name: str
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None


def checked_name(name: str, field: str = "place") -> str:
    """The name as it is kept. Raises `Invalid` when it is empty or too long."""
    name = clean_line(name)
    if not name:
        raise Invalid(field, "can't be blank", code="ERR_BLANK")
    if len(name) > MAX_NAME:
        raise Invalid(field, f"is longer than {MAX_NAME} characters", code="ERR_TOO_LONG")
    return name


async def is_known(author: Account, place_id: int | None) -> bool:
    """Whether the author may name a place, which is there and nobody else's own; no place always."""
    if place_id is None:
        return True
    if place_id < gazetteer.LARGEST_ID:
        return (await gazetteer.towns()).one(place_id) is not None
    known = await Place.get_or_none(id=place_id)
    return known is not None and known.owner_id in (None, author.id)


async def check_known(author: Account, place_id: int | None) -> None:
    """Raises `Invalid` (place_id) for a place that is not known here, or somebody else's own."""
    if not await is_known(author, place_id):
        raise Invalid("place_id", "is not a place known here")


async def taken_up(place_id: int | None) -> int | None:
    """A checked place as posts name it: a town of the gazetteer becomes a place that is kept."""
    if place_id is None or place_id >= gazetteer.LARGEST_ID:
        return place_id
    town = (await gazetteer.towns()).one(place_id)
    if town is None:
        raise Invalid("place_id", "is not a place known here")
    return await ensure(NamedPlace(town.name, town.country, town.latitude, town.longitude), is_certain=True)


async def ensure(place: NamedPlace, *, is_certain: bool = False) -> int:
    """The id of the place of that name and country, made when new; the first coordinates known are kept, or these
    when they are certain.

    What is named without a country ("home") has no coordinates: others may call theirs the same. Raises `Invalid` for an empty or overlong name.
    """
    name, country = checked_name(place.name), clean_line(place.country).lstrip(OWN_MARK)[:MAX_NAME]
    position = (place.latitude, place.longitude) if country else (None, None)
    return await _kept(name, country, position, is_certain=is_certain)


async def received(author: Account, place: NamedPlace | None) -> int | None:
    """The id of the place that a remote author names: their own when it comes with a position and without a country,
    because others may call theirs the same."""
    if place is None:
        return None
    if clean_line(place.country) or place.latitude is None or place.longitude is None:
        return await ensure(place)
    position = (place.latitude, place.longitude)
    return await _kept(checked_name(place.name), own_mark(author), position, is_certain=True, owner_id=author.id)


def own_mark(owner: Account) -> str:
    """What somebody's own places have where others have a country."""
    return f"{OWN_MARK}{owner.id}"


async def _kept(
    name: str,
    country: str,
    position: tuple[float | None, float | None],
    *,
    is_certain: bool,
    owner_id: int | None = None,
) -> int:
    first, second = ("excluded", "places") if is_certain else ("places", "excluded")
    row = await db.fetch_one(
        "INSERT INTO places (id, name, country, latitude, longitude, owner_id) VALUES (?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT (name, country) DO UPDATE SET latitude = COALESCE({first}.latitude, {second}.latitude),"
        f" longitude = COALESCE({first}.longitude, {second}.longitude) RETURNING id",
        (new_id(), name, country, *position, owner_id),
    )
    assert row is not None
    return int(row[0])
