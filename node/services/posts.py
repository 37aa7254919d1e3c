"""Posts and comments: published, edited, deleted by people here, received from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from node import clock, db, events, urls
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.ids import moment_of, new_id
from node.models.accounts import Account
from node.models.audiences import KINDS
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, DIRECT, FOLLOWERS, MEMBERS, PUBLIC, UNLISTED, VISIBILITIES, Post
from node.models.quotes import Quote
from node.runtime import runtime
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
from node.services.interaction_policies import AS_IT_IS, Policies, check_may_comment
from node.services.people_in_pictures import Spot
from node.services.received_media import IncomingMedia
from node.services.received_posts import (
    IncomingPost,
    receive,
    receive_deletion,
    receive_edit,
    receive_return,
)
from node.services.visibility import narrower, visible_original
from node.text import clean, find_hashtags, is_language_tag, render_caption

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
class Draft:
    """What somebody wants to publish. `media_ids` in the order they are shown; `parent_id` makes it a comment.

    Without a `visibility` it is for everyone, or for the followers of a private account. `None` is what its author left
    unsaid (`services/posting_defaults.py`). Besides the four it may be `close_friends`, `mutuals` or `list`
    (`services/audiences.py`).
    `place_id` is a place known here, unless `place_name` names one; `album_ids` are albums of the author's.
    A `poll` may come with photographs or without. `policies` say who may do what with it; a post that quotes another
    needs no text.
    """

    text: str = ""
    media_ids: tuple[int, ...] = ()
    parent_id: int | None = None
    spoiler_text: str = ""
    sensitive: bool | None = None
    visibility: str | None = None
    language: str | None = None
    place_name: str | None = None
    application_id: int | None = None
    comments_disabled: bool = False
    policies: Policies = AS_IT_IS
    quoted_post_id: int | None = None
    poll: polls.NewPoll | None = None
    place_id: int | None = None
    album_ids: tuple[int, ...] = ()
    people: tuple[Spot, ...] = ()
    """Who is seen in which picture."""
    list_id: int | None = None
    """Of the audience `list`: which."""
    needs_alt_texts: bool = False
    """It is not to be published while a picture of it lacks one."""


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
    made = await _made(author, draft)
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
    made = await _made(author, draft)
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
        _check_words(text, spoiler_text, changes.language)
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


async def _commentable(author: Account, parent_id: int) -> Post:
    try:
        parent = await visible_original(author, parent_id)
    except NotFound:
        raise NotFound("The post you are trying to reply to does not appear to exist.") from None
    await check_may_comment(author, parent)
    return parent


def _audience(author: Account, draft: Draft, parent: Post | None) -> str:
    """The visibility. `members` itself is only said by comments that were scheduled."""
    wanted = draft.visibility
    audiences.check_list(wanted, draft.list_id)
    if wanted in KINDS:
        wanted = audiences.visibility_of_comment(parent) if parent is not None else MEMBERS
    elif wanted is not None and (wanted not in VISIBILITIES or (wanted == MEMBERS and not _is_for_members(parent))):
        raise Invalid("visibility", "is not included in the list", code="ERR_INCLUSION")
    visibility = wanted or (FOLLOWERS if author.is_private else PUBLIC)
    return visibility if parent is None else narrower(visibility, parent.visibility)


def _is_for_members(post: Post | None) -> bool:
    return post is not None and post.visibility == MEMBERS


def _check_words(text: str, spoiler_text: str, language: str | None) -> None:
    limit = runtime().settings.max_characters
    if len(text) + len(spoiler_text) > limit:
        raise Invalid("text", f"character limit of {limit} exceeded", code="ERR_TOO_LONG")
    if language is not None and not is_language_tag(language):
        raise Invalid("language", "is not a language tag")


@dataclass(frozen=True, slots=True)
class _Made:
    """A post that is not written yet, and what is written with it."""

    post: Post
    parent: Post | None
    addressed: Mapping[int, Account]
    poll: polls.NewPoll | None
    quoted: Post | None
    members: Sequence[int]

    def silently(self, author: Account) -> list[int]:
        """Who is addressed without being named: the authors of what it answers or quotes, and its members."""
        answered = [post.account_id for post in (self.parent, self.quoted) if post is not None]
        return list({*answered, *self.members} - {author.id})


async def _made(author: Account, draft: Draft) -> _Made:
    if not author.is_local or author.suspended_at is not None:
        raise Forbidden()
    text, spoiler_text = clean(draft.text), clean(draft.spoiler_text)
    _check_words(text, spoiler_text, draft.language)
    post_media.check_count(draft.media_ids)
    people_in_pictures.check_spots(draft.people)
    interaction_policies.check(draft.policies)
    poll = polls.checked(draft.poll) if draft.poll is not None else None
    await places.check_known(author, draft.place_id)
    await albums.check_own(author, draft.album_ids)
    if draft.needs_alt_texts:
        await alt_texts.check(author.id, draft.media_ids)
    quoted = await quotes.quotable(author, draft.quoted_post_id) if draft.quoted_post_id is not None else None
    if not text and not draft.media_ids and quoted is None:
        raise Invalid("text", "can't be blank", code="ERR_BLANK")
    parent = await _commentable(author, draft.parent_id) if draft.parent_id is not None else None
    mentioned = await mentions.known_accounts(text)
    addressed = {account.id: account for account in mentioned.values() if account.id != author.id}
    visibility = _audience(author, draft, parent)
    if quoted is not None:
        visibility = quotes.audience(visibility, quoted)
    members = await _members(author, draft, parent) if visibility == MEMBERS else []
    if quoted is not None:
        quotes.check_addressed(author, quoted, visibility, {*addressed, *members})
    if visibility == DIRECT and not addressed and (parent is None or parent.account_id == author.id):
        raise Invalid("visibility", "needs somebody to be mentioned", code="ERR_BLANK")
    post = _compose(author, draft, parent, text, spoiler_text, visibility, mentioned)
    if parent is not None:
        post.held_for = await comment_limits.holder(post, author, parent)
    return _Made(post, parent, addressed, poll, quoted, members)


async def _members(author: Account, draft: Draft, parent: Post | None) -> list[int]:
    """Those a post for members is for: a comment's are its parent's."""
    if parent is not None:
        return await audiences.of_thread(parent, author.id)
    return await audiences.chosen(author, draft.visibility or "", draft.list_id)


def _compose(
    author: Account,
    draft: Draft,
    parent: Post | None,
    text: str,
    spoiler_text: str,
    visibility: str,
    mentioned: Mapping[str, Account],
) -> Post:
    number = new_id()
    return Post(
        id=number,
        account_id=author.id,
        uri=urls.post(number),
        url=urls.post_page(author.username, number),
        parent_id=parent.id if parent else None,
        parent_account_id=parent.account_id if parent else None,
        conversation_id=parent.conversation_id if parent else number,
        visibility=visibility,
        content=render_caption(text, mentions=mentioned),
        text=text,
        spoiler_text=spoiler_text,
        sensitive=bool(draft.sensitive),
        language=draft.language,
        application_id=draft.application_id,
        **{"comments_disabled": draft.comments_disabled, **interaction_policies.columns(draft.policies, visibility)},
        has_media=bool(draft.media_ids),
        created_at=moment_of(number),
    )


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
