"""Mastodon's Announcement and Reaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from api.entities import account, emoji
from api.entities.emoji import CustomEmoji
from api.entities.encoding import encode, iso
from api.entities.status import Mention, Tag
from node import urls
from node.errors import NotFound
from node.queries import announcements
from node.queries.announcements import LinkedRow, MentionedRow, ReactionRow
from node.text import find_hashtags, hashtag_name


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """How many answered with an emoji; `me` is missing when nobody is signed in, the addresses for a plain character."""

    name: str
    count: int
    me: bool | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    static_url: str | msgspec.UnsetType = msgspec.UNSET


class AnnouncedStatus(msgspec.Struct, frozen=True):
    """A post whose address stands in the text."""

    id: str
    url: str


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the admins to everybody here. `read` is missing when nobody is signed in."""

    id: str
    content: str
    starts_at: str | None
    ends_at: str | None
    all_day: bool
    published_at: str
    updated_at: str
    read: bool | msgspec.UnsetType = msgspec.UNSET
    mentions: list[Mention]
    statuses: list[AnnouncedStatus]
    tags: list[Tag]
    emojis: list[CustomEmoji]
    reactions: list[Reaction]


async def shown_to(viewer_id: int, *, with_dismissed: bool) -> list[Announcement]:
    """What somebody here is told, a fixed number of statements."""
    return await _render(await announcements.shown_to(viewer_id, with_dismissed=with_dismissed), viewer_id)


async def for_everybody(announcement_id: int) -> bytes:
    """One as streams tell of it: without what concerns the viewer. Raises `NotFound`."""
    shown = await _render(await announcements.one(None, announcement_id), None)
    if not shown:
        raise NotFound
    return encode(shown[0])


async def changed_reaction(announcement_id: int, name: str) -> bytes:
    """How many answer with an emoji now, as streams tell of it."""
    found = await announcements.reactions(None, [announcement_id])
    counted = next((row for row in found if row.name == name), ReactionRow(announcement_id, name, 0, False))
    ((*pictures,),) = await emoji.in_texts([("", f":{name}:")])
    entity = reaction(counted, {shown.shortcode: shown for shown in pictures}, None)
    return b'%b,"announcement_id":"%d"}' % (encode(entity)[:-1], announcement_id)


async def _render(rows: Sequence[Any], viewer_id: int | None) -> list[Announcement]:
    found = await announcements.reactions(viewer_id, [row["id"] for row in rows])
    named = {row["id"]: _ids(row["mentioned_ids"]) for row in rows}
    linked = {row["id"]: _ids(row["post_ids"]) for row in rows}
    people = await announcements.mentioned(sorted({number for ids in named.values() for number in ids}))
    posts = await announcements.linked(sorted({number for ids in linked.values() for number in ids}))
    texts = [("", row["content"]) for row in rows]
    *in_texts, in_reactions = await emoji.in_texts([*texts, ("", " ".join(f":{row.name}:" for row in found))])
    pictures = {shown.shortcode: shown for shown in in_reactions}
    return [
        Announcement(
            id=str(row["id"]),
            content=row["content"],
            starts_at=_moment(row["starts_at"]),
            ends_at=_moment(row["ends_at"]),
            all_day=bool(row["all_day"]),
            published_at=iso(row["published_at"]),
            updated_at=iso(row["updated_at"]),
            read=row["dismissal_id"] is not None if viewer_id is not None else msgspec.UNSET,
            mentions=[_mention(people[number]) for number in named[row["id"]] if number in people],
            statuses=[_status(posts[number]) for number in linked[row["id"]] if number in posts],
            tags=[Tag(name, urls.hashtag(name)) for name in map(hashtag_name, find_hashtags(row["text"]))],
            emojis=emojis,
            reactions=[
                reaction(answer, pictures, viewer_id) for answer in found if answer.announcement_id == row["id"]
            ],
        )
        for row, emojis in zip(rows, in_texts, strict=True)
    ]


def reaction(row: ReactionRow, pictures: Mapping[str, CustomEmoji], viewer_id: int | None) -> Reaction:
    """The entity of an answer; `pictures` are the custom emojis by shortcode."""
    picture = pictures.get(row.name)
    return Reaction(
        name=row.name,
        count=row.people,
        me=row.by_viewer if viewer_id is not None else msgspec.UNSET,
        url=picture.url if picture is not None else msgspec.UNSET,
        static_url=picture.static_url if picture is not None else msgspec.UNSET,
    )


def _mention(row: MentionedRow) -> Mention:
    return Mention(
        str(row.id),
        row.username,
        account.profile_url(row.username, row.domain, row.url, row.uri),
        account.acct(row.username, row.domain),
    )


def _status(row: LinkedRow) -> AnnouncedStatus:
    return AnnouncedStatus(str(row.id), row.url or row.uri)


def _moment(milliseconds: int | None) -> str | None:
    return iso(milliseconds) if milliseconds is not None else None


def _ids(stored: str | list[int]) -> list[int]:
    ids: list[int] = orjson.loads(stored) if isinstance(stored, str) else stored
    return ids
