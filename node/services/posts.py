"""Posts and comments: published, edited, deleted by people here, received from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from node import clock, db, events
from node.errors import Conflict, Invalid, NotFound
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, DIRECT, MEMBERS, PUBLIC, UNLISTED, Post
from node.models.quotes import Quote
from node.services import (
    albums,
    alt_texts,
    audiences,
    comment_limits,
    conversations,
    hashtags,
    interaction_policies,
    links,
    mentions,
    notifications,
    people_in_pictures,
    places,
    polls,
    post_history,
    post_media,
    post_removal,
    post_rows,
    quotes,
    timelines,
)
from node.services.composing import Draft, check_words, composed
from node.services.interaction_policies import AS_IT_IS, Policies
from node.services.people_in_pictures import Spot
from node.services.received_edits import receive_edit
from node.services.received_media import IncomingMedia
from node.services.received_posts import IncomingPost, receive, receive_deletion, receive_return
from node.text import clean, find_hashtags, render_caption

__all__ = [
    "Draft",
    "Edit",
    "IncomingMedia",
    "IncomingPost",
    "delete",
    "edit",
    "publish",
    "receive",
    "receive_deletion",
    "receive_edit",
    "receive_return",
]


@dataclass(frozen=True, slots=True)
class Edit:
    """What changes in a post; `None` leaves as it is. `media_ids` is the whole new list, in order.

    `media_descriptions` gives pictures of the post new alt texts. The `poll` is always said: `None` takes it away.
    """

    text: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    media_ids: tuple[int, ...] | None = None
    media_descriptions: Mapping[int, str] = field(default_factory=dict)
    policies: Policies = AS_IT_IS
    poll: polls.NewPoll | None = None
    people: Mapping[int, Sequence[Spot]] = field(default_factory=dict)
    """For these pictures, everybody who is seen in them."""
    place_id: int | None = None
    """Where it was; 0 takes the place away."""


async def publish(author: Account, draft: Draft) -> Post:
    """Publish a post or comment of a local author. Records `PostPublished`.

    Handles of accounts known here become mentions; others stay text (the caller resolves them before). The author of
    the parent is always addressed. A comment's audience is never wider than its parent's.

    Raises `Invalid` (text, media_ids, visibility, language, place, poll, policies) and changes nothing; `NotFound` when
    the parent is hidden from the author or what is quoted may not be, `Forbidden` when the parent takes no comments or
    the author is suspended.
    """
    made = await composed(author, draft)
    post = made.post
    try:
        async with db.transaction():
            post.place_id = await places.taken_up(draft.place_id)
            if draft.place_name:
                post.place_id = await places.ensure(places.NamedPlace(draft.place_name))
            await post_rows.insert(post)
            await post_media.attach(post, draft.media_ids)
            if made.poll is not None:
                await polls.attach(post.id, made.poll)
            await post_rows.address(post.id, made.addressed, made.silently(author))
            if post.visibility == MEMBERS and made.parent is None:
                await audiences.attach(post, draft.visibility or "", draft.list_id)
            await hashtags.attach(post.id, find_hashtags(post.text))
            await links.attach(post.id, post.content)
            await albums.add_new(author, post, draft.album_ids)
            if post.visibility == DIRECT:
                await conversations.feed(post)
            else:
                await timelines.fan_out(post, author)
            if post.held_for is None:
                await _notify(post, made.addressed.values(), made.parent)
            await people_in_pictures.put(author, post, _by_picture(draft.people))
            if made.quoted is not None:
                await quotes.attach(post, made.quoted)
            await post_rows.count_in(post)
            await events.record(events.PostPublished(post_id=post.id))
    except db.IntegrityError:
        raise Conflict("What this post refers to has just been deleted", parent=draft.parent_id) from None
    return post


async def check(author: Account, draft: Draft) -> Post:
    """The post that `publish` would make of the draft now, which is not written. Raises what `publish` raises."""
    made = await composed(author, draft)
    await post_media.check_free(author.id, draft.media_ids)
    return made.post


async def edit(author: Account, post_id: int, changes: Edit) -> Post:
    """Change one of the author's own posts, keeping what it was in its history. Records `PostEdited`.

    The audience stays: only public and unlisted posts take up new mentions.
    Raises `NotFound` when the author has no such post, `Invalid` as `publish` does.
    """
    poll = polls.checked(changes.poll) if changes.poll is not None else None
    await places.check_known(author, changes.place_id or None)
    async with db.transaction():
        post = await _own(author, post_id)
        text = post.text if changes.text is None else clean(changes.text)
        spoiler_text = post.spoiler_text if changes.spoiler_text is None else clean(changes.spoiler_text)
        check_words(text, spoiler_text, changes.language)
        media_ids = await post_media.of_post(post) if changes.media_ids is None else changes.media_ids
        post_media.check_count(media_ids)
        if not text and not media_ids and not await Quote.exists(post_id=post.id):
            raise Invalid("text", "can't be blank", code="ERR_BLANK")
        await post_history.keep(post)
        if changes.media_ids is not None:
            await post_media.replace(post, media_ids)
        await post_media.describe(post, changes.media_descriptions)
        if changes.media_ids is not None or changes.media_descriptions:
            await alt_texts.check_edited(author.id, media_ids)
        await people_in_pictures.put(author, post, changes.people)
        if changes.place_id is not None:
            post.place_id = await places.taken_up(changes.place_id or None)
        await polls.replace(post.id, poll)
        await interaction_policies.change(author, post.id, changes.policies)
        mentioned = await mentions.known_accounts(text)
        content = render_caption(text, mentions=mentioned)
        await db.execute(
            "UPDATE posts SET text = ?, content = ?, spoiler_text = ?, sensitive = ?, language = ?, has_media = ?,"
            " place_id = ?, edited_at = ?, version = version + 1 WHERE id = ?",
            (
                *(text, content, spoiler_text),
                *(
                    post.sensitive if changes.sensitive is None else changes.sensitive,
                    changes.language or post.language,
                ),
                *(bool(media_ids), post.place_id, to_milliseconds(clock.now()), post.id),
            ),
        )
        if post.parent_id is not None:
            await comment_limits.look_again(post.id)
        await hashtags.replace(post.id, find_hashtags(text))
        await links.replace(post.id, content)
        if post.visibility in (PUBLIC, UNLISTED):
            await _address_anew(post, mentioned.values())
        if post.visibility != ARCHIVED:
            await notifications.notify_of_edit(author.id, post.id)
        await events.record(events.PostEdited(post_id=post.id))
    return await Post.get(id=post.id)


async def delete(author: Account, post_id: int) -> Post:
    """Delete one of the author's own posts. Records `PostDeleted`; returns the values the row had.

    Its comments stay; its pictures stay unattached for a while, so that it can be written anew with them.
    Raises `NotFound` when the author has no such post.
    """
    async with db.transaction():
        post = await _own(author, post_id)
        await post_removal.remove(post)
    return post


async def _own(author: Account, post_id: int) -> Post:
    """The author's post, its row locked until the transaction ends."""
    row = await db.fetch_one(
        f"SELECT id FROM posts WHERE id = ? AND account_id = ? AND is_local = TRUE AND shared_post_id IS NULL"
        f"{db.for_update()}",
        (post_id, author.id),
    )
    if row is None:
        raise NotFound()
    return await Post.get(id=post_id)


