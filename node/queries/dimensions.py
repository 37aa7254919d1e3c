"""Of what the use of the node is made up: the largest parts, one statement each."""

from __future__ import annotations

import platform
from typing import Final

from node import db
from node.queries.conditions import Condition
from node.queries.measures import DAY, ID_DAY, Period

Part = tuple[str | None, int]
"""A part by its name, and how much it is."""


async def languages(period: Period, limit: int) -> list[Part]:
    """What those speak who were here last in the period."""
    within = Condition("x.last_active_at >= ? AND x.last_active_at < ?", _bounds(period, DAY))
    return await _parts("x.locale", Condition("users x WHERE TRUE") & within, limit)


async def sources(period: Period, limit: int) -> list[Part]:
    """With which applications people joined in the period; `None`: with none."""
    within = Condition("x.created_at >= ? AND x.created_at < ?", _bounds(period, DAY))
    rows = Condition("users x LEFT JOIN applications app ON app.id = x.application_id WHERE TRUE")
    return await _parts("app.name", rows & within, limit)


async def servers(period: Period, limit: int) -> list[Part]:
    """On which servers the posts of the period were written; empty: here."""
    return await _parts("a.domain", _posts("TRUE") & _within_ids(period), limit)


async def servers_of_hashtag(hashtag_id: int, period: Period, limit: int) -> list[Part]:
    """`servers`, of posts with a hashtag."""
    return await _parts("a.domain", _tagged(hashtag_id) & _within_ids(period), limit)


async def languages_of_hashtag(hashtag_id: int, period: Period, limit: int) -> list[Part]:
    """In which languages posts with a hashtag are written."""
    return await _parts("COALESCE(x.language, 'und')", _tagged(hashtag_id) & _within_ids(period), limit)


async def languages_of_domain(domain: str, period: Period, limit: int) -> list[Part]:
    """In which languages posts of a server are written."""
    rows = _posts("a.domain = ? AND x.shared_post_id IS NULL", domain)
    return await _parts("COALESCE(x.language, 'und')", rows & _within_ids(period), limit)


async def accounts_of_domain(domain: str, limit: int) -> list[Part]:
    """The accounts of a server that most people known here follow."""
    rows = await db.fetch_all(
        "SELECT a.username, COUNT(f.id) FROM accounts a LEFT JOIN follows f ON f.target_id = a.id WHERE a.domain = ?"
        " GROUP BY a.id, a.username ORDER BY COUNT(f.id) DESC, a.id LIMIT ?",
        (domain, limit),
    )
    return [(str(row[0]), int(row[1])) for row in rows]


async def database_size() -> int:
    """Bytes."""
    row = await db.fetch_one(
        "SELECT pg_database_size(current_database())"
        if db.is_postgres()
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    return int(row[0]) if row is not None else 0


async def media_size() -> int:
    """Bytes of what people here uploaded, and of what is kept of other servers."""
    row = await db.fetch_one(
        "SELECT (SELECT COALESCE(SUM(size), 0) FROM media_files) + (SELECT COALESCE(SUM(size), 0) FROM remote_copies)"
    )
    return int(row[0]) if row is not None else 0


async def database_version() -> str:
    """Of PostgreSQL or SQLite."""
    row = await db.fetch_one("SHOW server_version" if db.is_postgres() else "SELECT sqlite_version()")
    return str(row[0]) if row is not None else ""


def python_version() -> str:
    """Of the interpreter."""
    return platform.python_version()


MAX_PARTS: Final = 100


def _posts(where: str, *values: object) -> Condition:
    return Condition(f"posts x JOIN accounts a ON a.id = x.account_id WHERE {where}", values)


def _tagged(hashtag_id: int) -> Condition:
    return Condition(
        "post_hashtags ph JOIN posts x ON x.id = ph.post_id JOIN accounts a ON a.id = x.account_id"
        " WHERE ph.hashtag_id = ?",
        (hashtag_id,),
    )


def _within_ids(period: Period) -> Condition:
    return Condition("x.id >= ? AND x.id < ?", _bounds(period, ID_DAY))


def _bounds(period: Period, scale: int) -> tuple[int, int]:
    return period.first * scale, (period.last + 1) * scale


async def _parts(name: str, rows: Condition, limit: int) -> list[Part]:
    found = await db.fetch_all(
        f"SELECT {name}, COUNT(*) FROM {rows.sql} GROUP BY {name} ORDER BY COUNT(*) DESC, {name} LIMIT ?",
        (*rows.parameters, limit),
    )
    return [(row[0], int(row[1])) for row in found]
