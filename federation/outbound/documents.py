"""Our own posts as values of the protocol, read with a fixed number of statements."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import orjson

from activitypub.parse import origin_host
from activitypub.signatures.encodings import sha256_multihash
from activitypub.types import Attachment, Hashtag, Mention, Note, Place
from activitypub.vocabulary import PUBLIC
from federation.outbound import post_parts
from federation.outbound.emojis import used_emojis
from media import shown_facts
from media.edits.frames import shown_focus
from node import db, file_tokens, urls
from node.models.fields import from_milliseconds
from node.models.posts import MEMBERS
from node.models.quotes import ACCEPTED
from node.queries import places
from node.runtime import runtime
from node.services.interaction_policies import NOBODY

_SERVED_VARIANTS: Final = ("video", "audio", "full", "feed", "grid")
"""What others get, best first: the film or recording, of which the pictures are the poster."""
_PLAYED: Final = ("video", "audio")
_POSTERS: Final = ("feed", "full", "grid")

_POST: Final = f"""
    SELECT p.id, p.uri, p.url, p.account_id, p.visibility, p.content, p.spoiler_text, p.sensitive, p.language,
        p.comments_disabled, p.created_at, p.edited_at, p.parent_uri, p.is_local, p.version, p.held_for,
        a.uri AS author_uri, a.username AS author_name, a.suspended_at AS author_suspended_at, a.sensitized_at AS author_sensitized_at,
        parent.uri AS known_parent_uri, parent.account_id AS parent_account_id,
        top.uri AS top_uri, top.is_local AS top_is_local, top.visibility AS top_visibility,
        shared.uri AS shared_uri, shared.account_id AS shared_account_id,
        place.name AS place_name, {places.country("place")} AS place_country,
        CASE WHEN place.hides_position = TRUE THEN NULL ELSE place.latitude END AS latitude,
        CASE WHEN place.hides_position = TRUE THEN NULL ELSE place.longitude END AS longitude,
        poll.id AS poll_id, poll.options, poll.tallies, poll.multiple, poll.hide_totals, poll.voters_count, poll.expires_at,
        p.comment_policy, p.share_policy, p.quote_policy,
        q.id AS quote_id, q.state AS quote_state, q.quoted_uri, q.stamp_uri, quoted.uri AS known_quoted_uri, quoted.url AS quoted_url
    FROM posts p JOIN accounts a ON a.id = p.account_id
    LEFT JOIN quotes q ON q.post_id = p.id
    LEFT JOIN posts quoted ON quoted.id = q.quoted_post_id
    LEFT JOIN posts parent ON parent.id = p.parent_id
    LEFT JOIN posts top ON top.id = p.conversation_id
    LEFT JOIN posts shared ON shared.id = p.shared_post_id
    LEFT JOIN places place ON place.id = p.place_id
    LEFT JOIN polls poll ON poll.post_id = p.id
"""


class Member(NamedTuple):
    """Somebody a post for members is addressed to; `is_named` in its text."""

    mention: Mention
    is_named: bool


@dataclass(frozen=True, slots=True)
class LocalPost:
    """One of our posts, ready to be rendered, and what decides where it goes."""

    id: int
    account_id: int
    visibility: str
    uri: str
    author_uri: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    note: Note
    shared_uri: str | None
    """Set for a share: the id of what is shared."""
    concerned: tuple[int, ...]
    """The author of the parent, or of what is shared."""
    is_hidden: bool
    """Whether the author is suspended, or the comment held back from all but a few."""
    members: tuple[Member, ...] = ()
    """Of a post for members: whom nobody is told of but their own server (`told_to`)."""

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it."""
        return self.visibility in ("public", "unlisted") and not self.is_hidden


async def local_post(post_id: int) -> LocalPost | None:
    """A post of ours by its number; `None` when there is none, or it is remote. Four statements."""
    return await _local_post(await db.fetch_one(f"{_POST} WHERE p.id = ? AND p.is_local = TRUE", (post_id,)))


async def local_post_of_uri(uri: str) -> LocalPost | None:
    """The same by its id on the wire."""
    return await _local_post(await db.fetch_one(f"{_POST} WHERE p.uri = ? AND p.is_local = TRUE", (uri,)))


