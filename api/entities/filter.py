"""Mastodon's Filter, in its own version and the one before, and what is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from api.entities.encoding import iso
from node.models.filters import HIDE
from node.queries import filters
from node.queries.filters import FilteredPostRow, FilterRow, KeywordRow


class FilterKeyword(msgspec.Struct, frozen=True):
    """Words a filter looks for."""

    id: str
    keyword: str
    whole_word: bool


class FilterStatus(msgspec.Struct, frozen=True):
    """A post a filter names."""

    id: str
    status_id: str


class BareFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter as a filtered post names it: without what it looks for."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str


class Filter(BareFilter, frozen=True, kw_only=True):
    """A filter with all that is in it."""

    keywords: list[FilterKeyword]
    statuses: list[FilterStatus]


class FilterResult(msgspec.Struct, frozen=True):
    """Why a post is filtered: the words found in it, or the posts named, itself or the one it shares."""

    filter: BareFilter
    keyword_matches: list[str] | None
    status_matches: list[str] | None


class SingleFilter(msgspec.Struct, frozen=True):
    """One keyword and its filter, taken to be one thing: the API's first version."""

    id: str
    phrase: str
    context: list[str]
    whole_word: bool
    expires_at: str | None
    irreversible: bool


def bare(row: FilterRow) -> BareFilter:
    """A filter without what is in it."""
    return BareFilter(
        id=str(row.id),
        title=row.title,
        context=row.contexts,
        expires_at=_moment(row.expires_at),
        filter_action=row.action,
    )


def keyword(row: KeywordRow) -> FilterKeyword:
    """Words of a filter."""
    return FilterKeyword(str(row.id), row.keyword, row.whole_word)


def filtered_post(row: FilteredPostRow) -> FilterStatus:
    """A post of a filter."""
    return FilterStatus(str(row.id), str(row.post_id))


async def page(rows: Sequence[FilterRow]) -> list[Filter]:
    """These filters with all that is in them; two statements."""
    ids = [row.id for row in rows]
    words: dict[int, list[FilterKeyword]] = defaultdict(list)
    posts: dict[int, list[FilterStatus]] = defaultdict(list)
    for found in await filters.keywords(ids):
        words[found.filter_id].append(keyword(found))
    for named in await filters.posts(ids):
        posts[named.filter_id].append(filtered_post(named))
    return [
        Filter(
            id=str(row.id),
            title=row.title,
            context=row.contexts,
            expires_at=_moment(row.expires_at),
            filter_action=row.action,
            keywords=words[row.id],
            statuses=posts[row.id],
        )
        for row in rows
    ]


def single(row: FilterRow, words: KeywordRow) -> SingleFilter:
    """A keyword with the terms of its filter."""
    return SingleFilter(
        str(words.id), words.keyword, row.contexts, words.whole_word, _moment(row.expires_at), row.action == HIDE
    )


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
