"""Who may see a post: the rule itself stands in `node/queries/conditions.py`, as the SQL of lists and single posts alike."""

from __future__ import annotations

from node import db
from node.errors import NotFound
from node.models.accounts import Account
from node.models.posts import VISIBILITIES, Post
from node.queries import conditions
from node.queries.conditions import Condition


def visible_to(viewer: Account | None, posts: str = "p") -> Condition:
    """`node.queries.conditions.visible_to` for an account at hand; `None` is somebody who is not signed in."""
    return conditions.visible_to(viewer.id if viewer is not None else None, posts)


async def may_see(viewer: Account | None, post: Post) -> bool:
    """Whether `viewer` (`None`: nobody in particular) may see `post` now."""
    condition = visible_to(viewer)
    row = await db.fetch_one(
        f"SELECT 1 FROM posts p WHERE p.id = ? AND {condition.sql}", (post.id, *condition.parameters)
    )
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
