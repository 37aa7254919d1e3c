"""Who may see a post. The rule stands here once, as SQL: single posts and lists ask the same words.

A post is seen by nobody when its author is suspended, nor by somebody its author blocks or who blocks the author.
Else public and unlisted posts are seen by everyone; a followers-only post by its author, the followers its author (or
the author's server) accepted and those it addresses; a direct post by its author and those it addresses. A share is
seen by those who may see both it and what it shares.
"""

from __future__ import annotations

from dataclasses import dataclass

from node import db
from node.errors import NotFound
from node.models.accounts import Account
from node.models.posts import VISIBILITIES, Post


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL for a `WHERE`, and the values for its question marks, in order."""

    sql: str
    parameters: tuple[object, ...]


def visible_to(viewer: Account | None, posts: str = "p") -> Condition:
    """The condition under which a row of `posts` (an alias in the caller's query) may be shown to `viewer`.

    `None` is somebody who is not signed in, or an unsigned request.
    """
    own, shared = _seen(viewer, posts), _seen(viewer, "shared_post")
    return Condition(
        f"{own.sql} AND ({posts}.shared_post_id IS NULL OR EXISTS ("
        f"SELECT 1 FROM posts shared_post WHERE shared_post.id = {posts}.shared_post_id AND {shared.sql}))",
        own.parameters + shared.parameters,
    )


def _seen(viewer: Account | None, post: str) -> Condition:
    """`visible_to` for a post regarded alone, without what it shares."""
    author_is_there = (
        f"NOT EXISTS (SELECT 1 FROM accounts author WHERE author.id = {post}.account_id"
        " AND author.suspended_at IS NOT NULL)"
    )
    if viewer is None:
        return Condition(f"{post}.visibility IN ('public', 'unlisted') AND {author_is_there}", ())
    return Condition(
        f"({post}.account_id = ? OR {author_is_there}"
        f" AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = {post}.account_id AND b.target_id = ?)"
        f" AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ? AND b.target_id = {post}.account_id)"
        f" AND ({post}.visibility IN ('public', 'unlisted')"
        f" OR EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = {post}.id AND m.account_id = ?)"
        f" OR {post}.visibility = 'followers' AND EXISTS (SELECT 1 FROM follows f"
        f" WHERE f.account_id = ? AND f.target_id = {post}.account_id AND f.accepted = TRUE)))",
        (viewer.id,) * 5,
    )


async def may_see(viewer: Account | None, post: Post) -> bool:
    """Whether `viewer` (`None`: nobody in particular) may see `post` now."""
    condition = visible_to(viewer)
    row = await db.fetch_one(f"SELECT 1 FROM posts p WHERE p.id = ? AND {condition.sql}", (post.id, *condition.parameters))
    return row is not None


async def visible_post(viewer: Account | None, post_id: int) -> Post:
    """The post, if `viewer` may see it. Raises `NotFound`, alike for one that is hidden and one that is not there."""
    post = await Post.get_or_none(id=post_id)
    if post is None or not await may_see(viewer, post):
        raise NotFound()
    return post


async def visible_original(viewer: Account | None, post_id: int) -> Post:
    """`visible_post`, or the post it shares when it is a share: what a like, comment or bookmark is meant for."""
    post = await visible_post(viewer, post_id)
    return post if post.shared_post_id is None else await Post.get(id=post.shared_post_id)


def narrower(one: str, other: str) -> str:
    """The visibility of two that fewer people see."""
    return max(one, other, key=VISIBILITIES.index)
