"""The shape of Mastodon's Status, with Pixelfed's members and our own, and what of it every viewer shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.entities import account, media
from api.entities.emoji import CustomEmoji
from api.entities.encoding import iso
from api.entities.filter import FilterResult
from api.entities.poll import Poll
from api.entities.quote import QuoteApproval
from node import urls
from node.models.posts import ARCHIVED, DIRECT, FOLLOWERS, MEMBERS
from node.services.interaction_policies import NOBODY
from node.text import plain_text

_WORDS = {FOLLOWERS: "private", MEMBERS: "private", ARCHIVED: DIRECT}


class Application(msgspec.Struct, frozen=True):
    """What a post was made with."""

    name: str
    website: str | None


class Mention(msgspec.Struct, frozen=True):
    """Somebody named in a post."""

    id: str
    username: str
    url: str
    acct: str


class Tag(msgspec.Struct, frozen=True):
    """A hashtag of a post."""

    name: str
    url: str


class Place(msgspec.Struct, frozen=True):
    """Where a photograph was taken, as its author names it."""

    id: str
    name: str
    country: str


class Audience(msgspec.Struct, frozen=True):
    """Whom a post is for: `close_friends`, `mutuals` or `list`, and the list's id as long as there is that list."""

    kind: str
    list_id: str | None


class LikedBy(msgspec.Struct, frozen=True):
    """Pixelfed's summary of likes. It names nobody: whom a viewer may be told of differs from one to the next."""

    total_count: int
    total_count_pretty: str
    username: None = None
    others: bool = False


def liked_by(likes: int) -> LikedBy:
    """The summary of so many likes."""
    return LikedBy(likes, f"{likes:,}")


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What every viewer of a post is shown alike, but for its author's account, which has a version of its own."""

    id: str
    created_at: str
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    uri: str
    url: str
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    edited_at: str | None
    content: str
    application: Application | None
    media_attachments: list[media.MediaAttachment]
    mentions: list[Mention]
    tags: list[Tag]
    emojis: list[CustomEmoji]
    card: None
    place: Place | None
    comments_disabled: bool
    comment_policy: str
    share_policy: str
    hide_like_counts: bool
    show_originals: bool
    comment_pinned: bool
    comment_hidden: bool
    pf_type: str
    content_text: str
    reply_count: int
    shortcode: str
    liked_by: LikedBy
    tagged_collections: list[dict[str, Any]] = msgspec.field(default_factory=list)
    tagged_people: list[str] = msgspec.field(name="taggedPeople", default_factory=list)
    label: None = None
    local: bool = True
    audience: Audience | None = None
    """Ours, for the author alone."""


class Quote(msgspec.Struct, frozen=True):
    """What a post quotes: the post itself, or its id where the quoting post is itself shown in a quote.

    `state` is `pending`, `accepted`, `rejected`, `revoked`, `deleted`, `unauthorized`, `blocked_account`,
    `blocked_domain` or `muted_account`.
    """

    state: str
    quoted_status: Status | msgspec.UnsetType | None = msgspec.UNSET
    quoted_status_id: str | msgspec.UnsetType | None = msgspec.UNSET


class Status(Shared, frozen=True, kw_only=True):
    """A post as clients read it. What concerns the viewer is missing when nobody is signed in."""

    account: account.Account
    reblog: Status | None
    poll: Poll | None
    quote: Quote | None
    quote_approval: QuoteApproval
    favourited: bool | msgspec.UnsetType = msgspec.UNSET
    reblogged: bool | msgspec.UnsetType = msgspec.UNSET
    bookmarked: bool | msgspec.UnsetType = msgspec.UNSET
    muted: bool | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    filtered: list[FilterResult] | msgspec.UnsetType = msgspec.UNSET


def visibility_word(visibility: str) -> str:
    """Mastodon's word for an audience: `private` for our `followers` and `members`, the narrowest for what its author put away."""
    return _WORDS.get(visibility, visibility)


def render_shared(
    row: Mapping[str, Any],
    pictures: list[Any],
    mentions: list[Any],
    hashtags: list[Any],
    emojis: list[CustomEmoji],
    people: Sequence[Any] = (),
) -> Shared:
    """What everybody is shown of a row of `queries.content.posts`, with what hangs on the post."""
    return Shared(
        id=str(row["id"]),
        created_at=iso(row["created_at"]),
        in_reply_to_id=_text(row["parent_id"]),
        in_reply_to_account_id=_text(row["parent_account_id"]) if row["parent_id"] is not None else None,
        sensitive=bool(row["sensitive"]),
        spoiler_text=row["spoiler_text"],
        visibility=visibility_word(row["visibility"]),
        language=row["language"],
        uri=row["uri"],
        url=row["url"] or row["uri"],
        replies_count=row["comments_count"],
        reblogs_count=row["shares_count"],
        favourites_count=row["likes_count"],
        quotes_count=row["quotes_count"],
        edited_at=iso(row["edited_at"]) if row["edited_at"] is not None else None,
        content=row["content"],
        application=Application(row["application_name"], row["application_website"])
        if row["application_name"] is not None
        else None,
        media_attachments=[
            media.render(
                picture,
                is_sensitive=bool(row["sensitive"]),
                people=[seen for seen in people if seen["media_id"] == picture["id"]],
            )
            for picture in pictures
        ],
        mentions=[
            Mention(
                str(named["id"]),
                named["username"],
                account.profile_url(named["username"], named["domain"], named["url"], named["uri"]),
                account.acct(named["username"], named["domain"]),
            )
            for named in mentions
        ],
        tags=[Tag(tag["name"], urls.hashtag(tag["name"])) for tag in hashtags],
        emojis=emojis,
        card=None,
        place=Place(str(row["place_id"]), row["place_name"], row["place_country"])
        if row["place_id"] is not None
        else None,
        comments_disabled=bool(row["comments_disabled"]),
        comment_policy=NOBODY if row["comments_disabled"] else row["comment_policy"],
        share_policy=row["share_policy"],
        hide_like_counts=bool(row["hide_like_counts"]),
        show_originals=bool(row["show_originals"]),
        comment_pinned=row["comment_pin_id"] is not None,
        comment_hidden=row["held_for"] is not None,
        pf_type=_pixelfed_type(row, pictures),
        content_text=plain_text(row["content"]),
        reply_count=row["comments_count"],
        shortcode=str(row["id"]),
        liked_by=liked_by(row["likes_count"]),
        local=bool(row["is_local"]),
        audience=Audience(row["audience_kind"], _text(row["audience_list_id"]))
        if row["audience_kind"] is not None
        else None,
    )


def _pixelfed_type(row: Mapping[str, Any], pictures: list[Any]) -> str:
    """Pixelfed's word for a post by what it holds."""
    if row["shared_post_id"] is not None:
        return "share"
    if row["parent_id"] is not None:
        return "reply"
    kinds = {"video" if picture["kind"] in ("video", "gifv") else "photo" for picture in pictures}
    if not kinds:
        return "text"
    if len(pictures) == 1:
        return kinds.pop()
    return "photo:video:album" if len(kinds) > 1 else f"{kinds.pop()}:album"


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
