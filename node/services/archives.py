"""Everything somebody has here, as one ZIP that is made while it is sent: nothing is stored, so nothing can leak or grow old.

    profile.json            the profile and the settings of the account
    posts.json              every post, comment and share, oldest first, with the files that belong to it
    media/…                 the pictures as they were uploaded, where originals are kept; else the largest that is
    following_accounts.csv, followers.csv, blocked_accounts.csv, muted_accounts.csv, blocked_domains.csv,
    bookmarks.csv, likes.csv, lists.csv    in the form Mastodon exports and imports

Rows are read in pages and files in chunks, so memory does not grow with the account.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import orjson

from media.storage import FileMissing
from node import clock, db, urls
from node.models.accounts import User
from node.models.media import MediaFile
from node.models.posts import Post
from node.rate_limits import Limit
from node.runtime import runtime
from node.services.throttling import spend

ARCHIVES: Final = Limit("archives", 6, 24 * 3600)
PAGE: Final = 200

_INDENTED: Final = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


async def archive(user: User) -> AsyncIterator[bytes]:
    """The archive of `user` (with `account`), in pieces. Raises `RateLimited` before the first of them."""
    await spend(ARCHIVES, str(user.id))
    return _written(user)


class _Pipe(io.RawIOBase):
    """What the ZIP writes, until it is taken away. It has no positions, so sizes follow each file's content."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


