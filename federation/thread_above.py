"""What a comment answers, fetched in the background, from post to post up to the beginning of the thread.

A comment is stored the moment it is delivered, with the id of what it answers. Here that is fetched, level by level and
never more than a hundred; what has been fetched is stored at once, so that nothing is lost when the budget ends or a
host is down. A host that cannot answer is asked again a few times, after growing pauses. Only public posts are
fetched: nobody here has asked for the others in their own name.
"""

from __future__ import annotations

from typing import Any, Final

import structlog

from federation import received_notes, rereading, resolve
from federation.budget import Background, TooMuch
from federation.resolve_errors import Gone, ResolveError, TryLater, Unresolvable
from node import db, urls
from node.models.posts import PUBLIC, UNLISTED, Post
from node.services import orphans

log = structlog.get_logger()

PAUSES: Final = (60.0, 600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)
"""Seconds before each further attempt."""
BETWEEN_BUDGETS: Final = 60.0
FETCHES: Final = 40
FETCHES_PER_HOST: Final = 30


async def fetch_parent(payload: dict[str, Any]) -> None:
    """The job: fetch what an orphan answers, and what that answers in turn."""
    post = await Post.get_or_none(id=payload["post_id"])
    levels, attempt = int(payload["levels"]), int(payload["attempt"])
    budget = Background(FETCHES, fetches_per_host=FETCHES_PER_HOST)
    while post is not None and post.parent_uri is not None and levels > 0:
        try:
            parent = await _parent(post.parent_uri, budget)
        except TooMuch:
            await received_notes.ask_for_parent(post, levels, seconds=BETWEEN_BUDGETS)
            return
        except ResolveError as error:
            await _perhaps_again(post, levels, attempt, error)
            return
        is_circle = parent is not None and parent.conversation_id == post.id
        post, levels, attempt = None if is_circle else parent, levels - 1, 0


async def _parent(uri: str, budget: Background) -> Post | None:
    """The post at `uri` with its orphans hung onto it; `None` when it is one of ours that is not there."""
    parent = await received_notes.known_post(uri)
    if parent is None:
        if urls.is_local(uri):
            return None
        parent = await _fetched(uri, budget)
    async with db.transaction():
        await orphans.adopt(parent, known_as=uri)
    return parent


async def _fetched(uri: str, budget: Background) -> Post:
    note = (await rereading.fetch(uri, budget)).note
    author = await resolve.resolve_actor(note.attributed_to, budget=budget)
    above = None if note.in_reply_to is None else await received_notes.known_post(note.in_reply_to)
    if received_notes.visibility_of(note, author) not in (PUBLIC, UNLISTED):
        raise Unresolvable(uri, "it is not for everybody")
    return await received_notes.store(note, author, above, quietly=True, levels=0)


async def _perhaps_again(post: Post, levels: int, attempt: int, error: ResolveError) -> None:
    """A host that is down comes back, and what is not there yet may come; anything else stays as it is."""
    may_come = isinstance(error, TryLater) or (isinstance(error, Gone) and not error.deleted)
    if not may_come or attempt >= len(PAUSES):
        log.info("parent_not_fetched", post=post.id, parent=error.uri, reason=error.reason)
        return
    asked_to_wait = error.retry_after or 0.0 if isinstance(error, TryLater) else 0.0
    await received_notes.ask_for_parent(
        post, levels, attempt=attempt + 1, seconds=max(PAUSES[attempt], min(asked_to_wait, PAUSES[-1]))
    )
