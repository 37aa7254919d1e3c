"""The inbox of a person, as their own client reads it: what others did that reached them, newest first.

Activities are not kept as they came; they are told anew from what they did here, with the ids their servers gave to
what can be named: the post, the share, the Follow. Nothing is told that the person may not see any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from activitypub.render import render_collection_page, render_note, render_ordered_collection
from activitypub.render.contexts import NOTE_CONTEXT
from activitypub.render.writing import timestamp
from activitypub.types import Attachment, Collection, Document, Note
from activitypub.vocabulary import PUBLIC
from api.entities import media
from node import db, urls
from node.models.accounts import Account
from node.models.fields import from_milliseconds
from node.queries import content, statuses

PAGE: Final = 20
_KINDS: Final[dict[str, Literal["video", "audio"]]] = {"video": "video", "gifv": "video", "audio": "audio"}
_TOLD: Final = ("favourite", "follow", "follow_request")
_IDS: Final = f"""
    SELECT id, kind FROM (
        SELECT * FROM (SELECT post_id AS id, 'post' AS kind FROM home_entries WHERE account_id = ? AND post_id < ?
            ORDER BY post_id DESC LIMIT ?) AS home
        UNION SELECT * FROM (SELECT post_id AS id, 'post' AS kind FROM mentions WHERE account_id = ? AND post_id < ?
            ORDER BY post_id DESC LIMIT ?) AS named
        UNION SELECT * FROM (SELECT id, kind FROM notifications WHERE account_id = ? AND id < ? AND filtered = FALSE
            AND kind IN ({db.marks(_TOLD)}) ORDER BY id DESC LIMIT ?) AS told
    ) AS everything ORDER BY id DESC LIMIT ?
"""
_POSTS: Final = """
    SELECT p.id, p.uri, p.url, p.visibility, p.content, p.spoiler_text, p.sensitive, p.language, p.created_at, p.edited_at,
        p.is_local, a.uri AS author, a.followers_url, a.domain, shared.uri AS shared_uri,
        COALESCE(parent.uri, p.parent_uri) AS parent_uri
    FROM posts p JOIN accounts a ON a.id = p.account_id LEFT JOIN posts shared ON shared.id = p.shared_post_id
    LEFT JOIN posts parent ON parent.id = p.parent_id
"""
_NOTIFICATIONS: Final = """
    SELECT n.id, n.kind, n.created_at, a.uri AS actor, p.uri AS post_uri, f.uri AS follow_uri, l.uri AS like_uri
    FROM notifications n JOIN accounts a ON a.id = n.from_account_id LEFT JOIN posts p ON p.id = n.post_id
    LEFT JOIN follows f ON f.account_id = n.from_account_id AND f.target_id = n.account_id
    LEFT JOIN likes l ON l.account_id = n.from_account_id AND l.post_id = n.post_id
