"""Mastodon's Status, in the parts it is kept in.

What every viewer shares is encoded once per version of the post. The account, which has a version of its own, the
shared post of a share, what a page adds and what the viewer did are put behind. A page is joined bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import orjson

from api.entities import account, emoji, media, overlay, quote
from api.entities.emoji import CustomEmoji
from api.entities.encoding import encode, iso
from api.entities.filter import FilterResult
from api.entities.overlay import Overlay, Traits
from api.entities.poll import Poll
from api.entities.quote import QuoteApproval, Rendering
from node import urls
from node.cache import BoundedCache
from node.errors import NotFound
from node.models.posts import DIRECT, FOLLOWERS
from node.queries import content, statuses
from node.queries.statuses import StatusRow
from node.services.interaction_policies import EVERYONE, NOBODY
from node.text import plain_text

KEPT_POSTS = 6_000


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
    comment_pinned: bool
    comment_hidden: bool
    pf_type: str
    content_text: str
    reply_count: int
    tagged_people: list[str] = msgspec.field(name="taggedPeople", default_factory=list)
    label: None = None
    local: bool = True


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


class _Kept(NamedTuple):
    version: int
    shared: bytes
    for_author: bytes
    """`shared` with what its author alone is shown: how many like a post that hides it."""
    traits: Traits


_ready: BoundedCache[int, _Kept] = BoundedCache(KEPT_POSTS)


def forget_all() -> None:
    """Drop every kept post."""
    _ready.clear()


def visibility_word(visibility: str) -> str:
    """Mastodon's word for an audience: `private` for our `followers`."""
    return "private" if visibility == FOLLOWERS else visibility


def _deeds(bits: int, pinned: bool | None) -> bytes:
    words = {"favourited": bits & 1, "reblogged": bits & 2, "bookmarked": bits & 4, "muted": bits & 8}
    if pinned is not None:
        words["pinned"] = pinned
    return "".join(f',"{word}":{"true" if value else "false"}' for word, value in words.items()).encode()


_DEEDS = {(bits, pinned): _deeds(bits, pinned) for bits in range(16) for pinned in (None, False, True)}
_NO_SHARE = b',"reblog":null'
_SHARE = b',"reblog":'
_NULL, _NO_FILTERS = b"null", b"[]"


async def page(rows: Sequence[StatusRow], viewer_id: int | None) -> list[bytes]:
    """The statuses of a page, in its order; those that went away meanwhile are left out.

    A fixed number of statements, whatever the size of the page: none when everything is kept and nothing calls for an
    overlay.
    """
    joined = await _join_page(rows, viewer_id, _quoted_by_id)
    return [body for body in joined if body is not None]


async def by_id(rows: Sequence[StatusRow], viewer_id: int | None) -> dict[int, bytes]:
    """`page`, by the id of the post."""
    unique = list({row.id: row for row in rows}.values())
    joined = await _join_page(unique, viewer_id, _quoted_by_id)
    return {row.id: body for row, body in zip(unique, joined, strict=True) if body is not None}


async def _quoted_by_id(rows: Sequence[StatusRow], viewer_id: int | None) -> dict[int, bytes]:
    """`by_id` for posts that are quoted; what they quote in turn is only named."""
    unique = list({row.id: row for row in rows}.values())
    joined = await _join_page(unique, viewer_id, None)
    return {row.id: body for row, body in zip(unique, joined, strict=True) if body is not None}


async def for_viewers(rows: Mapping[int, StatusRow]) -> dict[int, bytes]:
    """One post as each of many viewers sees it (`rows` by viewer); those who see the same share the same bytes."""
    if not rows:
        return {}
    distinct = list({row.id: row for row in rows.values()}.values())
    posts, accounts = _all_kept(distinct) or await _load(distinct)
    traits = {post_id: post.traits for post_id, post in posts.items()}
    added = await overlay.of_viewers(rows, traits, _quoted_by_id)
    ready: dict[tuple[Any, ...], bytes | None] = {}
    shown: dict[int, bytes] = {}
    for viewer_id, row in rows.items():
        look = _look(viewer_id, row, added[viewer_id])
        if look not in ready:
            ready[look] = _joined(row, viewer_id, posts, accounts, added[viewer_id])
        body = ready[look]
        if body is not None:
            shown[viewer_id] = body
    return shown


