"""Announcements: published by the admins, read and answered with an emoji by everybody here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from node import clock, db, events, urls
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.announcements import Announcement
from node.models.fields import to_milliseconds
from node.services import emojis, mentions
from node.text import clean, is_emoji, render_caption

MAX_TEXT: Final = 5_000
MAX_POSTS: Final = 20
MAX_SHOWN: Final = 50
MAX_KINDS: Final = 8
"""How many different emojis one announcement is answered with."""
_POST_PAGE: Final = re.compile(r"/@[\w.-]{1,255}/([0-9]{1,19})(?![0-9])")


@dataclass(frozen=True, slots=True)
class Notice:
    """What an admin wants to announce; the moments are of what it tells about."""

    text: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False


async def publish(notice: Notice) -> Announcement:
    """Tell everybody here. Records `AnnouncementPublished`. Raises `Invalid` (text, ends_at)."""
    async with db.transaction():
        announcement = Announcement(published_at=clock.now())
        await _write(announcement, notice)
    return announcement


async def edit(announcement_id: int, notice: Notice) -> Announcement:
    """Put other words in the place of a published one. Records `AnnouncementPublished`. Raises `NotFound`, `Invalid`."""
    async with db.transaction():
        announcement = await published(announcement_id)
        await _write(announcement, notice)
    return announcement


async def take_back(announcement_id: int) -> None:
    """Show it to nobody any more. Records `AnnouncementRemoved`. Raises `NotFound`."""
    async with db.transaction():
        announcement = await published(announcement_id)
        announcement.published_at = None
        await announcement.save()
        await events.record(events.AnnouncementRemoved(announcement_id=announcement.id))


async def take_back_ended() -> None:
    """Take back those that tell of what is over; periodic."""
    over = Announcement.filter(published_at__isnull=False, ends_at__lte=clock.now()).order_by("id")
    for announcement in await over.limit(MAX_SHOWN):
        async with db.transaction():
            taken = await db.execute(
                "UPDATE announcements SET published_at = NULL WHERE id = ? AND published_at IS NOT NULL",
                (announcement.id,),
            )
            if taken:
                await events.record(events.AnnouncementRemoved(announcement_id=announcement.id))


async def published(announcement_id: int) -> Announcement:
    """One that is shown now. Raises `NotFound`."""
    announcement = await Announcement.get_or_none(id=announcement_id)
    if announcement is None or announcement.published_at is None:
        raise NotFound()
    return announcement


async def latest() -> list[Announcement]:
    """The newest ones, taken back or not."""
    return await Announcement.all().order_by("-id").limit(MAX_SHOWN)


async def dismiss(account: Account, announcement_id: int) -> None:
    """Note that somebody has read it. Raises `NotFound`."""
    await published(announcement_id)
    await db.execute(
        "INSERT INTO announcement_dismissals (id, announcement_id, account_id, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (new_id(), announcement_id, account.id, to_milliseconds(clock.now())),
    )


async def react(account: Account, announcement_id: int, name: str) -> None:
    """Answer it with an emoji, once. Records `AnnouncementReactionChanged`. Raises `NotFound`, `Invalid` (name, limit)."""
    async with db.transaction():
        await published(announcement_id)
        if not is_emoji(name) and not await emojis.is_usable(name):
            raise Invalid("name", "is not a recognized emoji")
        await db.fetch_one(f"SELECT id FROM announcements WHERE id = ?{db.for_update()}", (announcement_id,))
        rows = await db.fetch_all(
            "SELECT DISTINCT name FROM announcement_reactions WHERE announcement_id = ?", (announcement_id,)
        )
        kinds = {row[0] for row in rows}
        if name not in kinds and len(kinds) >= MAX_KINDS:
            raise Invalid("limit", "of different reactions reached")
        added = await db.execute(
            "INSERT INTO announcement_reactions (id, announcement_id, account_id, name, created_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (new_id(), announcement_id, account.id, name, to_milliseconds(clock.now())),
        )
        if added:
            await events.record(events.AnnouncementReactionChanged(announcement_id=announcement_id, name=name))


async def take_reaction_back(account: Account, announcement_id: int, name: str) -> None:
    """Take an answer back. Records `AnnouncementReactionChanged`. Raises `NotFound` when there was none."""
    async with db.transaction():
        await published(announcement_id)
        removed = await db.execute(
            "DELETE FROM announcement_reactions WHERE announcement_id = ? AND name = ? AND account_id = ?",
            (announcement_id, name, account.id),
        )
        if not removed:
            raise NotFound()
        await events.record(events.AnnouncementReactionChanged(announcement_id=announcement_id, name=name))


async def _write(announcement: Announcement, notice: Notice) -> None:
    text = clean(notice.text)
    if not text:
        raise Invalid("text", "can't be blank", code="ERR_BLANK")
    if len(text) > MAX_TEXT:
        raise Invalid("text", f"is too long (maximum is {MAX_TEXT} characters)", code="ERR_TOO_LONG")
    if notice.starts_at is not None and notice.ends_at is not None and notice.ends_at < notice.starts_at:
        raise Invalid("ends_at", "can't be before the start")
    mentioned = await mentions.known_accounts(text)
    announcement.text = text
    announcement.content = render_caption(text, mentions=mentioned)
    announcement.mentioned_ids = sorted({account.id for account in mentioned.values()})
    announcement.post_ids = _posts_in(text)
    announcement.starts_at, announcement.ends_at = notice.starts_at, notice.ends_at
    announcement.all_day = notice.all_day
    announcement.updated_at = clock.now()
    await announcement.save()
    await events.record(events.AnnouncementPublished(announcement_id=announcement.id))


def _posts_in(text: str) -> list[int]:
    base = re.escape(urls.base())
    found = dict.fromkeys(int(number) for number in re.findall(base + _POST_PAGE.pattern, text))
    return [number for number in found if number < 2**63][:MAX_POSTS]
