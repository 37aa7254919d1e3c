"""Every file that a row names, whatever table it is in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from media.formats import ALSO
from media.storage import private_beside
from node import db

ORIGINALS, PHOTOGRAPHS, FILMS, RECORDINGS = "originals", "photographs", "films", "recordings"
PROFILES, EMOJIS, COPIES = "avatars and headers", "emojis", "other servers' files"
_KINDS: Final = {"image": PHOTOGRAPHS, "audio": RECORDINGS}
_SERVED: Final = ("full", "video", "audio")
"""The variants of which a row's `sha256` is, the first that there is."""
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Named:
    """A file that the row `row_id` of `table` names. Size and checksum are empty where no row tells them; `owner` is
    the name of a local account."""

    key: str
    table: str
    row_id: int
    kind: str
    owner: str = ""
    size: int | None = None
    sha256: str = ""

    @property
    def is_of_here(self) -> bool:
        """Whether it cannot be fetched again."""
        return self.kind != COPIES


async def every() -> AsyncIterator[list[Named]]:
    """All of them, some hundred rows at a time."""
    for table, (statement, _) in _TABLES.items():
        last = 0
        while rows := await db.fetch_all(statement, (last, _BATCH)):
            yield [named for row in rows for named in _of(table, row)]
            last = int(rows[-1][0])


async def is_still_named(named: Named) -> bool:
    """Whether that row names the file now."""
    row = await db.fetch_one(_TABLES[named.table][0], (named.row_id - 1, 1))
    return row is not None and any(now.key == named.key and now.row_id == named.row_id for now in _of(named.table, row))


def _of(table: str, row: Any) -> Iterator[Named]:
    return _TABLES[table][1](table, row)


def _of_media(table: str, row: Sequence[Any]) -> Iterator[Named]:
    media_id, kind, original, sent_sha256, size, variants, sha256, owner = row
    if original:
        yield Named(original, table, media_id, ORIGINALS, owner, size, sent_sha256)
    known = orjson.loads(variants)
    served = next((name for name in _SERVED if name in known), None)
    for name, variant in known.items():
        checksum = variant.get("sha256") or (sha256 if name == served else "")
        what = _KINDS.get(kind, FILMS)
        yield Named(variant["key"], table, media_id, what, owner, variant.get("bytes"), checksum)
        for media_type, smaller in variant.get(ALSO, {}).items():
            yield Named(private_beside(variant["key"], media_type), table, media_id, what, owner, smaller)


def _of_account(table: str, row: Sequence[Any]) -> Iterator[Named]:
    account_id, avatar, header, owner = row
    for key in filter(None, (avatar, header)):
        yield Named(key, table, account_id, PROFILES, owner)


def _of_emoji(table: str, row: Sequence[Any]) -> Iterator[Named]:
    for key in {key for key in row[1:] if key}:
        yield Named(key, table, row[0], EMOJIS)


def _of_copy(table: str, row: Sequence[Any]) -> Iterator[Named]:
    files = {file["key"]: file for file in orjson.loads(row[1]).values()}
    for key, file in files.items():
        yield Named(key, table, row[0], COPIES, size=file["bytes"])


_TABLES: Final[dict[str, tuple[str, Callable[[str, Any], Iterator[Named]]]]] = {
    "media_files": (
        "SELECT m.id, m.kind, m.original_key, m.sent_sha256, m.size, m.variants, m.sha256, a.username FROM media_files m"
        " JOIN accounts a ON a.id = m.account_id AND a.domain = '' WHERE m.id > ? ORDER BY m.id LIMIT ?",
        _of_media,
    ),
    "accounts": (
        "SELECT id, avatar_key, header_key, username FROM accounts"
        " WHERE id > ? AND (avatar_key IS NOT NULL OR header_key IS NOT NULL) ORDER BY id LIMIT ?",
        _of_account,
    ),
    "custom_emojis": (
        "SELECT id, file_key, static_key FROM custom_emojis"
        " WHERE id > ? AND (file_key IS NOT NULL OR static_key IS NOT NULL) ORDER BY id LIMIT ?",
        _of_emoji,
    ),
    "remote_copies": (
        "SELECT id, files FROM remote_copies WHERE id > ? AND attempts = 0 ORDER BY id LIMIT ?",
        _of_copy,
    ),
}
