"""What a post shows to every viewer, for the posts a page does not have ready: a fixed number of statements however many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from node import db
from node.queries import places
from node.queries.people_in_pictures import IS_SHOWN


def _shown_count(name: str) -> str:
    """What is known here, or what the post's origin says when that is more: nobody knows all, and it may be made up."""
    known, told = f"p.{name}_count", f"rd.{name}"
    return f"CASE WHEN {told} > {known} THEN {told} ELSE {known} END AS {name}_count"


async def posts(post_ids: Sequence[int]) -> Sequence[Any]:
    """The posts themselves with place and application, by column name."""
    return await db.fetch_all(
        "SELECT p.id, p.uri, p.url, p.account_id, p.parent_id, p.parent_account_id, p.visibility, p.content,"
        " p.spoiler_text, p.sensitive, p.language, p.comments_disabled, p.is_local,"
        f" {_shown_count('comments')}, {_shown_count('likes')}, {_shown_count('shares')}, p.version, p.edited_at, p.created_at, p.shared_post_id, p.place_id, pin.id AS pin_id,"
        " p.quotes_count, p.comment_policy, p.share_policy, p.quote_policy, p.quote_by_hand, p.hide_like_counts, p.show_originals, q.id AS quote_id,"
        " p.held_for, pc.id AS comment_pin_id, au.kind AS audience_kind, au.list_id AS audience_list_id,"
        f" pl.name AS place_name, {places.country('pl')} AS place_country, app.name AS application_name,"
        " app.website AS application_website, a.domain AS author_domain, a.sensitized_at AS author_sensitized_at, po.id AS poll_id, po.options AS poll_options"
        " FROM posts p JOIN accounts a ON a.id = p.account_id LEFT JOIN polls po ON po.post_id = p.id"
        " LEFT JOIN places pl ON pl.id = p.place_id LEFT JOIN applications app ON app.id = p.application_id"
        " LEFT JOIN pinned_comments pc ON pc.comment_id = p.id"
        " LEFT JOIN quotes q ON q.post_id = p.id"
        " LEFT JOIN post_audiences au ON au.post_id = p.id"
        " LEFT JOIN post_readings rd ON rd.post_id = p.id"
        f" LEFT JOIN pinned_posts pin ON pin.post_id = p.id WHERE p.id IN ({db.marks(post_ids)})",
        post_ids,
    )


async def media(post_ids: Sequence[int]) -> Sequence[Any]:
    """The pictures of these posts, in order."""
    return await db.fetch_all(
        f"SELECT {MEDIA_COLUMNS} FROM {MEDIA} WHERE m.post_id IN ({db.marks(post_ids)})"
        " ORDER BY m.post_id, m.position, m.id",
        post_ids,
    )


MEDIA = (
    "media_files m LEFT JOIN posts p ON p.id = m.post_id LEFT JOIN accounts a ON a.id = m.account_id"
    " LEFT JOIN photo_edits e ON e.media_id = m.id"
)
MEDIA_COLUMNS = (
    "m.id, m.post_id, m.account_id, m.kind, m.media_type, m.variants, m.remote_url, m.thumbnail_remote_url, m.width, m.height,"
    " m.duration, m.blurhash, m.focus_x, m.focus_y, m.description, m.camera, e.look,"
    " m.original_key IS NOT NULL AS has_original, COALESCE(p.show_originals, FALSE) AS show_originals,"
    " CASE WHEN p.visibility IN ('public', 'unlisted') AND p.held_for IS NULL"
    " AND (a.suspended_at IS NULL OR a.domain <> '') THEN 1 ELSE 0 END AS is_open"
)
"""Of `MEDIA`. `is_open`: the file is for everybody, so its key may be shown."""


async def people(post_ids: Sequence[int]) -> Sequence[Any]:
    """Who is shown in the pictures of these posts, and where."""
    return await db.fetch_all(
        "SELECT t.post_id, t.media_id, t.x, t.y, a.id AS account_id, a.username, a.domain, a.url, a.uri"
        " FROM people_in_pictures t JOIN accounts a ON a.id = t.account_id"
        f" WHERE t.post_id IN ({db.marks(post_ids)}) AND {IS_SHOWN} AND a.suspended_at IS NULL ORDER BY t.id",
        post_ids,
    )


async def mentions(post_ids: Sequence[int]) -> Sequence[Any]:
    """The accounts these posts name in their text."""
    return await db.fetch_all(
        "SELECT m.post_id, a.id, a.username, a.domain, a.url, a.uri FROM mentions m JOIN accounts a ON a.id = m.account_id"
        f" WHERE m.silent = FALSE AND m.post_id IN ({db.marks(post_ids)}) ORDER BY m.id",
        post_ids,
    )


async def hashtags(post_ids: Sequence[int]) -> Sequence[Any]:
    """The hashtags of these posts."""
    return await db.fetch_all(
        "SELECT ph.post_id, t.name FROM post_hashtags ph JOIN hashtags t ON t.id = ph.hashtag_id"
        f" WHERE ph.post_id IN ({db.marks(post_ids)}) ORDER BY ph.id",
        post_ids,
    )


async def search_hashtags(prefix: str, limit: int, offset: int, *, reviewed_only: bool = False) -> list[str]:
    """Names of hashtags that begin with `prefix` (lower case), the exact one first; none the moderators took off lists.

    With `reviewed_only` also none they have not looked at but the exact one.
    """
    reviewed = " AND (r.reviewed_at IS NOT NULL OR h.name = ?)" if reviewed_only else ""
    escaped = prefix.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    rows = await db.fetch_all(
        "SELECT h.name FROM hashtags h LEFT JOIN hashtag_reviews r ON r.hashtag_id = h.id"
        rf" WHERE h.name LIKE ? ESCAPE '\' AND COALESCE(r.listable, TRUE) = TRUE{reviewed}"
        " ORDER BY LENGTH(h.name), h.name LIMIT ? OFFSET ?",
        (f"{escaped}%", *((prefix,) if reviewed_only else ()), limit, offset),
    )
    return [str(row[0]) for row in rows]


async def media_by_ids(media_ids: Sequence[int]) -> Sequence[Any]:
    """These pictures, in or out of posts."""
    if not media_ids:
        return []
    return await db.fetch_all(f"SELECT {MEDIA_COLUMNS} FROM {MEDIA} WHERE m.id IN ({db.marks(media_ids)})", media_ids)


async def edits(post_id: int) -> Sequence[Any]:
    """How a post looked before its edits, oldest first."""
    return await db.fetch_all(
        "SELECT content, spoiler_text, sensitive, media, poll_options, created_at FROM post_edits"
        " WHERE post_id = ? ORDER BY id LIMIT 100",
        (post_id,),
    )


async def source(post_id: int, account_id: int | None) -> Any:
    """What the author typed, if the post is this account's own."""
    return await db.fetch_one(
        "SELECT id, text, spoiler_text FROM posts WHERE id = ? AND account_id = ? AND shared_post_id IS NULL",
        (post_id, account_id),
    )
