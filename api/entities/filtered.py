"""Which of a viewer's filters a post meets.

A viewer's filters are kept compiled by their version (`users.filters_version`), which every page reads with its posts:
who never had a filter costs nothing, who has some two or three statements after they changed them, in any process.

Words are compared case-folded with plain substring search, so that time grows with the text whatever was written into
a filter.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.entities import filter as filter_entity
from api.entities.encoding import encode
from api.entities.filter import FilterResult
from node import clock
from node.cache import BoundedCache
from node.queries import filters
from node.queries.filters import FilterRow

KEPT_VIEWERS: Final = 2_000
MAX_SEARCHED: Final = 100_000
"""Characters of a post that are looked at."""


@dataclass(frozen=True, slots=True)
class _Words:
    written: str
    folded: str
    bound_before: bool
    bound_behind: bool

    def first_in(self, folded: str) -> int:
        """Where in a case-folded text these words stand first, -1 for nowhere."""
        start = folded.find(self.folded)
        while start >= 0 and not self._is_bounded(folded, start):
            start = folded.find(self.folded, start + 1)
        return start

    def _is_bounded(self, text: str, start: int) -> bool:
        end = start + len(self.folded)
        if self.bound_before and start > 0 and _is_word(text[start - 1]):
            return False
        return not (self.bound_behind and end < len(text) and _is_word(text[end]))


@dataclass(frozen=True, slots=True)
class _Compiled:
    filter: FilterRow
    words: tuple[_Words, ...]
    post_ids: frozenset[int]

    def found_in(self, text: str, folded: str) -> str | None:
        """The first of its words in a text, as the text has them."""
        places = [(words.first_in(folded), words) for words in self.words]
        found = [place for place in places if place[0] >= 0]
        if not found:
            return None
        start, words = min(found, key=lambda place: place[0])
        # Folding may lengthen a text ("ß"); places in it are then not those of the original.
        return text[start : start + len(words.folded)] if len(text) == len(folded) else words.written

    def is_over(self, now: int) -> bool:
        return self.filter.expires_at is not None and self.filter.expires_at <= now


_kept: BoundedCache[int, tuple[int, list[_Compiled]]] = BoundedCache(KEPT_VIEWERS)


def forget_all() -> None:
    """Drop every compiled filter."""
    _kept.clear()


async def matches(
    viewer_id: int, version: int, texts: Mapping[int, str], shares: Mapping[int, int]
) -> dict[int, bytes]:
    """JSON of the `filtered` of those of these posts that meet a filter of the viewer's.

    `version` is that of the viewer's filters, `texts` the words of posts by id, `shares` the posts that shares share:
    what a share shows is searched, and share and shared post report the same.
    """
    if version == 0:
        return {}
    now = int(clock.timestamp() * 1000)
    compiled = [item for item in await _compiled(viewer_id, version) if not item.is_over(now)]
    if not compiled:
        return {}
    words = [words.folded for item in compiled for words in item.words]
    named = frozenset().union(*(item.post_ids for item in compiled))
    found: dict[int, bytes] = {}
    for post_id in texts:
        shared_id = shares.get(post_id)
        searched = texts.get(shared_id or post_id, "")[:MAX_SEARCHED]
        folded = searched.casefold()
        # Most posts meet no filter: that is seen at once, without looking who has which words.
        met = [word for word in words if word in folded]
        if not met and post_id not in named and shared_id not in named:
            continue
        results = _results(compiled, post_id, shared_id, searched, folded)
        if results:
            found[post_id] = encode(results)
    for post_id, shared_id in shares.items():
        if post_id in found:
            found[shared_id] = found[post_id]
    return found


async def prepare(versions: Mapping[int, int]) -> None:
    """Have the filters of many viewers ready for `matches`, by the versions they have: three statements for them all."""
    missing = [viewer_id for viewer_id, version in versions.items() if not _is_kept(viewer_id, version)]
    if not missing:
        return
    compiled = await _compile(missing)
    for viewer_id in missing:
        _kept.put(viewer_id, (versions[viewer_id], compiled[viewer_id]))


def _results(
    compiled: Iterable[_Compiled], post_id: int, shared_id: int | None, searched: str, folded: str
) -> list[FilterResult]:
    results = []
    for item in compiled:
        words = item.found_in(searched, folded)
        posts = [str(named) for named in (post_id, shared_id) if named in item.post_ids]
        if words is not None or posts:
            results.append(FilterResult(filter_entity.bare(item.filter), [words] if words else None, posts or None))
    return results


def _is_kept(viewer_id: int, version: int) -> bool:
    kept = _kept.get(viewer_id)
    return kept is not None and kept[0] == version


async def _compiled(viewer_id: int, version: int) -> list[_Compiled]:
    kept = _kept.get(viewer_id)
    if kept is not None and kept[0] == version:
        return kept[1]
    compiled = (await _compile([viewer_id]))[viewer_id]
    _kept.put(viewer_id, (version, compiled))
    return compiled


async def _compile(viewer_ids: Sequence[int]) -> Mapping[int, list[_Compiled]]:
    rows = await filters.of_accounts(viewer_ids)
    ids = [row.id for _, row in rows]
    words: dict[int, list[_Words]] = defaultdict(list)
    posts: dict[int, list[int]] = defaultdict(list)
    for found in await filters.keywords(ids):
        words[found.filter_id].append(_words(found.keyword, found.whole_word))
    for named in await filters.posts(ids):
        posts[named.filter_id].append(named.post_id)
    compiled: dict[int, list[_Compiled]] = defaultdict(list)
    for viewer_id, row in rows:
        compiled[viewer_id].append(_Compiled(row, tuple(words[row.id]), frozenset(posts[row.id])))
    return compiled


def _words(written: str, whole_word: bool) -> _Words:
    """As Mastodon does, a whole word is bounded only where it begins or ends with a letter, digit or underscore."""
    return _Words(
        written, written.casefold(), whole_word and _is_word(written[0]), whole_word and _is_word(written[-1])
    )


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
