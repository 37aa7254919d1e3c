"""``location``: where a post was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.parse.reading import number, objects, text
from activitypub.parse.urls import url_or_none
from activitypub.types import Place

MAX_PLACE_NAME = 500


def read_place(document: Mapping[str, Any]) -> Place | None:
    """The place of the post (Pixelfed, Mobilizon), or else of its first attachment that has one (Vernissage)."""
    for holder in (document, *objects(document.get("attachment"), 20)):
        for location in objects(holder.get("location"), 5):
            if (place := _place(location)) is not None:
                return place
    return None


def _place(location: Mapping[str, Any]) -> Place | None:
    address = location.get("address")
    postal = address if isinstance(address, Mapping) else {}
    name = text(location.get("name"), MAX_PLACE_NAME) or text(postal.get("addressLocality"), MAX_PLACE_NAME)
    if name is None:
        return None
    latitude = number(location.get("latitude"), -90, 90)
    longitude = number(location.get("longitude"), -180, 180)
    country = location.get("country") or location.get("addressCountry") or postal.get("addressCountry")
    is_position = latitude is not None and longitude is not None
    return Place(
        name=name,
        latitude=latitude if is_position else None,
        longitude=longitude if is_position else None,
        country=text(country, MAX_PLACE_NAME),
        id=url_or_none(location.get("id")),
    )
