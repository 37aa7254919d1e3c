"""Collections of other servers, read page by page, within bounds.

What stands in them is a hint: an id to be fetched from its own origin, a number to be shown. So pages need not prove
what they are, but they come from one host, each of them once, and never more than a few.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from activitypub.parse import ParseError, collection_of, origin_host, parse_page, url_or_none
from activitypub.types import Collection, CollectionItem
from federation import fetching
from federation.budget import Budget
from federation.resolve_errors import ResolveError, Unresolvable

__all__ = ["MAX_ITEMS", "MAX_PAGES", "begun", "collection_of", "item_ids", "total_of"]

MAX_PAGES: Final = 10
MAX_ITEMS: Final = 500
_NO_POSTS: Final = frozenset({"Announce", "Like", "Add", "Follow", "Tombstone", "Link", "Delete", "Undo"})


async def item_ids(
    collection: Collection | str | None,
    host: str,
    budget: Budget,
    *,
    pages: int = MAX_PAGES,
    items: int = MAX_ITEMS,
    is_wanted: Callable[[CollectionItem], bool] = lambda item: True,
) -> list[str]:
    """The ids of the posts in a collection of `host`, in its order: of an activity, those of what it brought.

    `is_wanted` looks at what is embedded, which is a hint. An unreadable or missing page ends it; what was read until then counts. Raises `TooMuch` when the budget ends.
    """
    found: dict[str, None] = {}
    async for page in _pages(collection, host, budget, pages):
        found.update(dict.fromkeys(_post_ids(page, is_wanted)))
        if len(found) >= items:
            break
    return list(found)[:items]


def begun(collection: Collection | str | None) -> tuple[list[str], str | None]:
    """The ids in what came along of a collection, and where to read on."""
    ids: dict[str, None] = {}
    while isinstance(collection, Collection):
        ids.update(dict.fromkeys(_post_ids(collection)))
        collection = collection.first if collection.first is not None else collection.next
    return list(ids), collection


async def total_of(url: str, host: str, budget: Budget) -> int | None:
    """How many things a collection of `host` says there are in it."""
    try:
        return (await _fetched(url, host, budget)).total_items
    except ResolveError:
        return None


async def _pages(
    collection: Collection | str | None, host: str, budget: Budget, most: int
) -> AsyncIterator[Collection]:
    """The collection itself if it has items, then its pages."""
    visited: set[str] = set()
    current = collection
    while current is not None and len(visited) <= most:
        if isinstance(current, str):
            if current in visited or origin_host(current) != host:
                return
            visited.add(current)
            try:
                current = await _fetched(current, host, budget)
            except fetching.TooMuch:
                raise
            except ResolveError:
                return
        yield current
        current = current.first if current.first is not None else current.next


async def _fetched(url: str, host: str, budget: Budget) -> Collection:
    if origin_host(url) != host:
        raise Unresolvable(url, "the collection is on another host")
    fetched = await fetching.fetch_unchecked(url, budget)
    if origin_host(fetched.url) != host:
        raise Unresolvable(url, "the collection is on another host")
    try:
        return parse_page(fetched.document, fetched.url)
    except ParseError as error:
        raise Unresolvable(url, str(error)) from error


def _post_ids(page: Collection, is_wanted: Callable[[CollectionItem], bool] = lambda item: True) -> list[str]:
    return [uri for item in page.items if is_wanted(item) and (uri := _post_id(item)) is not None]


def _post_id(item: CollectionItem) -> str | None:
    if isinstance(item, str):
        return item
    kind = item.get("type")
    if not isinstance(kind, str) or kind in _NO_POSTS:
        return None
    brought = item.get("object") if kind in ("Create", "Update") else item.get("id")
    return url_or_none(brought.get("id") if isinstance(brought, Mapping) else brought)
