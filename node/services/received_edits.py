"""Posts of remote authors, changed as their servers say. Used through `services.posts`."""

from __future__ import annotations

from datetime import datetime

from node import clock, db, events
from node.errors import Forbidden, NotFound
from node.models.fields import to_milliseconds
from node.models.posts import MEMBERS, PUBLIC, UNLISTED, Post
from node.services import (
    comment_limits,
    emojis,
    hashtags,
    links,
    notifications,
    people_in_pictures,
    places,
    polls,
    post_history,
    post_rows,
    received_media,
    received_quotes,
    refused_content,
)
from node.services.received_posts import (
    MAX_LANGUAGE,
    MAX_SPOILER,
    IncomingPost,
    pictures,
    silently_addressed,
    spots,
    without_refused_media,
)
from node.text import clean, sanitise


async def receive_edit(post: Post, incoming: IncomingPost) -> Post:
    """Change a known remote post to what its server now says, keeping what it was in its history.

    The newest `updated` wins, of two in the same moment the one that says something else: many servers count whole
    seconds. Author and audience never change. Records `ReceivedPostEdited`.
    Raises `Forbidden` when `incoming` is of another author or the post is local, `NotFound` when it is gone.
    """
    if post.is_local or post.account_id != incoming.author.id or post.uri != incoming.uri:
        raise Forbidden("only its author's server edits a post", uri=incoming.uri)
    if incoming.author.suspended_at is not None:
        raise Forbidden("this author's posts are not received", uri=incoming.uri)
    incoming = await without_refused_media(incoming)
    verdict = await refused_content.judge(incoming.author, incoming.spoiler_text, incoming.content_html)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM posts WHERE id = ?{db.for_update()}", (post.id,))
        current = await Post.get_or_none(id=post.id)
        if current is None:
            raise NotFound(uri=incoming.uri)
        await _let_go(current, incoming)
        if incoming.updated is None or not _is_news(incoming, incoming.updated, current):
            if _is_of_this_text(incoming, current):
                await _refresh(current, incoming)
            return current
        await post_history.keep(current)
        await _apply_edit(current, incoming, incoming.updated)
        if verdict is not None:
            await refused_content.carry_out(verdict, await Post.get(id=post.id), incoming.author)
        await notifications.notify_of_edit(current.account_id, current.id)
        await events.record(events.ReceivedPostEdited(post_id=current.id))
    return await Post.get(id=post.id)


async def _let_go(current: Post, incoming: IncomingPost) -> None:
    """Whom the author's server no longer names among the members sees the post and what is below it no more. Nobody is
    added."""
    if current.visibility != MEMBERS or current.parent_id is not None:
        return
    named = [account.id for account in (*incoming.mentions, *incoming.silent_mentions)]
    others = f" AND account_id NOT IN ({db.marks(named)})" if named else ""
    await db.execute_later(
        "DELETE FROM mentions WHERE silent = TRUE AND post_id IN (SELECT id FROM posts WHERE conversation_id = ?"
        " AND visibility = 'members') AND account_id IN (SELECT account_id FROM mentions WHERE post_id = ?"
        f" AND silent = TRUE{others}) AND account_id <> ?",
        (current.id, current.id, *named, current.account_id),
    )


def _is_news(incoming: IncomingPost, updated: datetime, current: Post) -> bool:
    """Whether it is later by what the database keeps of moments, or of the same moment and another text."""
    moment, known = to_milliseconds(updated), to_milliseconds(current.edited_at or current.created_at)
    said = (sanitise(incoming.content_html), clean(incoming.spoiler_text)[:MAX_SPOILER])
    return moment > known or (moment == known and said != (current.content, current.spoiler_text))


def _is_of_this_text(incoming: IncomingPost, current: Post) -> bool:
    """Whether it speaks of the text that is here, not of an older one: then what changes without an edit is news."""
    if incoming.updated is None or current.edited_at is None:
        return current.edited_at is None
    return to_milliseconds(incoming.updated) == to_milliseconds(current.edited_at)


async def _refresh(current: Post, incoming: IncomingPost) -> None:
    """Take up what changes without an edit: how the poll stands, whom the author lets do what, whether it may quote, what is
    told of where it was."""
    if incoming.poll is not None:
        await polls.refresh(current.id, incoming.poll)
    is_new = await received_quotes.receive(current, incoming.quote)
    is_new |= await people_in_pictures.receive(incoming.author, current, await spots(current, incoming))
    said = incoming.policies.columns() | {
        "comments_disabled": incoming.comments_disabled,
        "place_id": await places.received(incoming.author, incoming.place),
    }
    changed = {name: value for name, value in said.items() if getattr(current, name) != value}
    if is_new or changed:
        settings = "".join(f"{name} = ?, " for name in changed)
        await db.execute(
            f"UPDATE posts SET {settings}version = version + 1 WHERE id = ?", (*changed.values(), current.id)
        )


async def _apply_edit(post: Post, incoming: IncomingPost, updated: datetime) -> None:
    kept = pictures(incoming)
    content = sanitise(incoming.content_html)
    place_id = await places.received(incoming.author, incoming.place)
    await db.execute(
        "UPDATE posts SET content = ?, spoiler_text = ?, sensitive = ?, language = ?, comments_disabled = ?,"
        " quote_policy = ?, quote_by_hand = ?, share_policy = ?,"
        " place_id = ?, has_media = ?, edited_at = ?, fetched_at = ?, version = version + 1 WHERE id = ?",
        (
            *(content, clean(incoming.spoiler_text)[:MAX_SPOILER], incoming.sensitive),
            *((incoming.language or "")[:MAX_LANGUAGE] or None, incoming.comments_disabled),
            *(
                incoming.policies.quote,
                incoming.policies.quote_by_hand,
                incoming.policies.share,
                place_id,
                bool(kept),
            ),
            *(to_milliseconds(min(updated, clock.now())), to_milliseconds(clock.now()), post.id),
        ),
    )
    if post.parent_id is not None:
        await comment_limits.look_again(post.id)
    await hashtags.replace(post.id, incoming.hashtags)
    await links.replace(post.id, content)
    await emojis.receive(incoming.author.domain, incoming.emojis)
    if post.visibility in (PUBLIC, UNLISTED):
        await post_rows.address(post.id, [account.id for account in incoming.mentions], silently_addressed(incoming))
    await received_media.replace(post, kept)
    await people_in_pictures.receive(incoming.author, post, await spots(post, incoming))
    await people_in_pictures.tell(post)
    await polls.receive(post.id, incoming.poll)
    await received_quotes.receive(post, incoming.quote)
