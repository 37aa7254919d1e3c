"""A post whose pictures or films look different than before."""

from __future__ import annotations

from node import clock, db, events
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, Post
from node.services import notifications, post_history


async def note(post: Post) -> None:
    """Have the post count as edited, in the caller's transaction: for those who read it here, in its history, and for
    those it was sent to."""
    await post_history.keep(post)
    await db.execute(
        "UPDATE posts SET edited_at = ?, version = version + 1 WHERE id = ?", (to_milliseconds(clock.now()), post.id)
    )
    if post.visibility != ARCHIVED:
        await notifications.notify_of_edit(post.account_id, post.id)
    await events.record(events.PostEdited(post_id=post.id))
