"""Whether somebody may have a file that is not for everybody: one statement, asked at every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from node import db
from node.queries.conditions import visible_to
from node.queries.streams import EACH, each

_MOST_REPORTS: Final = 200
_FILE: Final = "m.id, m.variants, m.remote_url, m.thumbnail_remote_url, o.domain"
_FROM: Final = "FROM media_files m JOIN accounts o ON o.id = m.account_id LEFT JOIN posts p ON p.id = m.post_id"
_ADDRESSED: Final = (
    "SELECT f.account_id FROM follows f WHERE f.target_id = p.account_id AND f.accepted = TRUE"
    " UNION SELECT n.account_id FROM mentions n WHERE n.post_id = p.id"
)
_HOSTS: Final = ("r.uri", "r.inbox_url", "COALESCE(r.shared_inbox_url, '')")


@dataclass(frozen=True, slots=True)
class ReadableFile:
    """A file that its reader may have: its variants by name, or where it is; `domain` is its owner's, empty here."""

    id: int
    variants: Mapping[str, Mapping[str, Any]]
    remote_url: str | None
    thumbnail_remote_url: str | None
    domain: str


async def for_account(account_id: int, media_id: int) -> ReadableFile | None:
    """The file, if this account may have it now: its own, or one of a post it may see. Nobody who is suspended or shut
    out has any."""
    seen = visible_to(account_id)
    return _file(
        await db.fetch_one(
            f"SELECT {_FILE} {_FROM} JOIN accounts r ON r.id = ? AND r.suspended_at IS NULL"
            " AND (r.domain <> '' OR EXISTS (SELECT 1 FROM users u WHERE u.account_id = r.id AND u.disabled_at IS NULL))"
            f" WHERE m.id = ? AND (m.account_id = ? OR p.id IS NOT NULL AND {seen.sql})",
            (account_id, media_id, account_id, *seen.parameters),
        )
    )


async def for_host(host: str, media_id: int) -> ReadableFile | None:
    """The file, if any account of this server may see the post it is in, among those the post is for."""
    seen = each(visible_to(EACH), "r.id")
    prefixes = (f"https://{host}/", f"http://{host}/")
    of_host = " OR ".join(f"SUBSTR({column}, 1, ?) = ?" for column in _HOSTS for _ in prefixes)
    named = [value for _ in _HOSTS for prefix in prefixes for value in (len(prefix), prefix)]
    return _file(
        await db.fetch_one(
            f"SELECT {_FILE} {_FROM} WHERE m.id = ? AND p.id IS NOT NULL AND EXISTS (SELECT 1 FROM accounts r"
            f" WHERE r.id IN ({_ADDRESSED}) AND r.domain <> '' AND r.suspended_at IS NULL AND ({of_host}) AND {seen.sql})",
            (media_id, *named, *seen.parameters),
        )
    )


async def for_moderator(account_id: int, media_id: int) -> ReadableFile | None:
    """The file, if it is in a post that somebody reported and this account is a moderator's."""
    row = await db.fetch_one(
        f"SELECT {_FILE}, m.post_id, m.account_id {_FROM} WHERE m.id = ? AND p.id IS NOT NULL AND EXISTS (SELECT 1 FROM users u"
        " JOIN accounts r ON r.id = u.account_id WHERE r.id = ? AND r.suspended_at IS NULL AND u.disabled_at IS NULL"
        " AND u.role IN ('moderator', 'admin'))",
        (media_id, account_id),
    )
    if row is None:
        return None
    reports = await db.fetch_all(
        "SELECT post_ids FROM reports WHERE target_id = ? ORDER BY id DESC LIMIT ?", (row["account_id"], _MOST_REPORTS)
    )
    return _file(row) if any(row["post_id"] in _json(report[0]) for report in reports) else None


def _file(row: Any) -> ReadableFile | None:
    if row is None:
        return None
    return ReadableFile(
        row["id"], _json(row["variants"]), row["remote_url"], row["thumbnail_remote_url"], row["domain"]
    )


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value