def _look(viewer_id: int, row: StatusRow, added: Overlay) -> tuple[Any, ...]:
    """What a viewer's view of a post depends on."""
    deeds = row._replace(cursor=0, filters_version=0)
    own = (row.account_id == viewer_id, row.shared_account_id == viewer_id)
    return (deeds, own, added.quotable, *added.filtered.items())


async def _join_page(rows: Sequence[StatusRow], viewer_id: int | None, render: Rendering | None) -> list[bytes | None]:
    posts, accounts = _all_kept(rows) or await _load(rows)
    added = await overlay.of_page(viewer_id, rows, {post_id: post.traits for post_id, post in posts.items()}, render)
    return [_joined(row, viewer_id, posts, accounts, added) for row in rows]


def _all_kept(rows: Sequence[StatusRow]) -> tuple[dict[int, _Kept], dict[int, bytes]] | None:
    """Every part of these rows if all are kept in these very versions, else `None`."""
    posts: dict[int, _Kept] = {}
    accounts: dict[int, bytes] = {}
    for row in rows:
        shown = [(row.id, row.version, row.account_id, row.account_version)]
        if row.shared_id is not None:
            shown.append((row.shared_id, row.shared_version, row.shared_account_id, row.shared_account_version))  # type: ignore[arg-type]
        for post_id, version, account_id, account_version in shown:
            post, author = _ready.get(post_id), account.kept(account_id, account_version)
            if post is None or author is None or post.version != version:
                return None
            posts[post_id], accounts[account_id] = post, author
    return posts, accounts


def _joined(
    row: StatusRow,
    viewer_id: int | None,
    posts: Mapping[int, _Kept],
    accounts: Mapping[int, bytes],
    added: Overlay,
) -> bytes | None:
    post, author = posts.get(row.id), accounts.get(row.account_id)
    if post is None or author is None:
        return None
    bits = bool(row.liked) | bool(row.reblogged) << 1 | bool(row.kept) << 2 | bool(row.muted) << 3
    if row.shared_id is None:
        is_own = row.account_id == viewer_id
        approval = _approval(row.id, post, is_own, viewer_id, added)
        behind = _behind(row.id, bits, post.traits.pinned if is_own else None, approval, viewer_id, added)
        return b"".join((post.for_author if is_own else post.shared, author, _NO_SHARE, behind))
    inner, inner_author = posts.get(row.shared_id), accounts.get(row.shared_account_id or 0)
    if inner is None or inner_author is None:
        return None
    is_own = row.shared_account_id == viewer_id
    approval = _approval(row.shared_id, inner, is_own, viewer_id, added)
    inner_behind = _behind(row.shared_id, bits, inner.traits.pinned if is_own else None, approval, viewer_id, added)
    behind = _behind(row.id, bits, None, approval, viewer_id, added)
    inner_body = inner.for_author if is_own else inner.shared
    return b"".join((post.shared, author, _SHARE, inner_body, inner_author, _NO_SHARE, inner_behind, behind))


def _approval(post_id: int, post: _Kept, is_own: bool, viewer_id: int | None, added: Overlay) -> bytes:
    """Who may quote the post, and whether the viewer may."""
    policy = post.traits.quote_policy
    if viewer_id is None or policy == quote.DIRECT:
        return quote.APPROVALS[policy, quote.DENIED]
    may = is_own or policy == EVERYONE or post_id in added.quotable
    return quote.APPROVALS[policy, quote.AUTOMATIC if may else quote.DENIED]


def _behind(
    post_id: int, bits: int, pinned: bool | None, approval: bytes, viewer_id: int | None, added: Overlay
) -> bytes:
    """What stands behind the shared parts of a post: its overlay, and what the viewer did."""
    poll, quoted = added.polls.get(post_id, _NULL), added.quotes.get(post_id, _NULL)
    if viewer_id is None:
        return b',"poll":%b,"quote":%b%b}' % (poll, quoted, approval)
    filtered = added.filtered.get(post_id, _NO_FILTERS)
    return b',"poll":%b,"quote":%b%b%b,"filtered":%b}' % (poll, quoted, approval, _DEEDS[bits, pinned], filtered)