"""


def collection(owner: Account) -> Document:
    """The inbox as such; what is in it is on its pages."""
    uri = urls.inbox(owner.uri)
    return render_ordered_collection(uri, total_items=None, first=f"{uri}?page=true", inverse=("inboxOf", owner.uri))


async def page(owner: Account, before: int) -> Document:
    """What arrived before the one of this number: five statements, whatever is on it."""
    listed = await db.fetch_all(
        _IDS, (owner.id, before, PAGE, owner.id, before, PAGE, owner.id, before, *_TOLD, PAGE, PAGE)
    )
    ids = [int(row[0]) for row in listed]
    told = await _posts(owner, [int(row[0]) for row in listed if row[1] == "post"])
    told |= await _notifications(owner, [int(row[0]) for row in listed if row[1] != "post"])
    uri = urls.inbox(owner.uri)
    shown = Collection(
        id=f"{uri}?page=true" + (f"&before={before}" if before < 2**63 - 1 else ""),
        type="OrderedCollectionPage",
        items=tuple(told[number] for number in ids if number in told),
        part_of=uri,
        next=f"{uri}?page=true&before={ids[-1]}" if len(ids) == PAGE else None,
    )
    return render_collection_page(shown, NOTE_CONTEXT)


async def _posts(owner: Account, ids: Sequence[int]) -> dict[int, Document]:
    """The Create or Announce of those that the owner may see and did not write."""
    seen = db.padded([row.id for row in await statuses.by_ids(owner.id, ids)])
    if not seen:
        return {}
    rows = await db.fetch_all(f"{_POSTS} WHERE p.id IN ({db.marks(seen)}) AND p.account_id <> ?", (*seen, owner.id))
    pictures = await _pictures([int(row["id"]) for row in rows], owner)
    return {int(row["id"]): _activity(owner, row, pictures) for row in rows}


def _activity(owner: Account, row: db.Row, pictures: Mapping[int, list[Attachment]]) -> Document:
    to, cc = _addressed(owner, row)
    said = {"actor": row["author"], "to": list(to), "cc": list(cc)}
    published = from_milliseconds(row["created_at"])
    if row["shared_uri"] is not None:
        shared = {"object": row["shared_uri"], "published": timestamp(published)}
        return {"id": row["uri"], "type": "Announce", **said, **shared}
    note = Note(
        id=row["uri"],
        type="Note",
        attributed_to=row["author"],
        content=row["content"],
        language=row["language"],
        summary=row["spoiler_text"] or None,
        sensitive=bool(row["sensitive"]),
        published=published,
        updated=from_milliseconds(row["edited_at"]) if row["edited_at"] is not None else None,
        in_reply_to=row["parent_uri"],
        url=row["url"],
        to=to,
        cc=cc,
        attachments=tuple(pictures.get(int(row["id"]), ())),
    )
    document = {name: value for name, value in render_note(note).items() if name != "@context"}
    named = {"id": f"{row['uri']}/activity"} if row["is_local"] else {}
    return {**named, "type": "Create", **said, "published": document["published"], "object": document}


def _addressed(owner: Account, row: db.Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    followers = row["followers_url"] or (urls.followers(row["author"]) if not row["domain"] else row["author"])
    match row["visibility"]:
        case "public":
            return (PUBLIC,), (followers,)
        case "unlisted":
            return (followers,), (PUBLIC,)
        case "followers":
            return (followers,), ()
        case _:
            return (owner.uri,), ()


async def _pictures(post_ids: Sequence[int], owner: Account) -> dict[int, list[Attachment]]:
    """The pictures of posts, as readers get them from here."""
    found: dict[int, list[Attachment]] = {}
    if not post_ids:
        return found
    for row in await content.media(post_ids):
        shown = media.render(row, token=media.of_reader(owner.id))
        if shown.url:
            picture = Attachment(
                kind=_KINDS.get(shown.type, "image"),
                url=shown.url,
                media_type=shown.mime or None,
                description=shown.description,
                blurhash=shown.blurhash,
                width=row["width"],
                height=row["height"],
            )
            found.setdefault(int(row["post_id"]), []).append(picture)
    return found


async def _notifications(owner: Account, ids: Sequence[int]) -> dict[int, Document]:
    if not ids:
        return {}
    some = db.padded(ids)
    rows = await db.fetch_all(f"{_NOTIFICATIONS} WHERE n.id IN ({db.marks(some)}) AND a.suspended_at IS NULL", some)
    return {int(row["id"]): told for row in rows if (told := _told(owner, row)) is not None}


def _told(owner: Account, row: db.Row) -> dict[str, Any] | None:
    is_like = row["kind"] == "favourite"
    uri, what = (row["like_uri"], row["post_uri"]) if is_like else (row["follow_uri"], owner.uri)
    if uri is None or what is None:
        return None
    moment = timestamp(from_milliseconds(row["created_at"]))
    kind = "Like" if is_like else "Follow"
    return {"id": uri, "type": kind, "actor": row["actor"], "object": what, "published": moment}
