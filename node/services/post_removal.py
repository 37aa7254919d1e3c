"""Taking a post or share away, and saying so to those who had got it."""

from __future__ import annotations

from node import db, events
from node.models.posts import MEMBERS, Post
from node.services import hidden_files, media, post_holders, post_media, post_rows, remote_media

MAX_NAMED = 100
"""How many addressed people and shares the event of a removal names."""


async def remove(post: Post) -> bool:
    """Remove a post in the caller's transaction; `False` when it was gone.

    Records `PostGone`, and `PostDeleted` for a local one.
    """
    gone = await as_it_was(post)
    recipients = await _holders(post) if post.is_local else []
    shared = await Post.get_or_none(id=post.shared_post_id) if post.is_local and post.shared_post_id else None
    await hidden_files.arrange_post_soon(post)
    if post.is_local:
        await media.wait_anew("post_id", post.id)
    elif post.has_media:
        await remote_media.forget_pictures(await post_media.of_post(post))
    if not await post_rows.remove(post):
        return False
    await events.record(gone)
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


async def _holders(post: Post) -> list[str]:
    """The members of a post hear of its end at their own inboxes, as they did of the post."""
    return await post_holders.inboxes(post.id, personally=post.visibility == MEMBERS)


async def as_it_was(post: Post) -> events.PostGone:
    """What those who had the post must know when it goes."""
    hashtags = await db.fetch_all(
        "SELECT t.name FROM post_hashtags ph JOIN hashtags t ON t.id = ph.hashtag_id WHERE ph.post_id = ?", (post.id,)
    )
    addressed = await db.fetch_all(
        "SELECT a.id FROM mentions m JOIN accounts a ON a.id = m.account_id WHERE m.post_id = ? AND a.domain = ''"
        " LIMIT ?",
        (post.id, MAX_NAMED),
    )
    shares = await db.fetch_all(
        "SELECT id, account_id FROM posts WHERE shared_post_id = ? ORDER BY id DESC LIMIT ?", (post.id, MAX_NAMED)
    )
    return events.PostGone(
        post_id=post.id,
        account_id=post.account_id,
        visibility=post.visibility,
        is_local=post.is_local,
        has_media=post.has_media,
        is_share=post.shared_post_id is not None,
        hashtags=[str(row[0]) for row in hashtags],
        addressed=[int(row[0]) for row in addressed],
        shares=[[int(row[0]), int(row[1])] for row in shares],
    )
