"""What others read of our threads: the comments on a post, and all posts of a thread that began here.

Both list ids, of posts here and elsewhere, oldest first: what they name is to be fetched from its own origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from activitypub.render import render_collection
from activitypub.render.collection import render_collection_page
from activitypub.types import Collection, Document
from federation.outbound.documents import LocalPost
from node import db

PAGE: Final = 50
_SHOWN: Final = (
    "p.visibility IN ('public', 'unlisted') AND p.held_for IS NULL AND p.shared_post_id IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = p.account_id AND a.suspended_at IS NOT NULL)"
)


async def replies(post: LocalPost, arguments: Mapping[str, str]) -> Document:
    """The public comments on a post; the first page comes along."""
    collection_id = f"{post.uri}/replies"
    which = f"p.parent_id = ? AND {_SHOWN}"
    page = await _page(collection_id, "CollectionPage", which, post.id, arguments)
    if "page" in arguments:
        return render_collection(page)
    return render_collection(
        Collection(
            id=collection_id,
            type="Collection",
            total_items=await _count(which, post.id),
            first=page,
            inverse=("repliesOf", post.uri),
        )
    )


async def attached_replies(post: LocalPost) -> Document:
    """`replies` to stand in the post's own document: GoToSocial reads what comes along and asks for no more."""
    beside_the_post = ("@context", "repliesOf")
    collection = await replies(post, {})
    return {name: value for name, value in collection.items() if name not in beside_the_post}


async def context(post: LocalPost, arguments: Mapping[str, str]) -> Document | None:
    """The public posts of the thread that `post` begins (FEP-f228); `None` when it begins none."""
    collection_id = f"{post.uri}/context"
    which = f"p.conversation_id = ? AND {_SHOWN}"
    if await db.fetch_one("SELECT 1 FROM posts WHERE id = ? AND conversation_id = ?", (post.id, post.id)) is None:
        return None
    page = await _page(collection_id, "OrderedCollectionPage", which, post.id, arguments)
    if "page" in arguments:
        return render_collection_page(page)
    return render_collection(
        Collection(
            id=collection_id,
            type="OrderedCollection",
            total_items=await _count(which, post.id),
            first=page,
            attributed_to=post.author_uri,
        )
    )


async def _page(collection_id: str, kind: str, which: str, number: int, arguments: Mapping[str, str]) -> Collection:
    after = _after(arguments)
    rows = await db.fetch_all(
        f"SELECT p.id, p.uri FROM posts p WHERE {which} AND p.id > ? ORDER BY p.id LIMIT ?", (number, after, PAGE)
    )
    return Collection(
        id=f"{collection_id}?page=true" + (f"&after={after}" if after else ""),
        type=kind,
        items=tuple(str(row[1]) for row in rows),
        part_of=collection_id,
        next=f"{collection_id}?page=true&after={rows[-1][0]}" if len(rows) == PAGE else None,
    )


async def _count(which: str, number: int) -> int:
    row = await db.fetch_one(f"SELECT COUNT(*) FROM posts p WHERE {which}", (number,))
    return int(row[0]) if row is not None else 0


def _after(arguments: Mapping[str, str]) -> int:
    """The id above which a page begins."""
    given = arguments.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0
