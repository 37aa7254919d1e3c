"""What a remote profile shows first, read from its server: some (GoToSocial) never tell of it by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from activitypub.parse import ParseError, origin_host, parse_collection, read_hashtag, url_or_none
from activitypub.types import Collection, CollectionItem
from federation import account_collections, fetching, resolve
from federation.budget import Background, Budget
from federation.resolve_errors import ResolveError
from node.models.accounts import Account
from node.models.posts import Post
from node.services import pins, tags

MAX_ITEMS: Final = 20
MAX_COLLECTIONS: Final = 10


async def work(payload: Mapping[str, Any]) -> None:
    """The job. What cannot be read stays as it is."""
    account = await Account.get_or_none(id=payload["account_id"])
    if account is not None and account.suspended_at is None:
        await refresh(account, Background())


async def refresh(account: Account, budget: Budget) -> None:
    """Read what a remote account shows and keep what is listed, at most 20 posts; its collections of accounts follow in
    the background."""
    posts = await _items(account, account.featured_url, budget)
    if posts is not None:
        await pins.receive_pins(account, await _own_posts(account, posts, budget))
    shown = await _items(account, account.featured_tags_url, budget)
    if shown is not None:
        hashtags = [tag for item in shown if isinstance(item, Mapping) and (tag := read_hashtag(item)) is not None]
        await tags.receive_featured(account, [tag.name for tag in hashtags], all_of_them=True)
    for item in (await _items(account, account.featured_collections_url, budget) or ())[:MAX_COLLECTIONS]:
        uri = url_or_none(item if isinstance(item, str) else item.get("id"))
        if uri is not None:
            await account_collections.read_soon(account, uri)


async def _items(account: Account, url: str | None, budget: Budget) -> tuple[CollectionItem, ...] | None:
    """The first items of a collection on the account's host; `None` when it cannot be read."""
    if url is None or origin_host(url) != origin_host(account.uri):
        return None
    try:
        collection = parse_collection((await fetching.fetch(url, budget)).document)
        page = await _first_page(account, collection, budget)
    except (ResolveError, ParseError):
        return None
    return page.items[:MAX_ITEMS]


async def _first_page(account: Account, collection: Collection, budget: Budget) -> Collection:
    first = collection.first
    if collection.items or first is None:
        return collection
    if isinstance(first, Collection):
        return first
    if origin_host(first) != origin_host(account.uri):
        raise ParseError("first", "on another host than the collection")
    return parse_collection((await fetching.fetch(first, budget)).document)


async def _own_posts(account: Account, items: tuple[CollectionItem, ...], budget: Budget) -> list[Post]:
    """The posts that are listed, each from its own id: what is embedded is a hint."""
    found: list[Post] = []
    for item in items:
        uri = item if isinstance(item, str) else item.get("id")
        if not isinstance(uri, str) or not uri.startswith(("http://", "https://")):
            continue
        try:
            found.append(await resolve.resolve_post(uri, budget=budget))
        except ResolveError:
            continue
    return [post for post in found if post.account_id == account.id]
