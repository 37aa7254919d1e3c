"""Custom emojis: this node's own, added by its admins, and those of others as their posts and profiles bring them.

Rendered posts and accounts are kept by version, so a change of an own emoji raises the version of everything written
here that uses it, a batch at a time in a job. What shows a remote emoji raises its version when it is received or
edited; a picture another server exchanges meanwhile is shown anew with the next change of the post that uses it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from media.errors import MediaBusy, MediaError
from media.probe import Limits, probe
from node import clock, db, jobs
from node.errors import Invalid, NotFound, Unavailable
from node.ids import new_id
from node.models.emojis import CustomEmoji
from node.models.fields import to_milliseconds
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import media
from node.text import clean_line

LOCAL: Final = ""
MAX_BYTES: Final = 256 * 1024
MAX_OWN: Final = 5_000
MAX_RECEIVED: Final = 100
CHANGED: Final = "emoji_changed"
_BATCH: Final = 5_000
_TYPES: Final = ("image/png", "image/gif", "image/webp")
_SHORTCODE: Final = re.compile(r"[a-zA-Z0-9_]{2,100}")


@dataclass(frozen=True, slots=True)
class ReceivedEmoji:
    """An emoji as a remote post or profile names it."""

    shortcode: str
    url: str


async def add(shortcode: str, path: Path, *, category: str = "", visible_in_picker: bool = True) -> CustomEmoji:
    """Take in the picture at `path` (the caller's to remove) as an emoji of this node, replacing one of that name.

    Raises `Invalid` (shortcode, image, category), `Unavailable` when too many pictures are being worked on.
    """
    if not _SHORTCODE.fullmatch(shortcode):
        raise Invalid("shortcode", "must be 2 to 100 of letters, digits and underscores")
    if await CustomEmoji.filter(domain=LOCAL).count() >= MAX_OWN:
        raise Invalid("shortcode", f"is one too many: a node has at most {MAX_OWN}", code="ERR_TOO_MANY")
    file_key, static_key = await _store(path)
    async with db.transaction():
        old = await CustomEmoji.get_or_none(shortcode=shortcode, domain=LOCAL)
        if old is not None:
            await _remove(old)
        emoji = await CustomEmoji.create(
            shortcode=shortcode,
            domain=LOCAL,
            file_key=file_key,
            static_key=static_key,
            category=_category(category),
            visible_in_picker=visible_in_picker,
        )
        await _has_changed(shortcode)
    return emoji


async def change(
    shortcode: str,
    *,
    category: str | None = None,
    visible_in_picker: bool | None = None,
    disabled: bool | None = None,
) -> CustomEmoji:
    """Put an own emoji elsewhere, hide it from the picker, or switch it off; `None` leaves as it is.

    Raises `NotFound`.
    """
    async with db.transaction():
        emoji = await own(shortcode)
        if category is not None:
            emoji.category = _category(category)
        if visible_in_picker is not None:
            emoji.visible_in_picker = visible_in_picker
        if disabled is not None:
            emoji.disabled = disabled
        await emoji.save()
        await _has_changed(shortcode)
    return emoji


async def remove(shortcode: str) -> None:
    """Take an own emoji away: where it was used, its name stands. Raises `NotFound`."""
    async with db.transaction():
        await _remove(await own(shortcode))
        await _has_changed(shortcode)


async def own(shortcode: str) -> CustomEmoji:
    """An emoji of this node, used or switched off. Raises `NotFound`."""
    emoji = await CustomEmoji.get_or_none(shortcode=shortcode, domain=LOCAL)
    if emoji is None:
        raise NotFound()
    return emoji


async def is_usable(shortcode: str) -> bool:
    """Whether there is an emoji of this node of that name that is not switched off."""
    if not _SHORTCODE.fullmatch(shortcode):
        return False
    return await CustomEmoji.exists(shortcode=shortcode, domain=LOCAL, disabled=False)


async def all_own() -> list[CustomEmoji]:
    """Every emoji of this node, by shortcode."""
    return await CustomEmoji.filter(domain=LOCAL).order_by("shortcode").limit(MAX_OWN)


async def receive(domain: str, named: Sequence[ReceivedEmoji]) -> bool:
    """Remember the emojis of another server. Call it in the transaction that stores what names them.

    Returns whether any is new or another picture than before.
    """
    changed = False
    for emoji in sorted(named[:MAX_RECEIVED], key=lambda emoji: emoji.shortcode):
        changed |= bool(
            await db.execute(
                "INSERT INTO custom_emojis (id, shortcode, domain, remote_url, visible_in_picker, disabled, created_at)"
                " VALUES (?, ?, ?, ?, TRUE, FALSE, ?) ON CONFLICT (shortcode, domain) DO UPDATE"
                " SET remote_url = excluded.remote_url WHERE custom_emojis.remote_url <> excluded.remote_url",
                (new_id(), emoji.shortcode, domain, emoji.url, to_milliseconds(clock.now())),
            )
        )
    return changed


async def _store(path: Path) -> tuple[str, str]:
    """The keys of the picture and of one that stands still: only an animation is kept as it came."""
    limits = Limits(max_bytes=MAX_BYTES, max_pixels=4_000_000, max_dimension=2_000)
    try:
        found = await asyncio.to_thread(probe, path, limits)
        if found.media_type not in _TYPES:
            raise Invalid("image", "must be a PNG, GIF or WebP")
        async with scratch_folder() as folder:
            still = await runtime().media_pool.process_emoji(path, folder, limits)
            static_key = await runtime().storage.put_file(folder / still.file_name, still.media_type)
    except MediaError as refusal:
        raise Invalid("image", f"is refused: {refusal}") from None
    except MediaBusy:
        raise Unavailable("Too many pictures are being worked on, try again in a moment") from None
    if found.frames == 1:
        return static_key, static_key
    return await runtime().storage.put_file(path, found.media_type), static_key


async def _remove(emoji: CustomEmoji) -> None:
    keys = sorted({key for key in (emoji.file_key, emoji.static_key) if key is not None})
    await jobs.enqueue(media.PURGE, {"keys": keys})
    await emoji.delete()


def _category(written: str) -> str | None:
    return clean_line(written)[:100] or None


async def _has_changed(shortcode: str) -> None:
    await jobs.enqueue(CHANGED, {"shortcode": shortcode})


async def _refresh(payload: dict[str, Any]) -> None:
    """Raise the version of everything written here that shows the emoji, walking along the ids."""
    # An underscore stands for any character here: one post too many is drawn anew, which does no harm.
    pattern = f"%:{payload['shortcode']}:%"
    for table, here, columns in (
        ("posts", "is_local = TRUE", ("content", "spoiler_text")),
        ("accounts", "domain = ''", ("display_name", "note", "profile_fields")),
    ):
        shows = " OR ".join(f"CAST({column} AS TEXT) LIKE ?" for column in columns)
        last = 0
        while (end := await _batch_after(table, last)) is not None:
            await db.execute(
                f"UPDATE {table} SET version = version + 1 WHERE id > ? AND id <= ? AND {here} AND ({shows})",
                (last, end, *[pattern] * len(columns)),
            )
            last = end


async def _batch_after(table: str, last: int) -> int | None:
    row = await db.fetch_one(
        f"SELECT MAX(id) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?) batch", (last, _BATCH)
    )
    return int(row[0]) if row is not None and row[0] is not None else None


jobs.register(CHANGED, _refresh)
