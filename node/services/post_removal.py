"""Taking a post or share away, and saying so to those who had got it."""

from __future__ import annotations

from node import db, events
from node.models.posts import Post
from node.services import post_rows

MAX_RECIPIENTS = 500


async def remove(post: Post) -> bool:
    """Remove a post in the caller's transaction; records `PostDeleted` for a local one. `False` when it was gone."""
    recipients = await _recipients(post) if post.is_local else []
    shared = await Post.get_or_none(id=post.shared_post_id) if post.is_local and post.shared_post_id else None
    if not await post_rows.remove(post):
        return False
    if post.is_local:
        await events.record(
            events.PostDeleted(
                post_id=post.id,
                account_id=post.account_id,
                uri=post.uri,
                visibility=post.visibility,
                share_of_uri=shared.uri if shared else None,
                share_of_account_id=shared.account_id if shared else None,
                recipients=recipients,
            )
        )
    return True


async def _recipients(post: Post) -> list[str]:
    """Inboxes of remote accounts that were addressed, shared or liked it, or wrote or are the author of its parent."""
    rows = await db.fetch_all(
        "SELECT DISTINCT COALESCE(a.shared_inbox_url, a.inbox_url) AS inbox FROM accounts a"
        " WHERE a.domain <> '' AND a.suspended_at IS NULL AND a.inbox_url <> '' AND a.id IN ("
        "SELECT m.account_id FROM mentions m WHERE m.post_id = ?"
        " UNION SELECT s.account_id FROM posts s WHERE s.shared_post_id = ?"
        " UNION SELECT c.account_id FROM posts c WHERE c.parent_id = ?"
        " UNION SELECT l.account_id FROM likes l WHERE l.post_id = ?"
        " UNION SELECT o.account_id FROM posts o WHERE o.id IN (?, ?)) LIMIT ?",
        (post.id, post.id, post.id, post.id, post.parent_id or 0, post.shared_post_id or 0, MAX_RECIPIENTS),
    )
    return [str(row[0]) for row in rows]
