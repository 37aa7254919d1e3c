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

from api.entities import account, emoji, media, overlay
from api.entities.emoji import CustomEmoji
from api.entities.encoding import encode, iso
from api.entities.filter import FilterResult
from api.entities.overlay import Overlay, Traits
from api.entities.poll import Poll
from node import urls
from node.cache import BoundedCache
from node.errors import NotFound
from node.models.posts import FOLLOWERS
from node.queries import content, statuses
from node.queries.statuses import StatusRow
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


class QuoteApproval(msgspec.Struct, frozen=True):
    """Who may quote: nobody, here."""

    automatic: list[str]
    manual: list[str]
    current_user: str


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
    quote_approval: QuoteApproval
    place: Place | None
    comments_disabled: bool


class Status(Shared, frozen=True, kw_only=True):
    """A post as clients read it. What concerns the viewer is missing when nobody is signed in."""

    account: account.Account
    reblog: Status | None
    poll: Poll | None
    quote: dict[str, Any] | None
    favourited: bool | msgspec.UnsetType = msgspec.UNSET
    reblogged: bool | msgspec.UnsetType = msgspec.UNSET
    bookmarked: bool | msgspec.UnsetType = msgspec.UNSET
    muted: bool | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    filtered: list[FilterResult] | msgspec.UnsetType = msgspec.UNSET


class _Kept(NamedTuple):
    version: int
    shared: bytes
    traits: Traits


_NO_QUOTES = QuoteApproval([], [], "denied")
_ready: BoundedCache[int, _Kept] = BoundedCache(KEPT_POSTS)


def forget_all() -> None:
    """Drop every kept post."""
    _ready.clear()


def visibility_word(visibility: str) -> str:
    """Mastodon's word for an audience: `private` for our `followers`."""
    return "private" if visibility == FOLLOWERS else visibility


def _deeds(row: int, own: bool) -> bytes:
    words = {"favourited": row & 1, "reblogged": row & 2, "bookmarked": row & 4, "muted": 0}
    text = "".join(f',"{word}":{"true" if value else "false"}' for word, value in words.items())
    return (text + (',"pinned":false' if own else "")).encode()


_DEEDS = {(bits, own): _deeds(bits, own) for bits in range(8) for own in (False, True)}
_NO_SHARE = b',"reblog":null'
_SHARE = b',"reblog":'
_NULL, _NO_FILTERS = b"null", b"[]"


async def page(rows: Sequence[StatusRow], viewer_id: int | None) -> list[bytes]:
    """The statuses of a page, in its order; those that went away meanwhile are left out.

    A fixed number of statements, whatever the size of the page: none when everything is kept and nothing calls for an
    overlay.
    """
    joined = await _join_page(rows, viewer_id)
    return [body for body in joined if body is not None]


async def by_id(rows: Sequence[StatusRow], viewer_id: int | None) -> dict[int, bytes]:
    """`page`, by the id of the post."""
    unique = list({row.id: row for row in rows}.values())
    joined = await _join_page(unique, viewer_id)
    return {row.id: body for row, body in zip(unique, joined, strict=True) if body is not None}


async def _join_page(rows: Sequence[StatusRow], viewer_id: int | None) -> list[bytes | None]:
    posts, accounts = _all_kept(rows) or await _load(rows)
    added = await overlay.of_page(viewer_id, rows, {post_id: post.traits for post_id, post in posts.items()})
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
    bits = bool(row.liked) | bool(row.reblogged) << 1 | bool(row.kept) << 2
    behind = _behind(row.id, bits, row.account_id == viewer_id, viewer_id, added)
    if row.shared_id is None:
        return b"".join((post.shared, author, _NO_SHARE, behind))
    inner, inner_author = posts.get(row.shared_id), accounts.get(row.shared_account_id or 0)
    if inner is None or inner_author is None:
        return None
    inner_behind = _behind(row.shared_id, bits, row.shared_account_id == viewer_id, viewer_id, added)
    return b"".join((post.shared, author, _SHARE, inner.shared, inner_author, _NO_SHARE, inner_behind, behind))


def _behind(post_id: int, bits: int, own: bool, viewer_id: int | None, added: Overlay) -> bytes:
    """What stands behind the shared parts of a post: its overlay, and what the viewer did."""
    poll, quote = added.polls.get(post_id, _NULL), added.quotes.get(post_id, _NULL)
    if viewer_id is None:
        return b',"poll":%b,"quote":%b}' % (poll, quote)
    filtered = added.filtered.get(post_id, _NO_FILTERS)
    return b',"poll":%b,"quote":%b%b,"filtered":%b}' % (poll, quote, _DEEDS[bits, own], filtered)


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
        shared = encode(entity)[:-1] + b',"account":'
        rendered[post_id] = _Kept(row["version"], shared, _traits(row, pictures[post_id]))
        _ready.put(post_id, rendered[post_id])
    return rendered


def _written(row: Mapping[str, Any]) -> str:
    return "\n".join((row["spoiler_text"], row["content"], row["poll_options"] or ""))


def _traits(row: Mapping[str, Any], pictures: list[Any]) -> Traits:
    descriptions = (picture["description"] for picture in pictures)
    options = orjson.loads(row["poll_options"] or "[]")
    words = "\n".join((row["spoiler_text"], plain_text(row["content"]), *descriptions, *options))
    return Traits(words, row["poll_id"])


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
        quotes_count=0,
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
        quote_approval=_NO_QUOTES,
        place=Place(str(row["place_id"]), row["place_name"], row["place_country"])
        if row["place_id"] is not None
        else None,
        comments_disabled=bool(row["comments_disabled"]),
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


async def one(post_id: int, viewer_id: int | None) -> bytes:
    """One post as the viewer sees it. Raises `NotFound` when it is hidden or not there."""
    row = await statuses.one(viewer_id, post_id)
    shown = await page([row], viewer_id) if row is not None else []
    if not shown:
        raise NotFound
    return shown[0]
