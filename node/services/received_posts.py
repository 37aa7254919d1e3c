"""Posts of remote authors: received, edited and deleted as their servers say. Used through `services.posts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node import clock, db, events
from node.errors import Conflict, Forbidden, NotFound
from node.ids import id_at, new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import DIRECT, PUBLIC, UNLISTED, Post
from node.runtime import runtime
from node.services import hashtags, notifications, places, post_history, post_rows, timelines
from node.services.visibility import may_see, narrower
from node.text import clean, clean_line, sanitise

MAX_SPOILER = 2_000
MAX_DESCRIPTION = 10_000


@dataclass(frozen=True, slots=True)
class IncomingMedia:
    """A picture of a remote post: where it is and what its server says of it. `focus` is (x, y) in -1..1, y upwards."""

    url: str
    kind: str = "image"
    media_type: str = ""
    description: str = ""
    blurhash: str | None = None
    width: int | None = None
    height: int | None = None
    focus: tuple[float, float] = (0.0, 0.0)
    thumbnail_url: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingPost:
    """A post as its author's server describes it, read and checked: everybody in it is known here.

    `parent` is the post it answers when that is known; else `parent_uri` names it. `content_html` is not sanitised yet.
    `mentions` are named in the text, `silent_mentions` are addressed without.
    """

    uri: str
    author: Account
    published: datetime
    visibility: str
    content_html: str = ""
    url: str | None = None
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    updated: datetime | None = None
    parent: Post | None = None
    parent_uri: str | None = None
    mentions: tuple[Account, ...] = ()
    silent_mentions: tuple[Account, ...] = ()
    hashtags: tuple[str, ...] = ()
    media: tuple[IncomingMedia, ...] = ()
    place: places.NamedPlace | None = None
    comments_disabled: bool = False


async def receive(incoming: IncomingPost) -> Post:
    """Take in a remote post. Records `PostReceived`, notifies people here, fills home timelines.

    Idempotent by `uri`: a known post is returned as it stands, whatever `incoming` says now. A comment's audience is
    never wider than its parent's.

    Raises `NotFound` when the post was deleted before, `Forbidden` when its author is local, suspended or another than
    the one we know, or may not comment there.
    """
    raise NotImplementedError


async def receive_edit(post: Post, incoming: IncomingPost) -> Post:
    """Change a known remote post to what its server now says, keeping what it was in its history.

    The newest `updated` wins: an older or equal one changes nothing. Author and audience never change.
    Raises `Forbidden` when `incoming` is of another author or the post is local.
    """
    raise NotImplementedError


async def receive_deletion(uri: str, author: Account) -> None:
    """A remote author's server says that a post or share is gone; one we never had is remembered as gone.

    Raises `Forbidden` when the post is somebody else's.
    """
    raise NotImplementedError
