"""Mastodon's Collection: accounts that somebody recommends."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec

from api.entities import account, notification_subjects
from api.entities.account import Account
from api.entities.encoding import encode, iso
from api.entities.notification_subjects import Subject
from api.entities.status import Tag
from node import urls
from node.models.account_collections import AccountCollectionItem
from node.models.fields import to_milliseconds
from node.queries import account_collections
from node.queries.account_collections import CollectionRow, ItemRow


class CollectionItem(msgspec.Struct, frozen=True):
    """An account in a collection; `state` is `pending`, `accepted` or `revoked`."""

    id: str
    state: str
    created_at: str
    account_id: str


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, with those of its items that the viewer may see."""

    id: str
    uri: str
    name: str
    description: str
    language: str | None
    account_id: str
    local: bool
    sensitive: bool
    discoverable: bool
    url: str
    item_count: int
    created_at: str
    updated_at: str
    tag: Tag | None
    items: list[CollectionItem]


class WrappedCollection(msgspec.Struct, frozen=True):
    """One collection."""

    collection: Collection


class Collections(msgspec.Struct, frozen=True):
    """A page of collections."""

    collections: list[Collection]


class CollectionWithAccounts(msgspec.Struct, frozen=True):
    """A collection, its owner and the accounts in it."""

    accounts: list[Account]
    collection: Collection


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a parameter, for programs and for people."""

    error: str
    description: str


class Refusal(msgspec.Struct, frozen=True):
    """What is wrong with a collection, by parameter."""

    error: str
    details: dict[str, list[Fault]]


class RefusedCollection(msgspec.Struct, frozen=True):
    """A collection that was refused: here Mastodon's `error` holds what it holds elsewhere beside it."""

    error: Refusal | str


class WrappedCollectionItem(msgspec.Struct, frozen=True):
    """One item of a collection."""

    collection_item: CollectionItem


def item(made: AccountCollectionItem) -> WrappedCollectionItem:
    """The entity of an item that has just been added."""
    created_at = iso(to_milliseconds(made.created_at))
    return WrappedCollectionItem(CollectionItem(str(made.id), made.state, created_at, str(made.account_id)))


async def page(rows: Sequence[CollectionRow], viewer_id: int | None) -> list[Collection]:
    """The entities of these rows; one statement."""
    items = await account_collections.items_of(viewer_id, [row.id for row in rows])
    return [_entity(row, items.get(row.id, [])) for row in rows]


async def with_accounts(row: CollectionRow, viewer_id: int | None) -> bytes:
    """A collection with its owner and the accounts in it."""
    items = (await account_collections.items_of(viewer_id, [row.id])).get(row.id, [])
    versions = {row.account_id: row.account_version} | {one.account_id: one.account_version for one in items}
    shown = await account.bytes_of(versions.items())
    order = [row.account_id, *(one.account_id for one in items)]
    accounts = b",".join(shown[number] for number in order if number in shown)
    return b'{"accounts":[%b],"collection":%b}' % (accounts, encode(_entity(row, items)))


def _entity(row: CollectionRow, items: Sequence[ItemRow]) -> Collection:
    return Collection(
        id=str(row.id),
        uri=row.uri,
        name=row.name,
        description=row.description,
        language=row.language,
        account_id=str(row.account_id),
        local=urls.is_local(row.uri),
        sensitive=bool(row.sensitive),
        discoverable=bool(row.discoverable),
        url=urls.account_collection_page(row.id) if urls.is_local(row.uri) else row.uri,
        item_count=len(items),
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        tag=Tag(row.hashtag, urls.hashtag(row.hashtag)) if row.hashtag is not None else None,
        items=[CollectionItem(str(one.id), one.state, iso(one.created_at), str(one.account_id)) for one in items],
    )


async def _subjects(collection_ids: Sequence[int], viewer_id: int) -> dict[int, Subject]:
    """The collections notifications are about; two statements."""
    rows = await account_collections.by_ids(collection_ids)
    entities = await page(rows, viewer_id)
    return {row.id: Subject(encode(entity), escape(row.name)) for row, entity in zip(rows, entities, strict=True)}


notification_subjects.show("added_to_collection", _subjects)
notification_subjects.show("collection_update", _subjects)
