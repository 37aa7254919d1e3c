"""A person's filters: all that is in them for two or three statements, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from node import db
from node.queries.conditions import Condition


class FilterRow(NamedTuple):
    """A filter; `expires_at` in milliseconds."""

    id: int
    title: str
    contexts: list[str]
    action: str
    expires_at: int | None


class KeywordRow(NamedTuple):
    """Words of a filter."""

    id: int
    filter_id: int
    keyword: str
    whole_word: bool


class FilteredPostRow(NamedTuple):
    """A post a filter names."""

    id: int
    filter_id: int
    post_id: int


async def of_account(account_id: int) -> list[FilterRow]:
    """All filters of an account, oldest first, those whose time is over included."""
    return await _filters(Condition("account_id = ?", (account_id,)))


async def of_accounts(account_ids: Sequence[int]) -> list[tuple[int, FilterRow]]:
    """All filters of these accounts (at least one), each beside whose it is, oldest first."""
    rows = await db.fetch_all(
        "SELECT account_id, id, title, contexts, action, expires_at FROM filters"
        f" WHERE account_id IN ({db.marks(account_ids)}) ORDER BY id",
        account_ids,
    )
    return [(int(row[0]), FilterRow(row[1], row[2], orjson.loads(row[3]), row[4], row[5])) for row in rows]


async def one(account_id: int, filter_id: int) -> FilterRow | None:
    """One of the account's own filters."""
    rows = await _filters(Condition("account_id = ? AND id = ?", (account_id, filter_id)))
    return rows[0] if rows else None


async def _filters(where: Condition) -> list[FilterRow]:
    rows = await db.fetch_all(
        f"SELECT id, title, contexts, action, expires_at FROM filters WHERE {where.sql} ORDER BY id", where.parameters
    )
    return [FilterRow(row[0], row[1], orjson.loads(row[2]), row[3], row[4]) for row in rows]


async def keywords(filter_ids: Sequence[int]) -> list[KeywordRow]:
    """The words of these filters, oldest first."""
    if not filter_ids:
        return []
    rows = await db.fetch_all(
        "SELECT id, custom_filter_id, keyword, whole_word FROM filter_keywords"
        f" WHERE custom_filter_id IN ({db.marks(filter_ids)}) ORDER BY id",
        filter_ids,
    )
    return [KeywordRow(row[0], row[1], row[2], bool(row[3])) for row in rows]


async def posts(filter_ids: Sequence[int]) -> list[FilteredPostRow]:
    """The posts these filters name, oldest entry first."""
    if not filter_ids:
        return []
    rows = await db.fetch_all(
        f"SELECT id, custom_filter_id, post_id FROM filter_statuses WHERE custom_filter_id IN ({db.marks(filter_ids)}) ORDER BY id",
        filter_ids,
    )
    return [FilteredPostRow._make(row) for row in rows]


async def keyword(account_id: int, keyword_id: int) -> KeywordRow | None:
    """Words of one of the account's own filters."""
    row = await db.fetch_one(
        "SELECT k.id, k.custom_filter_id, k.keyword, k.whole_word FROM filter_keywords k JOIN filters f ON f.id = k.custom_filter_id"
        " WHERE k.id = ? AND f.account_id = ?",
        (keyword_id, account_id),
    )
    return KeywordRow(row[0], row[1], row[2], bool(row[3])) if row is not None else None


async def filtered_post(account_id: int, entry_id: int) -> FilteredPostRow | None:
    """A post one of the account's own filters names."""
    row = await db.fetch_one(
        "SELECT s.id, s.custom_filter_id, s.post_id FROM filter_statuses s JOIN filters f ON f.id = s.custom_filter_id"
        " WHERE s.id = ? AND f.account_id = ?",
        (entry_id, account_id),
    )
    return FilteredPostRow._make(row) if row is not None else None
