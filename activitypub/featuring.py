"""Collections of accounts that somebody recommends (FEP-7aa9), as they cross the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FeaturedItem:
    """An account in a collection. `authorization` is where its consent can be read."""

    account: str
    id: str | None = None
    authorization: str | None = None


@dataclass(frozen=True, slots=True)
class FeaturedCollection:
    """A collection of accounts. `summary` may hold HTML; `topic` is a hashtag, without ``#``."""

    id: str
    attributed_to: str
    name: str
    summary: str | None = None
    language: str | None = None
    url: str | None = None
    sensitive: bool = False
    discoverable: bool = False
    topic: str | None = None
    items: tuple[FeaturedItem, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeatureAuthorization:
    """The consent of an account (`interaction_target`) to stand in a collection (`interacting_object`)."""

    id: str
    interacting_object: str
    interaction_target: str
