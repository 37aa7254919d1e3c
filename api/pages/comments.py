"""The comments on a post, as everybody may read them: those its author pinned first, then the oldest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.models.posts import Post
from node.queries import public_comments

COMMENTS = 40


@dataclass(frozen=True, slots=True)
class Comments:
    """One page of comments; `after` leads to the younger ones, `None` when there are none. `pinned` are ids of `posts`."""

    posts: Sequence[Post]
    pinned: frozenset[int]
    after: int | None


async def of_post(post: Post, after: int | None) -> Comments:
    """The page of comments that begins after the comment `after`; `None` begins with the pinned ones."""
    pinned = await public_comments.pinned(post.id) if after is None else ()
    others = await public_comments.others(post.id, after or 0, COMMENTS + 1)
    shown = [*pinned, *others[:COMMENTS]]
    found = {comment.id: comment for comment in await Post.filter(id__in=shown).prefetch_related("account")}
    return Comments(
        [found[comment_id] for comment_id in shown if comment_id in found],
        frozenset(pinned),
        others[COMMENTS - 1] if len(others) > COMMENTS else None,
    )
