"""Mastodon's ScheduledStatus, and our own Draft: what waits to be published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from api.entities import media
from api.entities.encoding import iso
from api.entities.media import MediaAttachment
from api.entities.status import visibility_word
from node.models.drafts import SavedDraft
from node.models.fields import to_milliseconds
from node.models.scheduled_posts import ScheduledPost
from node.queries import unposted
from node.services import drafts
from node.services.posts import Draft


class ScheduledPoll(msgspec.Struct, frozen=True):
    """The poll it will have; `expires_in` seconds after it is published."""

    options: list[str]
    expires_in: int | None
    multiple: bool
    hide_totals: bool


class WaitingPerson(msgspec.Struct, frozen=True):
    """Who is seen in a picture, and where."""

    account_id: str
    x: float
    y: float


class WaitingAttributes(msgspec.Struct, frozen=True):
    """Who is seen in a picture of the post."""

    id: str
    people: list[WaitingPerson]


class ScheduledParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; what was left unsaid is `null`."""

    text: str
    poll: ScheduledPoll | None
    media_ids: list[str] | None
    sensitive: bool | None
    spoiler_text: str | None
    visibility: str | None
    language: str | None
    in_reply_to_id: str | None
    application_id: int | None
    scheduled_at: str | None
    idempotency: None = None
    with_rate_limit: bool = False
    place_name: str | None
    place_id: str | None
    collection_ids: list[str]
    media_attributes: list[WaitingAttributes]
    comments_disabled: bool
    quoted_status_id: str | None
    quote_approval_policy: str | None
    comment_policy: str | None
    share_policy: str | None
    hide_like_counts: bool | None
    list_id: str | None
    show_originals: bool | None


class ScheduledStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is published at `scheduled_at`."""

    id: str
    scheduled_at: str
    params: ScheduledParameters
    media_attachments: list[MediaAttachment]


class StatusDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is being written. `params.scheduled_at` is when it is meant to be published."""

    id: str
    created_at: str
    updated_at: str
    params: ScheduledParameters
    media_attachments: list[MediaAttachment]


async def scheduled_page(rows: Sequence[Any]) -> list[ScheduledStatus]:
    """The entities of rows of `queries.unposted.scheduled_posts`; one more statement."""
    pictures = _by_holder(await unposted.media_of_scheduled_posts([row["id"] for row in rows]))
    return [_scheduled(row, pictures[row["id"]]) for row in rows]


async def scheduled(waiting: ScheduledPost) -> ScheduledStatus:
    """The entity of one at hand."""
    (entity,) = await scheduled_page([_plain(waiting, "scheduled_at")])
    return entity


async def draft_page(rows: Sequence[Any]) -> list[StatusDraft]:
    """The entities of rows of `queries.unposted.drafts`; one more statement."""
    pictures = _by_holder(await unposted.media_of_drafts([row["id"] for row in rows]))
    return [_draft(row, pictures[row["id"]]) for row in rows]


async def draft(saved: SavedDraft) -> StatusDraft:
    """The entity of one at hand."""
    (entity,) = await draft_page([_plain(saved, "scheduled_at", "created_at", "updated_at")])
    return entity


def _plain(row: Any, *moments: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in moments}
    in_milliseconds = {name: to_milliseconds(value) if value is not None else None for name, value in values.items()}
    return {"id": row.id, "parameters": row.parameters, **in_milliseconds}


def _by_holder(rows: Sequence[Any]) -> Mapping[int, dict[int, Any]]:
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in rows:
        found[row["holder_id"]][row["id"]] = row
    return found


def _scheduled(row: Any, pictures: Mapping[int, Any]) -> ScheduledStatus:
    content = _content(row["parameters"])
    return ScheduledStatus(
        id=str(row["id"]),
        scheduled_at=iso(row["scheduled_at"]),
        params=_parameters(content, None),
        media_attachments=_attachments(content, pictures),
    )


def _draft(row: Any, pictures: Mapping[int, Any]) -> StatusDraft:
    content = _content(row["parameters"])
    return StatusDraft(
        id=str(row["id"]),
        created_at=iso(row["created_at"]),
        updated_at=iso(row["updated_at"]),
        params=_parameters(content, row["scheduled_at"]),
        media_attachments=_attachments(content, pictures),
    )


def _content(parameters: Any) -> Draft:
    return drafts.content(orjson.loads(parameters) if isinstance(parameters, str | bytes) else parameters)


def _attachments(content: Draft, pictures: Mapping[int, Any]) -> list[MediaAttachment]:
    shown = [pictures[number] for number in content.media_ids if number in pictures]
    return [media.render(row, token=media.of_reader(row["account_id"])) for row in shown]


def _parameters(content: Draft, scheduled_at: int | None) -> ScheduledParameters:
    poll = content.poll
    return ScheduledParameters(
        text=content.text,
        poll=ScheduledPoll(list(poll.options), poll.expires_in, poll.multiple, poll.hide_totals) if poll else None,
        media_ids=[str(number) for number in content.media_ids] or None,
        sensitive=content.sensitive,
        spoiler_text=content.spoiler_text or None,
        visibility=visibility_word(content.visibility) if content.visibility else None,
        language=content.language,
        in_reply_to_id=str(content.parent_id) if content.parent_id is not None else None,
        application_id=content.application_id,
        scheduled_at=iso(scheduled_at) if scheduled_at is not None else None,
        place_name=content.place_name,
        place_id=str(content.place_id) if content.place_id is not None else None,
        collection_ids=[str(number) for number in content.album_ids],
        media_attributes=_attributes(content),
        comments_disabled=content.comments_disabled,
        quoted_status_id=str(content.quoted_post_id) if content.quoted_post_id is not None else None,
        quote_approval_policy=content.policies.quote,
        comment_policy=content.policies.comment,
        share_policy=content.policies.share,
        hide_like_counts=content.policies.hide_like_counts,
        list_id=str(content.list_id) if content.list_id is not None else None,
        show_originals=content.policies.show_originals,
    )


def _attributes(content: Draft) -> list[WaitingAttributes]:
    return [
        WaitingAttributes(
            str(media_id),
            [
                WaitingPerson(str(seen.account_id), seen.x, seen.y)
                for seen in content.people
                if seen.media_id == media_id
            ],
        )
        for media_id in dict.fromkeys(seen.media_id for seen in content.people)
    ]
