"""Comments that came before the post they answer: parked with its uri, hung onto it when it comes.

A comment is judged when it is hung on as it would have been, had it come after its parent: it is never seen by more
people than the parent, may be held back by the limits of the post it is about, and stays an orphan where its author may
not comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import db
from node.errors import Forbidden
from node.models.accounts import Account
from node.models.posts import DIRECT, VISIBILITIES, Post
from node.services import comment_limits, conversations, counters, timelines
from node.services.interaction_policies import check_may_comment
from node.services.visibility import narrower

AT_ONCE: Final = 500
MOST_FANNED_OUT: Final = 50


async def adopt(post: Post, *, known_as: str | None = None) -> int:
    """Hang the orphans of `post` onto it, in the caller's transaction. Returns how many there were.

    `known_as` is another address of the post, by which orphans may name it.
    """
    rows = await db.fetch_all(
        # One that begins the very thread this post belongs to would close a circle.
        "SELECT id, account_id, visibility, held_for FROM posts WHERE parent_uri = ? AND id <> ? ORDER BY id LIMIT ?",
        (known_as or post.uri, post.conversation_id or post.id, AT_ONCE),
    )
    if not rows:
        return 0
    adopted = [row for row in rows if await _may_comment(int(row["account_id"]), post)]
    for row in adopted:
        await _hang_onto(post, int(row["id"]), row["visibility"], is_held=row["held_for"] is not None)
    await _look_at_limits(post, [int(row["id"]) for row in adopted])
    await _fan_out([int(row["id"]) for row in adopted[-MOST_FANNED_OUT:]])
    return len(adopted)


async def _may_comment(account_id: int, post: Post) -> bool:
    try:
        await check_may_comment(Account(id=account_id), post)
    except Forbidden:
        return False
    return True


async def _hang_onto(post: Post, orphan_id: int, visibility: str, *, is_held: bool) -> None:
    allowed = narrower(visibility, post.visibility)
    await db.execute_later(
        "UPDATE posts SET parent_id = ?, parent_account_id = ?, parent_uri = NULL, visibility = ?,"
        " version = version + 1 WHERE id = ?",
        (post.id, post.account_id, allowed, orphan_id),
    )
    await _narrow(orphan_id, allowed)
    thread = await Post.filter(conversation_id=orphan_id).limit(AT_ONCE) if allowed == DIRECT else []
    await db.execute_later(
        "UPDATE posts SET conversation_id = ? WHERE conversation_id = ?", (post.conversation_id, orphan_id)
    )
    await db.execute_later(
        "UPDATE thread_mutes SET conversation_id = ? WHERE conversation_id = ? AND NOT EXISTS (SELECT 1"
        " FROM thread_mutes known WHERE known.account_id = thread_mutes.account_id AND known.conversation_id = ?)",
        (post.conversation_id, orphan_id, post.conversation_id),
    )
    if not is_held:
        await counters.count_comments(post.id, allowed, 1)
    if allowed == DIRECT:
        await _move_messages(post, thread)


async def _move_messages(post: Post, thread: Sequence[Post]) -> None:
    """Messages that were a conversation of their own go on with the one they belong to."""
    for message in thread:
        await conversations.forget_post(message)
        message.conversation_id = post.conversation_id
        await conversations.feed(message)


async def _narrow(orphan_id: int, visibility: str) -> None:
    """What answers the orphan, at any depth, is the rest of its thread; nothing there is wider than the orphan."""
    wider = VISIBILITIES[: VISIBILITIES.index(visibility)]
    if wider:
        await db.execute_later(
            "UPDATE posts SET visibility = ?, version = version + 1"
            f" WHERE conversation_id = ? AND visibility IN ({db.marks(wider)})",
            (visibility, orphan_id, *wider),
        )


async def _look_at_limits(post: Post, orphan_ids: Sequence[int]) -> None:
    """Hold back what the limits of a local post say, now that these are comments below it."""
    row = await db.fetch_one(
        "SELECT 1 FROM posts top JOIN accounts a ON a.id = top.account_id WHERE top.id = ? AND a.domain = ''",
        (post.conversation_id,),
    )
    if row is None:
        return
    waiting, seen = list(orphan_ids), 0
    while waiting and seen < AT_ONCE:
        comment_id = waiting.pop()
        seen += 1
        await comment_limits.look_again(comment_id)
        answers = await db.fetch_all("SELECT id FROM posts WHERE parent_id = ? LIMIT ?", (comment_id, AT_ONCE))
        waiting += [int(answer[0]) for answer in answers]


async def _fan_out(orphan_ids: Sequence[int]) -> None:
    """Home timelines take comments by whom they answer, which is known only now."""
    for orphan in await Post.filter(id__in=list(orphan_ids)).select_related("account"):
        await timelines.fan_out(orphan, orphan.account)