async def _local_post(row: db.Row | None) -> LocalPost | None:
    if row is None:
        return None
    mentions, mentioned_ids, group, named = await _mentions(row["id"], row["parent_account_id"], row["account_id"])
    members: tuple[Member, ...] = ()
    if row["visibility"] == MEMBERS:
        members = tuple(Member(mention, mention.href in named) for mention in mentions)
        mentions, group = (), None
    to, cc = addressing(row["visibility"], urls.followers(row["author_uri"]), [mention.href for mention in mentions])
    concerned = [
        number
        for number in (row["parent_account_id"], row["shared_account_id"])
        if number is not None and number != row["account_id"] and number not in mentioned_ids
    ]
    return LocalPost(
        id=row["id"],
        account_id=row["account_id"],
        visibility=row["visibility"],
        uri=row["uri"],
        author_uri=row["author_uri"],
        to=to,
        cc=cc,
        note=replace(await _note(row, mentions, to, cc), audience=group),
        shared_uri=row["shared_uri"],
        concerned=tuple(concerned),
        is_hidden=row["author_suspended_at"] is not None or row["held_for"] is not None,
        members=members,
    )


def told_to(post: LocalPost, host: str) -> LocalPost:
    """The post as one server may be told of it: of the members of one for members, it names those who live there alone."""
    if post.visibility != MEMBERS:
        return post
    there = [member for member in post.members if origin_host(member.mention.href) == host]
    to = tuple(member.mention.href for member in there)
    named = tuple(member.mention for member in there if member.is_named)
    return replace(post, to=to, note=replace(post.note, to=to, mentions=named))


