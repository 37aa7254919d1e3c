"""Collections others read: outbox, followers, following, and what hangs on a post. Paged by id, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from activitypub.render import render_collection, render_collection_page, render_ordered_collection
from activitypub.render.contexts import NOTE_CONTEXT, PLAIN_CONTEXT
from activitypub.render.writing import hashtag_document
from activitypub.types import Collection, Document, Hashtag
from federation.outbound.documents import LocalPost, local_post
from federation.outbound.publish import publication
from node import db, urls
from node.models.accounts import Account

_Row = TypeVar("_Row")
OUTBOX_PAGE: Final = 20
RELATIONS_PAGE: Final = 50
_PUBLIC: Final = "visibility IN ('public', 'unlisted') AND held_for IS NULL"
_RELATIONS: Final = {"followers": ("target_id", "account_id"), "following": ("account_id", "target_id")}


def empty(collection_id: str) -> Document:
    """A collection with nothing in it."""
    return render_collection(Collection(id=collection_id, type="OrderedCollection", total_items=0))


async def outbox(account: Account, arguments: Mapping[str, str]) -> Document:
    """The public posts and shares of an account, as the activities that brought them."""
    collection_id = f"{account.uri}/outbox"
    if "page" not in arguments:
        return render_ordered_collection(
            collection_id,
            total_items=await _public_posts(account.id),
            first=f"{collection_id}?page=true",
            inverse=("outboxOf", account.uri),
        )
    cut = _Cut.asked(arguments)
    rows = await db.fetch_all(
        f"SELECT id FROM posts WHERE account_id = ? AND {_PUBLIC} AND {cut.sql('id')} LIMIT ?",
        (account.id, cut.at, OUTBOX_PAGE),
    )
    ids = cut.newest_first([int(row[0]) for row in rows])
    items: list[Mapping[str, Any]] = []
    for post_id in ids:
        post = await local_post(post_id)
        if post is not None:
            items.append({key: value for key, value in (await publication(post)).items() if key != "@context"})
    return _page(collection_id, cut, items, ids, OUTBOX_PAGE, NOTE_CONTEXT)


async def relations(account: Account, name: str, arguments: Mapping[str, str]) -> Document:
    """`followers` or `following`; without pages when the account hides them."""
    collection_id = f"{account.uri}/{name}"
    mine, theirs = _RELATIONS[name]
    total = account.followers_count if name == "followers" else account.following_count
    if account.hide_collections or "page" not in arguments:
        first = None if account.hide_collections else f"{collection_id}?page=true"
        inverse = (f"{name}Of", account.uri)
        return render_ordered_collection(collection_id, total_items=total, first=first, inverse=inverse)
    cut = _Cut.asked(arguments)
    rows = await db.fetch_all(
        f"SELECT f.id, a.uri FROM follows f JOIN accounts a ON a.id = f.{theirs}"
        f" WHERE f.{mine} = ? AND f.accepted = TRUE AND a.suspended_at IS NULL AND {cut.sql('f.id')} LIMIT ?",
        (account.id, cut.at, RELATIONS_PAGE),
    )
    shown = cut.newest_first(rows)
    return _page(collection_id, cut, [row[1] for row in shown], [int(row[0]) for row in shown], RELATIONS_PAGE)


async def count_of_post(post: LocalPost, name: str) -> Document:
    """`likes` or `shares` of a post: their number alone."""
    column = {"likes": "likes_count", "shares": "shares_count"}[name]
    row = await db.fetch_one(f"SELECT {column}, hide_like_counts FROM posts WHERE id = ?", (post.id,))
    total = int(row[0]) if row is not None else 0
    is_hidden = row is not None and name == "likes" and bool(row[1])
    return render_collection(
        Collection(
            id=f"{post.uri}/{name}",
            type="Collection",
            total_items=None if is_hidden else total,
            inverse=(f"{name}Of", post.uri),
        )
    )


async def featured(account: Account) -> Document:
    """What an account pinned for everybody to see, by id, pinned last first: never more than a handful."""
    rows = await db.fetch_all(
        "SELECT p.uri FROM pinned_posts pin JOIN posts p ON p.id = pin.post_id"
        " WHERE pin.account_id = ? AND p.visibility IN ('public', 'unlisted') ORDER BY pin.id DESC",
        (account.id,),
    )
    items = tuple(row[0] for row in rows)
    return render_collection(
        Collection(id=f"{account.uri}/featured", type="OrderedCollection", total_items=len(items), items=items)
    )


async def featured_tags(account: Account) -> Document:
    """The hashtags an account shows on its profile."""
    rows = await db.fetch_all(
        "SELECT f.name, h.name FROM featured_tags f JOIN hashtags h ON h.id = f.hashtag_id WHERE f.account_id = ?"
        " ORDER BY f.id LIMIT 50",
        (account.id,),
    )
    items = tuple(hashtag_document(Hashtag(row[0], urls.hashtag(row[1]))) for row in rows)
    collection_id = f"{account.uri}/featured_tags"
    return render_collection(Collection(collection_id, "Collection", total_items=len(items), items=items), NOTE_CONTEXT)


async def _public_posts(account_id: int) -> int:
    row = await db.fetch_one(f"SELECT COUNT(*) FROM posts WHERE account_id = ? AND {_PUBLIC}", (account_id,))
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a page begins: below an id, or above one and counted from there."""

    name: str
    at: int

    @classmethod
    def asked(cls, arguments: Mapping[str, str]) -> _Cut:
        """By `before` or `after`; the first page for anything else."""
        for name in ("before", "after"):
            given = arguments.get(name, "")
            if given.isascii() and given.isdigit() and len(given) <= 18:
                return cls(name, int(given))
        return cls("", 2**63 - 1)

    def sql(self, column: str) -> str:
        """The condition on the ids, and their order."""
        return f"{column} > ? ORDER BY {column}" if self.name == "after" else f"{column} < ? ORDER BY {column} DESC"

    def newest_first(self, rows: Sequence[_Row]) -> Sequence[_Row]:
        return rows[::-1] if self.name == "after" else rows


def _page(
    collection_id: str,
    cut: _Cut,
    items: Sequence[str | Mapping[str, Any]],
    ids: Sequence[int],
    size: int,
    context: Any = PLAIN_CONTEXT,
) -> Document:
    page_id = f"{collection_id}?page=true"
    is_full = len(ids) == size
    has_older = is_full or cut.name == "after"
    has_newer = cut.name == "before" or (is_full and cut.name == "after")
    page = Collection(
        id=f"{page_id}&{cut.name}={cut.at}" if cut.name else page_id,
        type="OrderedCollectionPage",
        items=tuple(items),
        part_of=collection_id,
        next=f"{page_id}&before={ids[-1]}" if ids and has_older else None,
        prev=f"{page_id}&after={ids[0]}" if ids and has_newer else None,
    )
    return render_collection_page(page, context)
