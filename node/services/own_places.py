"""Places of somebody's own: named by them alone, where they say, exactly or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from node import clock, db, events
from node.errors import BASE, Invalid, NotFound
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import Place
from node.rate_limits import Limit
from node.services import throttling
from node.services.places import checked_name, own_mark

MAX_PLACES: Final = 200
MAX_TOLD: Final = 100
"""Of how many posts from a place others are told at once that it has changed; the rest show it when they are read."""
CHANGES: Final = Limit("own_places", 60, 3600)
"""Each may have a hundred posts told of anew."""


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """All that is said of a place: degrees where known, and whether others may know them."""

    name: str
    latitude: float | None = None
    longitude: float | None = None
    hides_position: bool = False


async def create(owner: Account, wanted: OwnPlace) -> Place:
    """Keep a new place. Raises `Invalid` (name, latitude, base when there are too many)."""
    values = _checked(wanted)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (owner.id,))
        if await Place.filter(owner_id=owner.id).count() >= MAX_PLACES:
            raise Invalid(BASE, f"You cannot have more than {MAX_PLACES} places", code="ERR_TOO_MANY")
        await _check_unused(owner, values["name"])
        return await Place.create(owner_id=owner.id, country=own_mark(owner), **values)


async def change(owner: Account, place_id: int, wanted: OwnPlace) -> None:
    """Say anew all there is to say of a place; its posts show it so. Raises `NotFound`, `Invalid` as `create` does,
    `RateLimited`."""
    values = _checked(wanted)
    await throttling.spend(CHANGES, str(owner.id))
    async with db.transaction():
        known = await _own(owner, place_id)
        await _check_unused(owner, values["name"], besides=place_id)
        await Place.filter(id=place_id).update(**values)
        if _told(known.name, known.latitude, known.longitude, known.hides_position) != _told(**values):
            await _show_anew(place_id)


async def delete(owner: Account, place_id: int) -> None:
    """Forget a place; its posts name none any more. Raises `NotFound`, `RateLimited`."""
    await throttling.spend(CHANGES, str(owner.id))
    async with db.transaction():
        await _own(owner, place_id)
        await _show_anew(place_id)
        await db.execute("DELETE FROM places WHERE id = ?", (place_id,))


async def _own(owner: Account, place_id: int) -> Place:
    """The owner's place, its row locked until the transaction ends."""
    await db.fetch_one(f"SELECT id FROM places WHERE id = ?{db.for_update()}", (place_id,))
    known = await Place.get_or_none(id=place_id, owner_id=owner.id)
    if known is None:
        raise NotFound
    return known


def _told(name: str, latitude: float | None, longitude: float | None, hides_position: bool) -> tuple[Any, ...]:
    """What others are told of a place."""
    return (name, None, None) if hides_position else (name, latitude, longitude)


async def _check_unused(owner: Account, name: str, besides: int = 0) -> None:
    known = await Place.get_or_none(owner_id=owner.id, name=name)
    if known is not None and known.id != besides:
        raise Invalid("name", "has already been taken", code="ERR_TAKEN")


async def _show_anew(place_id: int) -> None:
    """Have the posts from a place rendered anew, and those who got the newest of them told."""
    await db.execute("UPDATE posts SET version = version + 1 WHERE place_id = ?", (place_id,))
    rows = await db.fetch_all(
        "SELECT id FROM posts WHERE place_id = ? AND is_local = TRUE ORDER BY id DESC LIMIT ?", (place_id, MAX_TOLD)
    )
    moment = to_milliseconds(clock.now())
    for row in rows:
        await events.record(events.PostEdited(post_id=int(row[0]), moment=moment))


def _checked(wanted: OwnPlace) -> dict[str, Any]:
    latitude, longitude = wanted.latitude, wanted.longitude
    is_half = (latitude is None) != (longitude is None)
    is_nowhere = latitude is not None and longitude is not None and not (abs(latitude) <= 90 and abs(longitude) <= 180)
    if is_half or is_nowhere:
        raise Invalid("latitude", "and longitude are no place on earth")
    return {
        "name": checked_name(wanted.name, "name"),
        "latitude": latitude,
        "longitude": longitude,
        "hides_position": wanted.hides_position,
    }
