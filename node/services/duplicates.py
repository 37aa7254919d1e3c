"""The very same file, uploaded by the same account again: what was made of it before is copied, not made again.

Each row keeps files of its own, so that what happens to one never touches the other: in a folder they are further names
of the same bytes, which go with the last name. Nothing is shared between accounts, so nobody learns what others have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from media import shown_facts
from media.edits.recipe import Recipe
from media.formats import ALSO
from media.storage import FileMissing
from media.video import playlists
from media.video.facts import UNEDITED, FilmEdits
from node import db
from node.models.accounts import Account
from node.models.films import Film
from node.models.media import READY, MediaFile
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import film_work, media
from node.services.recipes import NO_RECIPE

_PLAYLIST: Final = "application/vnd.apple.mpegurl"
_LOOKED_AT: Final = 20
_FACTS: Final = ("kind", "media_type", "width", "height", "duration", "sha256", "blurhash")
"""What is known of a file by its content alone, besides its files and the camera's facts."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What an account sends: the file's SHA-256 and size, the words with it, and what is to be made of it.

    `is_counted` when the room for it was claimed before; `has_poster` when a picture came with it.
    """

    account: Account
    sha256: str
    size: int
    description: str = ""
    focus: tuple[float, float] = (0.0, 0.0)
    recipe: Recipe = NO_RECIPE
    edits: FilmEdits = UNEDITED
    poster_at: float | None = None
    has_poster: bool = False
    is_counted: bool = False

    @property
    def words(self) -> dict[str, Any]:
        """What is said of it, by column."""
        return {"description": self.description, "focus_x": self.focus[0], "focus_y": self.focus[1]}


async def copied(sent: Sent, stored: list[str]) -> tuple[dict[str, Any], Film | None] | None:
    """The columns of a new row with copies of the files that were made of the same content before, and of a film what is
    known of it; `None` when there are none. Keys go into `stored`."""
    if not sent.recipe.is_idle or sent.has_poster:
        return None
    for file, film in await _made_before(sent):
        if film is not None and not _is_made_as(film, sent):
            continue
        try:
            return await _copies(file, stored), film
        except FileMissing:
            await media.delete_files(stored)
            stored.clear()
    return None


async def _made_before(sent: Sent) -> list[tuple[MediaFile, Film | None]]:
    """The same content, finished and not edited since, the newest first."""
    rows = await db.fetch_all(
        "SELECT m.id FROM media_files m WHERE m.account_id = ? AND m.sent_sha256 = ? AND m.state = ?"
        " AND NOT EXISTS (SELECT 1 FROM photo_edits e WHERE e.media_id = m.id) ORDER BY m.id DESC LIMIT ?",
        (sent.account.id, sent.sha256, READY, _LOOKED_AT),
    )
    ids = [int(row[0]) for row in rows]
    if not ids:
        return []
    films = {film.media_id: film for film in await Film.filter(media_id__in=ids)}
    return [(file, films.get(file.id)) for file in await MediaFile.filter(id__in=ids).order_by("-id")]


def _is_made_as(film: Film, sent: Sent) -> bool:
    if film.pending is not None or film.has_poster:
        return False
    return msgspec.convert(film.edits, FilmEdits) == sent.edits and film.poster_at == sent.poster_at


async def _copies(file: MediaFile, stored: list[str]) -> dict[str, Any]:
    keeps = runtime().settings.media.keep_originals
    original = await _copy(file.original_key, stored) if file.original_key and keeps else None
    wanted = {
        name: variant
        for name, variant in file.variants.items()
        if not name.startswith(film_work.CAPTIONS) and name != media.ORIGINAL
    }
    return {
        **{name: getattr(file, name) for name in _FACTS},
        "original_key": original,
        "variants": await _copy_variants(wanted, stored),
        "camera": {name: fact for name, fact in file.camera.items() if name != shown_facts.SHOWN},
    }


async def _copy_variants(variants: Mapping[str, Mapping[str, Any]], stored: list[str]) -> dict[str, dict[str, Any]]:
    """Playlists name other files, so they are written anew when those have their keys; the one that names playlists
    last."""
    copies: dict[str, dict[str, Any]] = {}
    addresses: dict[str, str] = {}
    for name in sorted(variants, key=lambda name: (_is_playlist(variants[name]), name == "hls")):
        variant = variants[name]
        if _is_playlist(variant):
            copies[name] = await _readdressed(variant, addresses, stored)
        else:
            alone = {fact: value for fact, value in variant.items() if fact != ALSO}
            copies[name] = {**alone, "key": await _copy(variant["key"], stored)}
        addresses[media.beside(variant["key"])] = media.beside(copies[name]["key"])
    return {name: copies[name] for name in variants}


def _is_playlist(variant: Mapping[str, Any]) -> bool:
    return bool(variant["type"] == _PLAYLIST)


async def _readdressed(variant: Mapping[str, Any], addresses: Mapping[str, str], stored: list[str]) -> dict[str, Any]:
    storage = runtime().storage
    text = (await storage.read(await storage.place_of(variant["key"]))).decode()
    async with scratch_folder() as folder:
        path = folder / "playlist"
        await asyncio.to_thread(path.write_text, playlists.readdressed(text, addresses))
        return {**variant, **await film_work.store(path, _PLAYLIST, stored)}


async def _copy(key: str, stored: list[str]) -> str:
    new = await runtime().storage.copy(key)
    stored.append(new)
    return new


def taken_over(film: Film, file: MediaFile) -> Film:
    """What is known of a film, for the row of a copy of it."""
    return Film(
        media_id=file.id,
        seconds=film.seconds,
        edits=film.edits,
        poster_at=film.poster_at,
        stage=film.stage,
        progress=100,
    )
