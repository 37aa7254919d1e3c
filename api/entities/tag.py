"""Mastodon's Tag, as an entity of its own, and FeaturedTag."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities.encoding import day, encode
from node import urls
from node.queries import hashtags
from node.queries.hashtags import FeaturedRow, HashtagRow, Use


class TagHistory(msgspec.Struct, frozen=True):
    """How often a hashtag was used on a day, which is named by the second it began."""

    day: str
    accounts: str
    uses: str


class Tag(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hashtag; for somebody signed in also whether they follow it and show it on their profile."""

    id: str
    name: str
    url: str
    history: list[TagHistory]
    following: bool | None = None
    featuring: bool | None = None


class FeaturedTag(msgspec.Struct, frozen=True):
    """A hashtag somebody shows on their profile; `last_status_at` is a date."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


class RelatedTag(msgspec.Struct, frozen=True):
    """A hashtag that often stands beside another."""

    name: str
    related_count: int


async def page(rows: Sequence[HashtagRow], *, signed_in: bool) -> list[bytes]:
    """The hashtags of a page, in its order; one statement at most."""
    uses = await hashtags.uses([row.id for row in rows])
    return [encode(_render(row, uses[row.id], signed_in)) for row in rows]


def _render(row: HashtagRow, uses: list[Use], signed_in: bool) -> Tag:
    return Tag(
        str(row.id),
        row.display_name,
        urls.hashtag(row.name),
        _history(uses),
        row.following if signed_in else None,
        row.featuring if signed_in else None,
    )


def unused(name: str, written: str, *, signed_in: bool) -> bytes:
    """A hashtag that nobody here has used yet."""
    mine = False if signed_in else None
    return encode(Tag("", written, urls.hashtag(name), _history(hashtags.unused()), mine, mine))


def _history(uses: list[Use]) -> list[TagHistory]:
    return [TagHistory(str(use.day * 86_400), str(use.accounts), str(use.uses)) for use in uses]


def featured(row: FeaturedRow) -> FeaturedTag:
    """A hashtag somebody shows."""
    last = day(row.last_post_at) if row.last_post_at is not None else None
    return FeaturedTag(str(row.id), row.display_name, urls.hashtag(row.name), str(row.posts), last)