async def _written(user: User) -> AsyncIterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as packed:
        for name, pieces in _texts(user):
            with packed.open(_entry(name, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as entry:
                async for piece in pieces:
                    entry.write(piece)
                    yield pipe.taken()
        async for name, key in _files(user):
            try:
                place = await runtime().storage.place_of(key)
                await runtime().storage.stat(place)
            except FileMissing:
                continue
            with packed.open(_entry(name, zipfile.ZIP_STORED), "w", force_zip64=True) as entry:
                async for piece in runtime().storage.stream(place):
                    entry.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    return entry


def _texts(user: User) -> list[tuple[str, AsyncIterator[bytes]]]:
    return [
        ("profile.json", _profile(user)),
        ("posts.json", _posts(user.account_id)),
        *((table.name, _table(table, user.account_id)) for table in _TABLES),
    ]


async def _profile(user: User) -> AsyncIterator[bytes]:
    account = user.account
    known = {
        "handle": urls.handle(account.username),
        "uri": account.uri,
        "email": user.email,
        "display_name": account.display_name,
        "bio": account.note_source,
        "fields": [{"name": row["name"], "value": row.get("source", row["value"])} for row in account.fields_],
        "avatar": _profile_file("avatar", account.avatar_key),
        "header": _profile_file("header", account.header_key),
        "private": account.is_private,
        "discoverable": account.discoverable,
        "indexable": account.indexable,
        "also_known_as": account.also_known_as,
        "moved_to": account.moved_to_uri,
        "preferences": {name: value for name, value in user.preferences.items() if name != "markers"},
        "created_at": account.created_at,
        "archived_at": clock.now(),
    }
    yield orjson.dumps(known, option=_INDENTED)


async def _posts(account_id: int) -> AsyncIterator[bytes]:
    yield b"["
    last = 0
    while posts := await _page_of_posts(account_id, last):
        separator = b",\n" if last else b"\n"
        yield separator + b",\n".join(orjson.dumps(_post(post), option=_INDENTED) for post in posts)
        last = posts[-1].id
    yield b"\n]\n"


async def _page_of_posts(account_id: int, after: int) -> Sequence[Post]:
    posts = Post.filter(account_id=account_id, id__gt=after).order_by("id").limit(PAGE)
    return await posts.prefetch_related("media", "place", "parent", "shared_post")


def _post(post: Post) -> dict[str, Any]:
    pictures = sorted(post.media, key=lambda file: file.position)  # type: ignore[attr-defined]
    return {
        "uri": post.uri,
        "url": post.url,
        "created_at": post.created_at,
        "edited_at": post.edited_at,
        "visibility": post.visibility,
        "text": post.text,
        "html": post.content,
        "content_warning": post.spoiler_text,
        "sensitive": post.sensitive,
        "language": post.language,
        "place": post.place.name if post.place else None,
        "comment_on": post.parent.uri if post.parent else post.parent_uri,
        "shares": post.shared_post.uri if post.shared_post else None,
        "likes_count": post.likes_count,
        "shares_count": post.shares_count,
        "comments_count": post.comments_count,
        "media": [{"file": _media_name(file), "description": file.description} for file in pictures],
    }


async def _files(user: User) -> AsyncIterator[tuple[str, str]]:
    """Names in the archive and keys in the storage."""
    account = user.account
    for kind, kept in (("avatar", account.avatar_key), ("header", account.header_key)):
        name = _profile_file(kind, kept)
        if name and kept:
            yield name, kept
    last = 0
    while files := await _page_of_files(account.id, last):
        for file in files:
            key = _best_key(file)
            if key is not None:
                yield _media_name(file), key
        last = files[-1].id


async def _page_of_files(account_id: int, after: int) -> Sequence[MediaFile]:
    return await MediaFile.filter(account_id=account_id, id__gt=after).order_by("id").limit(PAGE)


def _best_key(file: MediaFile) -> str | None:
    best = next((file.variants[name]["key"] for name in ("full", "feed", "grid") if name in file.variants), None)
    return file.original_key or best


def _media_name(file: MediaFile) -> str:
    key = _best_key(file)
    return f"media/{file.id}.{key.rpartition('.')[2]}" if key else f"media/{file.id}"


def _profile_file(kind: str, key: str | None) -> str | None:
    return f"{kind}.{key.rpartition('.')[2]}" if key else None


class _Table:
    """A CSV file: its heading (Mastodon has none in some), the rows' SQL after an id, and what of a row is written."""

    def __init__(self, name: str, heading: Sequence[str], sql: str, shown: Callable[[Any], Sequence[str]]) -> None:
        self.name = name
        self.heading = heading
        self.sql = sql
        self.shown = shown


async def _table(table: _Table, account_id: int) -> AsyncIterator[bytes]:
    if table.heading:
        yield _lines([table.heading])
    last = 0
    while rows := await db.fetch_all(f"{table.sql} LIMIT {PAGE}", (account_id, last)):
        yield _lines([table.shown(row) for row in rows])
        last = int(rows[-1][0])


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _address(username: str, domain: str) -> str:
    return f"{username}@{domain}" if domain else urls.handle(username)


def _flag(value: object) -> str:
    return "true" if value else "false"


def _of_accounts(table: str, column: str, other: str, more: str = "", where: str = "") -> str:
    return (
        f"SELECT x.id, a.username, a.domain{more} FROM {table} x JOIN accounts a ON a.id = x.{other}"
        f" WHERE x.{column} = ? AND x.id > ?{where} ORDER BY x.id"
    )


def _of_posts(table: str) -> str:
    return f"SELECT x.id, p.uri FROM {table} x JOIN posts p ON p.id = x.post_id WHERE x.account_id = ? AND x.id > ? ORDER BY x.id"


_TABLES: Final = (
    _Table(
        "following_accounts.csv",
        ("Account address", "Show boosts", "Notify on new posts", "Languages"),
        _of_accounts(
            "follows", "account_id", "target_id", ", x.show_shares, x.notify, x.languages", " AND x.accepted = TRUE"
        ),
        lambda row: (
            *(_address(row[1], row[2]), _flag(row[3]), _flag(row[4])),
            ", ".join((row[5] or "").split()),
        ),
    ),
    _Table(
        "followers.csv",
        ("Account address",),
        _of_accounts("follows", "target_id", "account_id", where=" AND x.accepted = TRUE"),
        lambda row: (_address(row[1], row[2]),),
    ),
    _Table(
        "blocked_accounts.csv",
        (),
        _of_accounts("blocks", "account_id", "target_id"),
        lambda row: (_address(row[1], row[2]),),
    ),
    _Table(
        "muted_accounts.csv",
        ("Account address", "Hide notifications"),
        _of_accounts("mutes", "account_id", "target_id", ", x.hide_notifications"),
        lambda row: (_address(row[1], row[2]), _flag(row[3])),
    ),
    _Table(
        "blocked_domains.csv",
        (),
        "SELECT x.id, x.domain FROM account_domain_blocks x WHERE x.account_id = ? AND x.id > ? ORDER BY x.id",
        lambda row: (str(row[1]),),
    ),
    _Table("bookmarks.csv", (), _of_posts("bookmarks"), lambda row: (str(row[1]),)),
    _Table("likes.csv", (), _of_posts("likes"), lambda row: (str(row[1]),)),
    _Table(
        "lists.csv",
        (),
        "SELECT x.id, l.title, a.username, a.domain FROM list_members x JOIN lists l ON l.id = x.list_id"
        " JOIN accounts a ON a.id = x.account_id WHERE x.owner_id = ? AND x.id > ? ORDER BY x.id",
        lambda row: (str(row[1]), _address(row[2], row[3])),
    ),
)
