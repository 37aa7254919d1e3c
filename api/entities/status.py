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
from api.entities.encoding import encode
from api.entities.overlay import Overlay, Traits
from api.entities.quote import Rendering
from api.entities.status_shape import Mention, Shared, Status, Tag, liked_by, render_shared, visibility_word
from node.cache import BoundedCache
from node.errors import NotFound
from node.models.posts import ARCHIVED, DIRECT, MEMBERS
from node.queries import content, statuses
from node.queries.statuses import StatusRow
from node.services import domains
from node.services.interaction_policies import EVERYONE, FOLLOWING
from node.services.interaction_policies import FOLLOWERS as FOLLOWERS_ONLY
from node.text import plain_text

__all__ = ["Mention", "Shared", "Status", "Tag", "by_id", "forget_all", "one", "page", "visibility_word"]

KEPT_POSTS = 6_000


class _Kept(NamedTuple):
    version: int
    shared: bytes
    for_author: bytes
    """`shared` with what its author alone is shown: how many like a post that hides it, and whether it is sensitive
    were it not for the moderators."""
    traits: Traits


_ready: BoundedCache[int, _Kept] = BoundedCache(KEPT_POSTS)


def forget_all() -> None:
    """Drop every kept post."""
    _ready.clear()


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
        look = _look(viewer_id, row, posts, added[viewer_id])
        if look not in ready:
            ready[look] = _joined(row, viewer_id, posts, accounts, added[viewer_id])
        body = ready[look]
        if body is not None:
            shown[viewer_id] = body
    return shown


def _look(viewer_id: int, row: StatusRow, posts: Mapping[int, _Kept], added: Overlay) -> tuple[Any, ...]:
    """What a viewer's view of a post depends on."""
    shown = posts.get(row.shared_id or row.id)
    if shown is not None and shown.traits.has_closed_files:
        return (viewer_id,)
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
        body = b"".join((post.for_author if is_own else post.shared, author, _NO_SHARE, behind))
        return media.personal(body, viewer_id) if post.traits.has_closed_files else body
    inner, inner_author = posts.get(row.shared_id), accounts.get(row.shared_account_id or 0)
    if inner is None or inner_author is None:
        return None
    is_own = row.shared_account_id == viewer_id
    approval = _approval(row.shared_id, inner, is_own, viewer_id, added)
    inner_behind = _behind(row.shared_id, bits, inner.traits.pinned if is_own else None, approval, viewer_id, added)
    behind = _behind(row.id, bits, None, approval, viewer_id, added)
    inner_body = inner.for_author if is_own else inner.shared
    body = b"".join((post.shared, author, _SHARE, inner_body, inner_author, _NO_SHARE, inner_behind, behind))
    return media.personal(body, viewer_id) if inner.traits.has_closed_files else body


def _approval(post_id: int, post: _Kept, is_own: bool, viewer_id: int | None, added: Overlay) -> bytes:
    """Who may quote the post, and whether the viewer may."""
    policy, by_hand = post.traits.quote_policy, post.traits.quote_by_hand
    if viewer_id is None or policy == quote.DIRECT:
        return quote.APPROVALS[policy, by_hand, quote.DENIED]
    may = is_own or policy == EVERYONE or post_id in added.quotable
    otherwise = quote.MANUAL if by_hand else quote.DENIED
    return quote.APPROVALS[policy, by_hand, quote.AUTOMATIC if may else otherwise]


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
    people = _by_post(await content.people(list(pictures)) if pictures else [])
    mentions = _by_post(await content.mentions(post_ids))
    hashtags = _by_post(await content.hashtags(post_ids))
    emojis = await emoji.in_texts([(row["author_domain"], _written(row)) for row in rows])
    refused = [name for name in {row["author_domain"] for row in rows} if name and await domains.rejects_media(name)]
    rendered = {}
    for row, shown in zip(rows, emojis, strict=True):
        post_id = row["id"]
        entity = render_shared(row, pictures[post_id], mentions[post_id], hashtags[post_id], shown, people[post_id])
        if row["author_domain"] in refused:
            entity = _without_files(entity)
        for_author = _before_account(entity)
        shared = for_author
        if _differs_for_others(row):
            shared = _before_account(_for_others(entity, row))
        rendered[post_id] = _Kept(row["version"], shared, for_author, _traits(row, pictures[post_id]))
        _ready.put(post_id, rendered[post_id])
    return rendered


def _differs_for_others(row: Mapping[str, Any]) -> bool:
    is_sensitized = row["author_sensitized_at"] is not None
    return bool(row["hide_like_counts"]) or is_sensitized or row["audience_kind"] is not None


def _for_others(entity: Shared, row: Mapping[str, Any]) -> Shared:
    likes = 0 if row["hide_like_counts"] else entity.favourites_count
    is_sensitive = entity.sensitive or row["author_sensitized_at"] is not None
    pictures = [msgspec.structs.replace(picture, is_nsfw=is_sensitive) for picture in entity.media_attachments]
    return msgspec.structs.replace(
        entity,
        favourites_count=likes,
        liked_by=liked_by(likes),
        sensitive=is_sensitive,
        media_attachments=pictures,
        audience=None,
    )


def _without_files(entity: Shared) -> Shared:
    """A post of a domain that no pictures are taken from: it says where they are, and shows none."""
    pictures = [
        msgspec.structs.replace(picture, type="unknown", url=None, preview_url=None)
        for picture in entity.media_attachments
    ]
    return msgspec.structs.replace(entity, media_attachments=pictures)


def _before_account(entity: Shared) -> bytes:
    return encode(entity)[:-1] + b',"account":'


def _written(row: Mapping[str, Any]) -> str:
    return "\n".join((row["spoiler_text"], row["content"], row["poll_options"] or ""))


def _traits(row: Mapping[str, Any], pictures: list[Any]) -> Traits:
    descriptions = (picture["description"] for picture in pictures)
    options = orjson.loads(row["poll_options"] or "[]")
    words = "\n".join((row["spoiler_text"], plain_text(row["content"]), *descriptions, *options))
    can_be_pinned = row["shared_post_id"] is None and row["visibility"] not in (DIRECT, ARCHIVED)
    quote_policy = quote.DIRECT if row["visibility"] in (MEMBERS, DIRECT, ARCHIVED) else row["quote_policy"]
    is_quote, asks = row["quote_id"] is not None, row["poll_id"] is not None
    return Traits(
        words=words,
        poll_id=row["poll_id"],
        author_id=row["account_id"],
        quotes=is_quote,
        quote_policy=quote_policy,
        quote_by_hand=bool(row["quote_by_hand"]) and quote_policy != quote.DIRECT,
        has_closed_files=any(media.is_closed(picture) for picture in pictures),
        is_plain=not is_quote and not asks and quote_policy not in (FOLLOWERS_ONLY, FOLLOWING),
        pinned=row["pin_id"] is not None if can_be_pinned else None,
    )


def _by_post(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["post_id"]].append(row)
    return found


async def one(post_id: int, viewer_id: int | None) -> bytes:
    """One post as the viewer sees it. Raises `NotFound` when it is hidden or not there."""
    row = await statuses.one(viewer_id, post_id)
    shown = await page([row], viewer_id) if row is not None else []
    if not shown:
        raise NotFound
    return shown[0]
