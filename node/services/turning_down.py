"""Authors elsewhere who do not want what somebody here did to a post of theirs: a comment, a like, a share."""

from __future__ import annotations

from node import db
from node.errors import Forbidden
from node.models.accounts import Account
from node.models.graph import Like
from node.models.posts import Post
from node.services import counters, likes, shares


async def turn_down(author: Account, uri: str) -> bool:
    """Heed that `author` refuses what has the id `uri`; `False` when that is no comment, like or share made here.

    The like or share is taken back; the comment is shown to its writer alone from now on. Raises `Forbidden` when it
    was not done to a post of `author`.
    """
    like = await Like.get_or_none(uri=uri, account__domain="").select_related("account", "post")
    if like is not None:
        _check(author, like.post.account_id)
        await likes.unlike(like.account, like.post_id)
        return True
    post = await Post.get_or_none(uri=uri, is_local=True).select_related("account", "shared_post")
    if post is None:
        return False
    if post.shared_post is not None:
        _check(author, post.shared_post.account_id)
        await shares.unshare(post.account, post.id)
    else:
        _check(author, post.parent_account_id)
        await _hold(post, author)
    return True


def _check(author: Account, owner_id: int | None) -> None:
    if owner_id != author.id:
        raise Forbidden("only the author of a post turns down what is done to it")


async def _hold(comment: Post, author: Account) -> None:
    async with db.transaction():
        is_news = await db.execute(
            "UPDATE posts SET held_for = ?, version = version + 1 WHERE id = ? AND held_for IS NULL",
            (author.id, comment.id),
        )
        if is_news and comment.parent_id is not None:
            await counters.count_comments(comment.parent_id, comment.visibility, -1)