def addressing(visibility: str, followers: str, mentioned: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` as everybody in the federation reads them (Mastodon's convention)."""
    match visibility:
        case "public":
            return (PUBLIC,), (followers, *mentioned)
        case "unlisted":
            return (followers,), (PUBLIC, *mentioned)
        case "followers":
            return (followers,), tuple(mentioned)
        case _:
            return tuple(mentioned), ()


async def _note(row: db.Row, mentions: tuple[Mention, ...], to: tuple[str, ...], cc: tuple[str, ...]) -> Note:
    uri = row["uri"]
    return Note(
        id=uri,
        type="Note" if row["poll_id"] is None else "Question",
        attributed_to=row["author_uri"],
        content=row["content"] + post_parts.quote_line(row),
        language=row["language"],
        summary=row["spoiler_text"] or None,
        sensitive=bool(row["sensitive"]) or row["author_sensitized_at"] is not None,
        published=from_milliseconds(row["created_at"]),
        updated=from_milliseconds(row["edited_at"]) if row["edited_at"] is not None else None,
        in_reply_to=row["known_parent_uri"] or row["parent_uri"],
        url=row["url"] or urls.post_page(row["author_name"], row["id"]),
        to=to,
        cc=cc,
        attachments=await _attachments(row["id"], is_open=_is_open(row)),
        mentions=mentions,
        hashtags=await _hashtags(row["id"]),
        emojis=await used_emojis(f"{row['spoiler_text']}\n{row['content']}"),
        place=_place(row),
        poll=post_parts.poll(row),
        quote=post_parts.quoted(row),
        quote_authorization=row["stamp_uri"] if row["quote_state"] == ACCEPTED else None,
        shares_enabled=row["share_policy"] != NOBODY,
        interaction_policy=post_parts.interaction_policy(row),
        comments_enabled=not row["comments_disabled"],
        context=_context(row),
        replies=f"{uri}/replies",
        likes=f"{uri}/likes",
        shares=f"{uri}/shares",
    )


def _context(row: db.Row) -> str | None:
    """The collection of the thread, if it began here and both the post and its beginning are for everybody."""
    everybody = ("public", "unlisted")
    is_open = row["visibility"] in everybody and row["top_visibility"] in everybody
    return f"{row['top_uri']}/context" if is_open and row["top_is_local"] else None


async def _mentions(
    post_id: int, parent_account_id: int | None, author_id: int
) -> tuple[tuple[Mention, ...], set[int], str | None, set[str]]:
    """Everybody addressed, the author of the parent among them: a comment is meant for its post's author.

    Whoever names a group posts to it: the first one is the post's `audience` (FEP-1b12). The last are those named.
    """
    rows = await db.fetch_all(
        "SELECT a.id, a.uri, a.username, a.domain, a.actor_type, m.silent FROM accounts a"
        " LEFT JOIN mentions m ON m.post_id = ? AND m.account_id = a.id WHERE a.id IN"
        " (SELECT x.account_id FROM mentions x WHERE x.post_id = ?) OR a.id = ? ORDER BY a.id",
        (post_id, post_id, parent_account_id if parent_account_id != author_id else None),
    )
    own_domain = runtime().settings.handle_domain
    mentions = tuple(Mention(row[1], f"@{row[2]}@{row[3] or own_domain}") for row in rows)
    group = next((row[1] for row in rows if row[4] == "Group" and row[3]), None)
    named = {row[1] for row in rows if row[5] is not None and not row[5]}
    return mentions, {row[0] for row in rows} - {parent_account_id}, group, named


async def _hashtags(post_id: int) -> tuple[Hashtag, ...]:
    rows = await db.fetch_all(
        "SELECT h.name, h.display_name FROM post_hashtags l JOIN hashtags h ON h.id = l.hashtag_id"
        " WHERE l.post_id = ? ORDER BY l.id",
        (post_id,),
    )
    return tuple(Hashtag(row[1], urls.hashtag(row[0])) for row in rows)


def _is_open(row: db.Row) -> bool:
    """Whether anybody may read the post, so that its files are served to everybody."""
    return row["visibility"] in ("public", "unlisted") and row["author_suspended_at"] is None


async def _attachments(post_id: int, *, is_open: bool) -> tuple[Attachment, ...]:
    rows = await db.fetch_all(
        "SELECT variants, description, blurhash, focus_x, focus_y, sha256, id, duration, camera FROM media_files WHERE post_id = ?"
        " ORDER BY position, id",
        (post_id,),
    )
    people = await post_parts.people(post_id) if rows else {}
    found = ((attachment, row[6]) for row in rows if (attachment := _attachment(row, is_open)) is not None)
    return tuple(replace(attachment, people=people.get(media_id, ())) for attachment, media_id in found)


def file_address(media_id: int, variant: str, key: str, *, is_open: bool) -> str:
    """Where another server gets a file of a post: the one place that knows. What is not for everybody has a placeholder
    for that server's token, which is put in for each it is sent to (`for_host`)."""
    return urls.media(key) if is_open else urls.closed_file(media_id, variant, file_tokens.placeholder())


def for_host(body: bytes, host: str) -> bytes:
    """A document as one server gets it."""
    return file_tokens.personal(body, functools.partial(file_tokens.for_host, host))


def _attachment(row: db.Row, is_open: bool) -> Attachment | None:
    variants = _json(row[0])
    name = next((name for name in _SERVED_VARIANTS if name in variants), None)
    if name is None:
        return None
    variant = variants[name]
    focus = shown_focus(row[3], row[4])
    poster = next((at for at in _POSTERS if at in variants), None) if name in _PLAYED else None
    return Attachment(
        kind=name if name in _PLAYED else "image",
        url=file_address(row[6], name, variant["key"], is_open=is_open),
        media_type=variant["type"],
        description=row[1] or None,
        blurhash=row[2],
        focus=focus if focus != (0, 0) else None,
        width=variant.get("width"),
        height=variant.get("height"),
        duration=row[7] if name in _PLAYED else None,
        thumbnail=file_address(row[6], poster, variants[poster]["key"], is_open=is_open) if poster else None,
        size=variant.get("bytes"),
        digest=sha256_multihash(row[5]) if name in ("full", *_PLAYED) and row[5] else None,
        exif=tuple(shown_facts.exif_fields(shown_facts.shown(_json(row[8])))),
    )


def _place(row: db.Row) -> Place | None:
    if row["place_name"] is None:
        return None
    return Place(row["place_name"], row["latitude"], row["longitude"], row["place_country"] or None)


def _json(value: Any) -> dict[str, dict[str, Any]]:
    """A JSON column as either driver gives it in a plain row."""
    read: dict[str, dict[str, Any]] = orjson.loads(value) if isinstance(value, str | bytes) else value or {}
    return read
