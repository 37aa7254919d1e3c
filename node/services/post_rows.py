"""How posts are written down and taken away: what publishing and receiving have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from node import clock, db
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, DIRECT, PUBLIC, UNLISTED, Post
from node.services import conversations, counters

_COLUMNS: Final = (
    "id", "account_id", "uri", "url", "parent_id", "parent_account_id", "parent_uri", "conversation_id",
    "shared_post_id", "visibility", "content", "text", "spoiler_text", "sensitive", "language", "place_id",
    "application_id", "comments_disabled", "comment_policy", "share_policy",
    "quote_policy", "quote_by_hand", "held_for", "hide_like_counts", "show_originals", "is_local", "has_media", "comments_count", "likes_count", "shares_count",
    "quotes_count", "version",
)  # fmt: skip
_INSERT: Final = (
    f"INSERT INTO posts ({', '.join(_COLUMNS)}, created_at, fetched_at)"
    f" VALUES ({db.marks(len(_COLUMNS) + 2)}) ON CONFLICT DO NOTHING"
)


async def insert(post: Post) -> bool:
    """Write a new post's row. Returns `False`, and writes nothing, when its id or uri is taken."""
    values = [getattr(post, column) for column in _COLUMNS]
    fetched_at = None if post.fetched_at is None else to_milliseconds(post.fetched_at)
    added = await db.execute(_INSERT, (*values, to_milliseconds(post.created_at), fetched_at))
    post._saved_in_db = added > 0
    return post._saved_in_db


async def address(post_id: int, mentioned: Iterable[int], silently: Iterable[int] = ()) -> None:
    """Address accounts: those named in the text, and those addressed without being named. Known ones stay as they are."""
    rows = dict.fromkeys(silently, True)
    rows.update(dict.fromkeys(mentioned, False))
    await db.execute_many(
        "INSERT INTO mentions (id, post_id, account_id, silent) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (post_id, account_id) DO NOTHING",
        [(new_id(), post_id, account_id, silent) for account_id, silent in rows.items()],
    )


def is_top_post(post: Post) -> bool:
    """Whether it stands on its author's profile as a post: no comment, no share, no direct message, not archived."""
    is_comment = post.parent_id is not None or post.parent_uri is not None
    return not is_comment and post.shared_post_id is None and post.visibility not in (DIRECT, ARCHIVED)


async def count_in(post: Post) -> None:
    """Count a new post where it counts: at its parent, at what it shares, or at its author's profile.

    It locks rows that others want too, so it comes late in a transaction.
    """
    if post.parent_id is not None and post.held_for is None:
        await counters.count_comments(post.parent_id, post.visibility, 1)
    if post.shared_post_id is not None:
        await counters.count_share(post.shared_post_id, 1)
    if is_top_post(post):
        await db.execute_later(
            "UPDATE accounts SET posts_count = posts_count + 1, version = version + 1,"
            " last_post_at = CASE WHEN last_post_at > ? THEN last_post_at ELSE ? END WHERE id = ?",
            (*[to_milliseconds(post.created_at)] * 2, post.account_id),
        )


async def count_out(post: Post) -> None:
    """Take a post that goes out of the counts it is in."""
    if post.parent_id is not None and post.held_for is None:
        await counters.count_comments(post.parent_id, post.visibility, -1)
    if post.shared_post_id is not None:
        await counters.count_share(post.shared_post_id, -1)
    if is_top_post(post):
        await db.execute_later(
            "UPDATE accounts SET posts_count = CASE WHEN posts_count > 0 THEN posts_count - 1 ELSE 0 END,"
            " version = version + 1 WHERE id = ?",
            (post.account_id,),
        )


async def remove(post: Post) -> bool:
    """Delete a post with all that hangs on it, leaving a tombstone; its comments stay. `False` when it was gone.

    Its pictures are left without a post and are collected like uploads that were never used.
    """
    await counters.uncount_quote_by(post.id)
    if post.visibility == DIRECT:
        await conversations.forget_post(post)
    if not await db.execute("DELETE FROM posts WHERE id = ?", (post.id,)):
        return False
    await count_out(post)
    await leave_tombstones([post.uri], were_public=post.visibility in (PUBLIC, UNLISTED))
    return True


async def leave_tombstones(uris: Sequence[str], *, were_public: bool = False) -> None:
    """Remember that these are gone, and whether everybody could know of them."""
    now = to_milliseconds(clock.now())
    await db.execute_many(
        "INSERT INTO tombstones (id, uri, was_public, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (uri) DO NOTHING",
        [(new_id(), uri, were_public, now) for uri in uris],
    )


async def lift_tombstone(uri: str) -> None:
    """Let something come back that was gone."""
    await db.execute("DELETE FROM tombstones WHERE uri = ?", (uri,))
