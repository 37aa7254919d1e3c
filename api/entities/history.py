"""Mastodon's StatusEdit and StatusSource."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from api.entities import account, emoji, media
from api.entities.emoji import CustomEmoji
from api.entities.encoding import encode, iso
from node.errors import NotFound
from node.queries import content


class PollOption(msgspec.Struct, frozen=True):
    """One thing that could be voted for."""

    title: str


class EditedPoll(msgspec.Struct, frozen=True):
    """The poll as it was then, without votes."""

    options: list[PollOption]


class StatusEdit(msgspec.Struct, frozen=True):
    """How a post looked from `created_at` on; `poll` is missing when there was none."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: account.Account
    media_attachments: list[media.MediaAttachment]
    emojis: list[CustomEmoji]
    poll: EditedPoll | msgspec.UnsetType = msgspec.UNSET


class StatusSource(msgspec.Struct, frozen=True):
    """What the author typed."""

    id: str
    text: str
    spoiler_text: str


async def of_post(post_id: int, viewer_id: int | None) -> bytes:
    """Every look of a post, oldest first; the last is the present one."""
    rows = await content.posts([post_id])
    if not rows:
        raise NotFound
    post = rows[0]
    author: Any = msgspec.Raw(await account.one(post["account_id"]))
    edits = await content.edits(post_id)
    named = {str(item["id"]) for edit in edits for item in orjson.loads(edit["media"])}
    pictures = {str(row["id"]): row for row in await content.media_by_ids([int(number) for number in named])}
    looks = [
        StatusEdit(
            edit["content"],
            edit["spoiler_text"],
            bool(edit["sensitive"]),
            iso(edit["created_at"]),
            author,
            [
                _picture(pictures[str(item["id"])], item)
                for item in orjson.loads(edit["media"])
                if str(item["id"]) in pictures
            ],
            [],
            _poll(edit["poll_options"]),
        )
        for edit in edits
    ]
    now = StatusEdit(
        post["content"],
        post["spoiler_text"],
        bool(post["sensitive"]),
        iso(post["edited_at"] or post["created_at"]),
        author,
        [media.render(picture) for picture in await content.media([post_id])],
        [],
        _poll(post["poll_options"]),
    )
    return media.personal(encode(await _with_emojis([*looks, now], post["author_domain"])), viewer_id)


async def _with_emojis(looks: list[StatusEdit], domain: str) -> list[StatusEdit]:
    shown = await emoji.in_texts([(domain, _written(look)) for look in looks])
    return [msgspec.structs.replace(look, emojis=emojis) for look, emojis in zip(looks, shown, strict=True)]


def _written(look: StatusEdit) -> str:
    titles = [] if look.poll is msgspec.UNSET else [option.title for option in look.poll.options]
    return "\n".join((look.spoiler_text, look.content, *titles))


def _poll(options: str | None) -> EditedPoll | msgspec.UnsetType:
    if options is None:
        return msgspec.UNSET
    return EditedPoll([PollOption(title) for title in orjson.loads(options)])


def _picture(row: Any, then: dict[str, Any]) -> media.MediaAttachment:
    return msgspec.structs.replace(media.render(row), description=then.get("description") or None)


async def source(post_id: int, account_id: int | None) -> StatusSource:
    """What the author typed. Raises `NotFound` for a post that is not this account's own."""
    row = await content.source(post_id, account_id)
    if row is None:
        raise NotFound
    return StatusSource(str(row["id"]), row["text"], row["spoiler_text"])
