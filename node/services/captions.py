"""Captions of films, one file per language, added by the owner at any time."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Any, Final

from media.errors import MediaError
from media.video.captions import MAX_BYTES, clean_captions
from media.video.facts import AUDIO, GIFV, VIDEO
from node import db, jobs
from node.errors import Invalid, NotFound
from node.models.accounts import Account
from node.models.media import MediaFile
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import media
from node.services.film_work import CAPTIONS

MOST_LANGUAGES: Final = 20
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")
_MOVING: Final = (VIDEO, GIFV, AUDIO)


async def put(account: Account, media_id: int, language: str, path: Path) -> MediaFile:
    """Give one of the account's films captions in a language, in the place of earlier ones; `path` is the caller's.

    Raises `NotFound`, `Invalid` (language, file).
    """
    language = _checked(language)
    data = await asyncio.to_thread(_read, path)
    try:
        text = clean_captions(data)
    except MediaError as refusal:
        raise Invalid("file", refusal.reason) from None
    async with scratch_folder() as folder:
        written = folder / "captions.vtt"
        await asyncio.to_thread(written.write_text, text, "utf-8")
        key = await runtime().storage.put_file(written, "text/vtt")
    stored = text.encode()
    known = {"key": key, "type": "text/vtt", "language": language, "bytes": len(stored)}
    known["sha256"] = hashlib.sha256(stored).hexdigest()
    try:
        return await _change(account, media_id, language, known)
    except BaseException:
        await asyncio.shield(media.delete_files([key]))
        raise


async def remove(account: Account, media_id: int, language: str) -> MediaFile:
    """Take the captions in a language away. Raises `NotFound`, also when there are none."""
    return await _change(account, media_id, _checked(language), None)


async def _change(account: Account, media_id: int, language: str, captions: dict[str, Any] | None) -> MediaFile:
    name = f"{CAPTIONS}{language}"
    async with db.transaction():
        # Whoever changes the row, this or the work on the film, waits for the other.
        await media.lock(media_id)
        file = await media.own(account, media_id)
        before = file.variants.get(name)
        if file.kind not in _MOVING or (captions is None and before is None):
            raise NotFound
        others = {other: variant for other, variant in file.variants.items() if other != name}
        file.variants = others if captions is None else {**others, name: captions}
        if sum(other.startswith(CAPTIONS) for other in file.variants) > MOST_LANGUAGES:
            raise Invalid("language", f"there are captions in {MOST_LANGUAGES} languages already")
        await file.save(update_fields=["variants"])
        if before is not None:
            await jobs.enqueue(media.PURGE, {"keys": [before["key"]]})
        if file.post_id is not None:
            await db.execute("UPDATE posts SET version = version + 1 WHERE id = ?", (file.post_id,))
    return file


def _checked(language: str) -> str:
    found = _LANGUAGE.fullmatch(language.lower())
    if found is None:
        raise Invalid("language", "must be a language tag such as en or pt-br")
    return found[0]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
