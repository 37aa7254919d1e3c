"""A draft becomes a post, or waits for its time as one."""

from __future__ import annotations

from node import db
from node.models.accounts import Account
from node.models.posts import Post
from node.models.scheduled_posts import ScheduledPost
from node.services import drafts, posting_defaults, posts, publishing_once, scheduled_posts


async def publish(author: Account, draft_id: int, key: str = "") -> Post | ScheduledPost:
    """Publish one of the author's drafts, or schedule it when it names a moment; it is a draft no longer.

    Under the same `key` once. Raises `NotFound`, and what `posts.publish` and `scheduled_posts.schedule` raise; then
    it stays a draft.
    """
    known = await _known(author, key) if key else None
    if known is not None:
        return known
    async with db.transaction():
        saved = await drafts.locked(author, draft_id)
        draft = drafts.content(saved.parameters)
        await saved.delete()
        if saved.scheduled_at is not None:
            return await scheduled_posts.schedule(author, draft, saved.scheduled_at, key)
        filled = await posting_defaults.filled_in(author, draft)
        return await (publishing_once.publish_once(author, filled, key) if key else posts.publish(author, filled))


async def _known(author: Account, key: str) -> Post | ScheduledPost | None:
    return await publishing_once.published_under(author, key) or await scheduled_posts.scheduled_under(author, key)
