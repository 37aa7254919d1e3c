"""Mastodon's Poll."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import emoji
from api.entities.emoji import CustomEmoji
from api.entities.encoding import encode, iso
from node import clock
from node.errors import NotFound
from node.queries import polls
from node.queries.polls import PollRow


class PollOption(msgspec.Struct, frozen=True):
    """One thing to vote for; its votes are `null` while the poll keeps them back."""

    title: str
    votes_count: int | None


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the readers of a post. What concerns the viewer is missing when nobody is signed in."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    voted: bool | msgspec.UnsetType = msgspec.UNSET
    own_votes: list[int] | msgspec.UnsetType = msgspec.UNSET
    options: list[PollOption]
    emojis: list[CustomEmoji]


async def by_id(viewer_id: int | None, poll_ids: Sequence[int]) -> dict[int, bytes]:
    """The polls of posts that the viewer is shown, by id; two statements at most."""
    rows = await polls.by_ids(viewer_id, poll_ids)
    shown = await _rendered(rows, viewer_id)
    return {row.id: encode(poll) for row, poll in zip(rows, shown, strict=True)}


async def one(poll_id: int, viewer_id: int | None) -> Poll:
    """One poll as the viewer sees it. Raises `NotFound` when its post is hidden or it is not there."""
    row = await polls.one(viewer_id, poll_id)
    if row is None:
        raise NotFound
    shown = await _rendered([row], viewer_id)
    return shown[0]


async def _rendered(rows: Sequence[PollRow], viewer_id: int | None) -> list[Poll]:
    found = await emoji.in_texts([(row.author_domain, "\n".join(row.options)) for row in rows])
    return [_poll(row, viewer_id, emojis) for row, emojis in zip(rows, found, strict=True)]


def _poll(row: PollRow, viewer_id: int | None, emojis: list[CustomEmoji]) -> Poll:
    """The entity. The author counts as somebody who has voted: there is nothing left to choose."""
    expired = row.expires_at is not None and row.expires_at <= clock.timestamp() * 1000
    shown = expired or not row.hide_totals
    return Poll(
        id=str(row.id),
        expires_at=iso(row.expires_at) if row.expires_at is not None else None,
        expired=expired,
        multiple=row.multiple,
        votes_count=row.votes_count,
        voters_count=row.voters_count,
        voted=msgspec.UNSET if viewer_id is None else bool(row.own_votes) or row.author_id == viewer_id,
        own_votes=msgspec.UNSET if viewer_id is None else row.own_votes,
        options=[
            PollOption(title, votes if shown else None) for title, votes in zip(row.options, row.tallies, strict=True)
        ],
        emojis=emojis,
    )
