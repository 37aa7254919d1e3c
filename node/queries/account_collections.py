"""Collections of accounts as their readers see them: one statement for a page, one for what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node import db
from node.queries.conditions import EVERYTHING, Condition


class CollectionRow(NamedTuple):
    """A collection; moments in milliseconds."""

    id: int
    account_id: int
    account_version: int
    uri: str
    name: str
    description: str
    language: str | None
    sensitive: bool
    discoverable: bool
    hashtag: str | None
    created_at: int
    updated_at: int


class ItemRow(NamedTuple):
    """An account in a collection."""

    id: int
    collection_id: int
    account_id: int
    account_version: int
    state: str
    created_at: int


_COLLECTIONS = (
    "SELECT c.id, c.account_id, o.version, c.uri, c.name, c.description, c.language, c.sensitive, c.discoverable,"
    " t.name, c.created_at, c.updated_at FROM account_collections c JOIN accounts o ON o.id = c.account_id"
    " LEFT JOIN hashtags t ON t.id = c.hashtag_id"
)


async def by_ids(collection_ids: Sequence[int]) -> list[CollectionRow]:
    """These collections, in no order."""
    rows = await db.fetch_all(
        f"{_COLLECTIONS} WHERE c.id IN ({db.marks(collection_ids)}) AND o.suspended_at IS NULL", collection_ids
    )
    return [CollectionRow._make(row) for row in rows]


async def by_uri(uri: str) -> CollectionRow | None:
    """The collection of this ActivityPub id."""
    rows = await db.fetch_all(f"{_COLLECTIONS} WHERE c.uri = ? AND o.suspended_at IS NULL", (uri,))
    return CollectionRow._make(rows[0]) if rows else None


async def of_account(account_id: int, *, limit: int, offset: int, discoverable_only: bool) -> list[CollectionRow]:
    """The collections of an account, newest first."""
    kind = " AND c.discoverable = TRUE" if discoverable_only else ""
    rows = await db.fetch_all(
        f"{_COLLECTIONS} WHERE c.account_id = ?{kind} ORDER BY c.id DESC LIMIT ? OFFSET ?", (account_id, limit, offset)
    )
    return [CollectionRow._make(row) for row in rows]


async def featuring(account_id: int, *, limit: int, offset: int) -> list[CollectionRow]:
    """The collections an account is in, newest first."""
    rows = await db.fetch_all(
        f"{_COLLECTIONS} JOIN account_collection_items i ON i.collection_id = c.id"
        " WHERE i.account_id = ? AND i.state = 'accepted' AND o.suspended_at IS NULL"
        " ORDER BY i.collection_id DESC LIMIT ? OFFSET ?",
        (account_id, limit, offset),
    )
    return [CollectionRow._make(row) for row in rows]


async def items_of(viewer_id: int | None, collection_ids: Sequence[int]) -> dict[int, list[ItemRow]]:
    """What is in these collections, by collection, in order.

    Pending ones are shown to the owner alone; whom the viewer blocks is left out.
    """
    found: dict[int, list[ItemRow]] = {}
    if not collection_ids:
        return found
    states = Condition("(i.state = 'accepted' OR i.state = 'pending' AND c.account_id = ?)", (viewer_id or 0,))
    blocked = "NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ? AND b.target_id = i.account_id)"
    where = states & (Condition(blocked, (viewer_id,)) if viewer_id is not None else EVERYTHING)
    rows = await db.fetch_all(
        "SELECT i.id, i.collection_id, i.account_id, a.version, i.state, i.created_at FROM account_collection_items i"
        " JOIN account_collections c ON c.id = i.collection_id JOIN accounts a ON a.id = i.account_id"
        f" WHERE i.collection_id IN ({db.marks(collection_ids)}) AND a.suspended_at IS NULL AND {where.sql}"
        " ORDER BY i.position, i.id",
        (*collection_ids, *where.parameters),
    )
    for row in rows:
        found.setdefault(row[1], []).append(ItemRow._make(row))
    return found
