"""Posts and comments: published, edited, deleted by people here, received from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from node.models.accounts import Account
from node.models.posts import Post
from node.services.received_posts import (
    IncomingMedia,
    IncomingPost,
    receive,
    receive_deletion,
    receive_edit,
)

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
]


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to publish. `media_ids` in the order they are shown; `parent_id` makes it a comment.

    Without a `visibility` it is for everyone, or for the followers of a private account.
    """

    text: str = ""
    media_ids: tuple[int, ...] = ()
    parent_id: int | None = None
    spoiler_text: str = ""
    sensitive: bool = False
    visibility: str | None = None
    language: str | None = None
    place_name: str | None = None
    application_id: int | None = None
    comments_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What changes in a post; `None` leaves as it is. `media_ids` is the whole new list, in order.

    `media_descriptions` gives pictures of the post new alt texts.
    """

    text: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    media_ids: tuple[int, ...] | None = None
    media_descriptions: Mapping[int, str] = field(default_factory=dict)


async def publish(author: Account, draft: Draft) -> Post:
    """Publish a post or comment of a local author. Records `PostPublished`.

    Handles of accounts known here become mentions; others stay text (the caller resolves them before). The author of
    the parent is always addressed.

    Raises `Invalid` (text, media_ids, visibility, language, place) and changes nothing; `NotFound` when the parent is
    hidden from the author, `Forbidden` when it takes no comments.
    """
    raise NotImplementedError


async def edit(author: Account, post_id: int, changes: Edit) -> Post:
    """Change one of the author's own posts, keeping what it was in its history. Records `PostEdited`.

    The audience stays: only public and unlisted posts take up new mentions.
    Raises `NotFound` when the author has no such post, `Invalid` as `publish` does.
    """
    raise NotImplementedError


async def delete(author: Account, post_id: int) -> Post:
    """Delete one of the author's own posts. Records `PostDeleted`; returns the values the row had.

    Raises `NotFound` when the author has no such post.
    """
    raise NotImplementedError