def _by_picture(people: Iterable[Spot]) -> dict[int, list[Spot]]:
    found: dict[int, list[Spot]] = {}
    for spot in people:
        found.setdefault(spot.media_id, []).append(spot)
    return found


async def _address_anew(post: Post, mentioned: Iterable[Account]) -> None:
    """Take up who is newly named. Who is named no longer stays addressed: the deletion must reach them too."""
    rows = await db.fetch_all("SELECT account_id FROM mentions WHERE post_id = ?", (post.id,))
    known = {int(row[0]) for row in rows}
    new = {account.id: account for account in mentioned if account.id not in known and account.id != post.account_id}
    await post_rows.address(post.id, new)
    for account in new.values():
        if account.is_local:
            await notifications.notify(notifications.MENTION, account.id, post.account_id, post.id)


async def _notify(post: Post, mentioned: Iterable[Account], parent: Post | None) -> None:
    """Tell those named and, of a comment, the parent's author; of a new post those who asked to be told."""
    told = {account.id for account in mentioned if account.is_local}
    if parent is not None and parent.is_local:
        told.add(parent.account_id)
    for account_id in sorted(told):
        await notifications.notify(notifications.MENTION, account_id, post.account_id, post.id)
    if post_rows.is_top_post(post):
        await notifications.notify_subscribers(post.account_id, post.id)
