"""The archive: posts their authors put away, and take out again as they were.

An archived post is hidden from everybody but its author and counts nowhere; its likes, comments and place in the
timelines wait. Other servers are not asked to delete it: they would keep the deletion in mind and refuse the post when
it comes back. They are no longer given it, and hear of it again when it is taken out. Who wants it gone elsewhere
deletes it.
"""

from __future__ import annotations

from node import clock, db, events
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, Post
from node.services import hidden_files, post_removal, post_rows


async def put_away(author: Account, post_id: int) -> Post:
    """Archive one of the author's own posts, which is unpinned. Doing so twice changes nothing. Records `PostGone`.

    Raises `NotFound` for what is no such post: comments, shares and direct messages are not archived.
    """
    async with db.transaction():
        post = await _own_top_post(author, post_id)
        if post.visibility == ARCHIVED:
            return post
        await events.record(await post_removal.as_it_was(post))
        await db.execute(
            "INSERT INTO archived_posts (id, post_id, account_id, visibility, created_at) VALUES (?, ?, ?, ?, ?)",
            (new_id(), post.id, author.id, post.visibility, to_milliseconds(clock.now())),
        )
        await db.execute("DELETE FROM pinned_posts WHERE post_id = ?", (post.id,))
        await post_rows.count_out(post)
        await hidden_files.arrange_post_soon(post)
        return await _now(post, ARCHIVED)


async def take_out(author: Account, post_id: int) -> Post:
    """Show an archived post again to those who saw it before; nothing happens when it is not archived.

    Records `PostEdited`, since it may have been changed meanwhile. Raises `NotFound` as `put_away` does.
    """
    async with db.transaction():
        post = await _own_top_post(author, post_id)
        row = await db.fetch_one("DELETE FROM archived_posts WHERE post_id = ? RETURNING visibility", (post.id,))
        if row is None:
            return post
        post = await _now(post, str(row[0]))
        await post_rows.count_in(post)
        await hidden_files.arrange_post_soon(post)
        await events.record(events.PostEdited(post_id=post.id))
        return post


async def _own_top_post(author: Account, post_id: int) -> Post:
    """The author's post, its row locked until the transaction ends."""
    await db.fetch_one(f"SELECT id FROM posts WHERE id = ?{db.for_update()}", (post_id,))
    post = await Post.get_or_none(id=post_id, account_id=author.id, is_local=True)
    if post is None or not (post.visibility == ARCHIVED or post_rows.is_top_post(post)):
        raise NotFound()
    return post


async def _now(post: Post, visibility: str) -> Post:
    await db.execute("UPDATE posts SET visibility = ?, version = version + 1 WHERE id = ?", (visibility, post.id))
    post.visibility = visibility
    return post
