"""From what somebody wants to publish to the post that comes of it, checked and not written yet. Used through
`services.posts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node import urls
from node.errors import Forbidden, Invalid, NotFound
from node.ids import moment_of, new_id
from node.models.accounts import Account
from node.models.audiences import KINDS
from node.models.posts import DIRECT, FOLLOWERS, MEMBERS, PUBLIC, VISIBILITIES, Post
from node.runtime import runtime
from node.services import (
    albums,
    alt_texts,
    audiences,
    comment_limits,
    interaction_policies,
    mentions,
    people_in_pictures,
    places,
    polls,
    post_media,
    quotes,
)
from node.services.interaction_policies import AS_IT_IS, Policies, check_may_comment
from node.services.people_in_pictures import Spot
from node.services.visibility import narrower, visible_original
from node.text import clean, is_language_tag, render_caption


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
class Made:
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


async def composed(author: Account, draft: Draft) -> Made:
    """The post that comes of a draft, which is not written. Raises `Invalid`, `NotFound` and `Forbidden` as
    `posts.publish` says."""
    if not author.is_local or author.suspended_at is not None:
        raise Forbidden()
    text, spoiler_text = clean(draft.text), clean(draft.spoiler_text)
    check_words(text, spoiler_text, draft.language)
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
    return Made(post, parent, addressed, poll, quoted, members)


def check_words(text: str, spoiler_text: str, language: str | None) -> None:
    """Raises `Invalid` (text, language) for more words than may be, or for what names no language."""
    limit = runtime().settings.max_characters
    if len(text) + len(spoiler_text) > limit:
        raise Invalid("text", f"character limit of {limit} exceeded", code="ERR_TOO_LONG")
    if language is not None and not is_language_tag(language):
        raise Invalid("language", "is not a language tag")


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