async def _load(rows: Sequence[StatusRow]) -> tuple[dict[int, _Kept], dict[int, bytes]]:
    """Every part of these rows: from what is kept, else read and kept."""
    versions = {row.id: row.version for row in rows}
    versions |= {row.shared_id: row.shared_version for row in rows if row.shared_id is not None}  # type: ignore[misc]
    posts: dict[int, _Kept] = {}
    for post_id, version in versions.items():
        kept = _ready.get(post_id)
        if kept is not None and kept.version == version:
            posts[post_id] = kept
    missing = [post_id for post_id in versions if post_id not in posts]
    if missing:
        posts |= await _render_posts(missing)
    accounts = await account.bytes_of(_account_versions(rows))
    return posts, accounts


def _account_versions(rows: Sequence[StatusRow]) -> Iterable[tuple[int, int]]:
    versions = {row.account_id: row.account_version for row in rows}
    for row in rows:
        if row.shared_account_id is not None and row.shared_account_version is not None:
            versions[row.shared_account_id] = row.shared_account_version
    return versions.items()


async def _render_posts(post_ids: Sequence[int]) -> dict[int, _Kept]:
    rows = await content.posts(post_ids)
    pictures = _by_post(await content.media(post_ids))
    mentions = _by_post(await content.mentions(post_ids))
    hashtags = _by_post(await content.hashtags(post_ids))
    emojis = await emoji.in_texts([(row["author_domain"], _written(row)) for row in rows])
    rendered = {}
    for row, shown in zip(rows, emojis, strict=True):
        post_id = row["id"]
        entity = _shared(row, pictures[post_id], mentions[post_id], hashtags[post_id], shown)
        for_author = _before_account(entity)
        shared = for_author
        if row["hide_like_counts"]:
            shared = _before_account(msgspec.structs.replace(entity, favourites_count=0))
        rendered[post_id] = _Kept(row["version"], shared, for_author, _traits(row, pictures[post_id]))
        _ready.put(post_id, rendered[post_id])
    return rendered


def _before_account(entity: Shared) -> bytes:
    return encode(entity)[:-1] + b',"account":'


def _written(row: Mapping[str, Any]) -> str:
    return "\n".join((row["spoiler_text"], row["content"], row["poll_options"] or ""))


def _traits(row: Mapping[str, Any], pictures: list[Any]) -> Traits:
    descriptions = (picture["description"] for picture in pictures)
    options = orjson.loads(row["poll_options"] or "[]")
    words = "\n".join((row["spoiler_text"], plain_text(row["content"]), *descriptions, *options))
    can_be_pinned = row["shared_post_id"] is None and row["visibility"] != DIRECT
    return Traits(
        words=words,
        poll_id=row["poll_id"],
        author_id=row["account_id"],
        quotes=row["quote_id"] is not None,
        quote_policy=quote.DIRECT if row["visibility"] == DIRECT else row["quote_policy"],
        pinned=row["pin_id"] is not None if can_be_pinned else None,
    )


def _by_post(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["post_id"]].append(row)
    return found


def _shared(
    row: Mapping[str, Any],
    pictures: list[Any],
    mentions: list[Any],
    hashtags: list[Any],
    emojis: list[CustomEmoji],
) -> Shared:
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
        media_attachments=[media.render(picture) for picture in pictures],
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
        comment_pinned=row["comment_pin_id"] is not None,
        comment_hidden=row["held_for"] is not None,
        pf_type=_pixelfed_type(row, pictures),
        content_text=plain_text(row["content"]),
        reply_count=row["comments_count"],
        local=bool(row["is_local"]),
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


async def one(post_id: int, viewer_id: int | None) -> bytes:
    """One post as the viewer sees it. Raises `NotFound` when it is hidden or not there."""
    row = await statuses.one(viewer_id, post_id)
    shown = await page([row], viewer_id) if row is not None else []
    if not shown:
        raise NotFound
    return shown[0]
