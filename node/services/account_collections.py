"""Collections of accounts: made, changed, filled by their owners; left by those in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from node import clock, db, events, urls
from node.errors import Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.account_collections import ACCEPTED, PENDING, REVOKED, AccountCollection, AccountCollectionItem
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Block, Follow
from node.services import hashtags, notifications
from node.text import clean, clean_line, is_language_tag

ADDED: Final = "added_to_collection"
UPDATED: Final = "collection_update"
MAX_NAME: Final = 40
MAX_DESCRIPTION: Final = 100
MAX_ITEMS: Final = 25
MAX_COLLECTIONS: Final = 10


@dataclass(frozen=True, slots=True)
class CollectionChanges:
    """What changes; `None` leaves as it is. An empty `language` or `tag_name` goes back to none."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None
    tag_name: str | None = None


async def create(owner: Account, wanted: CollectionChanges, account_ids: Sequence[int]) -> AccountCollection:
    """Make a collection with these accounts in it, who are told.

    Raises `Invalid` (name, description, language, collection_items, collections), `NotFound` when an account is not
    there, `Forbidden` when one does not want to be in collections.
    """
    values = await _checked(CollectionChanges(wanted.name or "", *_rest(wanted)))
    members = list(dict.fromkeys(account_ids))
    _check_number(len(members))
    number = new_id()
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (owner.id,))
        if await AccountCollection.filter(account_id=owner.id).count() >= MAX_COLLECTIONS:
            raise Invalid(
                "collections", f"are too many, no more than {MAX_COLLECTIONS} are allowed", code="ERR_TOO_MANY"
            )
        made = await AccountCollection.create(
            id=number, account_id=owner.id, uri=urls.account_collection(owner.uri, number), **values
        )
        for position, account_id in enumerate(members, 1):
            await _put_in(owner, made, account_id, position)
        await tell(made, is_new=True)
    return made


def _rest(wanted: CollectionChanges) -> tuple[Any, ...]:
    return wanted.description, wanted.language, wanted.sensitive, wanted.discoverable, wanted.tag_name


async def change(owner: Account, collection_id: int, wanted: CollectionChanges) -> AccountCollection:
    """Change a collection; those in it are told of what matters to them. Raises as `own` and `create` do."""
    values = await _checked(wanted)
    async with db.transaction():
        collection = await own(owner, collection_id)
        changed = {name: value for name, value in values.items() if getattr(collection, name) != value}
        if not changed:
            return collection
        await AccountCollection.filter(id=collection_id).update(**changed, updated_at=clock.now())
        if changed.keys() - {"language", "discoverable"}:
            await _tell_members(owner, collection_id)
        await tell(collection)
    return await AccountCollection.get(id=collection_id)


async def _tell_members(owner: Account, collection_id: int) -> None:
    members = await AccountCollectionItem.filter(collection_id=collection_id, state=ACCEPTED, account__domain="").limit(
        MAX_ITEMS
    )
    for member in members:
        await notifications.notify(UPDATED, member.account_id, owner.id, subject_id=collection_id)


async def delete(owner: Account, collection_id: int) -> None:
    """Remove a collection. Raises as `own` does."""
    async with db.transaction():
        await tell(await own(owner, collection_id), is_gone=True)
        await AccountCollectionItem.filter(collection_id=collection_id).delete()
        await AccountCollection.filter(id=collection_id).delete()


async def own(owner: Account, collection_id: int) -> AccountCollection:
    """A collection of `owner`'s. Raises `NotFound`, `Forbidden` for somebody else's."""
    collection = await get(collection_id)
    if collection.account_id != owner.id:
        raise Forbidden()
    return collection


async def get(collection_id: int) -> AccountCollection:
    """The collection of that number. Raises `NotFound`."""
    collection = await AccountCollection.get_or_none(id=collection_id)
    if collection is None:
        raise NotFound()
    return collection


async def add(owner: Account, collection_id: int, account_id: int) -> AccountCollectionItem:
    """Put an account into a collection, at its end; it is told.

    Raises as `own` does, `Forbidden` also when the account does not want to be in collections, `Invalid` (account)
    when it is or was in this one, `Invalid` (collection_items) when there are too many.
    """
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM account_collections WHERE id = ?{db.for_update()}", (collection_id,))
        collection = await own(owner, collection_id)
        items = await AccountCollectionItem.filter(collection_id=collection_id).values_list(
            "account_id", "position", "state"
        )
        if any(known == account_id for known, _, _ in items):
            raise Invalid("account", "has already been taken", code="ERR_TAKEN")
        _check_number(sum(state in (ACCEPTED, PENDING) for _, _, state in items) + 1)
        item = await _put_in(owner, collection, account_id, max((place for _, place, _ in items), default=0) + 1)
        await AccountCollection.filter(id=collection_id).update(updated_at=clock.now())
        await tell(collection)
    return item


async def remove(owner: Account, collection_id: int, item_id: int) -> None:
    """Take an account out of a collection. Raises as `own` does, `NotFound` also when it is not in there."""
    async with db.transaction():
        collection = await own(owner, collection_id)
        if not await AccountCollectionItem.filter(id=item_id, collection_id=collection_id).delete():
            raise NotFound()
        await AccountCollection.filter(id=collection_id).update(updated_at=clock.now())
        await tell(collection)


async def revoke(account: Account, collection_id: int, item_id: int) -> None:
    """Leave somebody's collection, for good. Raises `NotFound`, `Forbidden` when the item is another account."""
    async with db.transaction():
        item = await AccountCollectionItem.get_or_none(id=item_id, collection_id=collection_id)
        if item is None:
            raise NotFound()
        if item.account_id != account.id:
            raise Forbidden()
        await AccountCollectionItem.filter(id=item_id).update(state=REVOKED)
        collection = await get(collection_id)
        if urls.is_local(collection.uri):
            await tell(collection)
        elif item.stamp_uri is not None:
            await events.record(events.FeatureRevoked(item_id=item.id))


async def tell(collection: AccountCollection, *, is_new: bool = False, is_gone: bool = False) -> None:
    """Record that a collection of a local account changed."""
    moment = to_milliseconds(clock.now())
    await events.record(
        events.CollectionChanged(
            collection_id=collection.id,
            account_id=collection.account_id,
            uri=collection.uri,
            moment=moment,
            is_new=is_new,
            is_gone=is_gone,
        )
    )


async def _put_in(
    owner: Account, collection: AccountCollection, account_id: int, position: int
) -> AccountCollectionItem:
    member = await Account.get_or_none(id=account_id)
    if member is None:
        raise NotFound()
    if not await may_feature(owner, member):
        raise Forbidden()
    # Somebody elsewhere stays pending until their server agrees.
    state = ACCEPTED if member.is_local else PENDING
    item = await AccountCollectionItem.create(
        collection_id=collection.id, account_id=member.id, position=position, state=state
    )
    if member.is_local:
        await notifications.notify(ADDED, member.id, owner.id, subject_id=collection.id)
    else:
        await events.record(events.FeatureRequested(item_id=item.id))
    return item


async def may_feature(owner: Account, member: Account) -> bool:
    """Whether an account may be put into a collection of the owner's."""
    if not member.discoverable or member.suspended_at is not None:
        return False
    if member.id == owner.id:
        return True
    pair = (owner.id, member.id)
    if await Block.filter(account_id__in=pair, target_id__in=pair).exists():
        return False
    if not member.is_private:
        return True
    return await Follow.filter(account_id=owner.id, target_id=member.id, accepted=True).exists()


def _check_number(items: int) -> None:
    if items > MAX_ITEMS:
        raise Invalid("collection_items", f"are too many, no more than {MAX_ITEMS} are allowed", code="ERR_TOO_MANY")


async def _checked(wanted: CollectionChanges) -> dict[str, Any]:
    """The columns that follow from `wanted`."""
    values: dict[str, Any] = {"sensitive": wanted.sensitive, "discoverable": wanted.discoverable}
    if wanted.name is not None:
        values["name"] = _limited("name", clean_line(wanted.name), MAX_NAME)
        if not values["name"]:
            raise Invalid("name", "can't be blank", code="ERR_BLANK")
    if wanted.description is not None:
        values["description"] = _limited("description", clean(wanted.description), MAX_DESCRIPTION)
    if wanted.language and not is_language_tag(wanted.language):
        raise Invalid("language", "is invalid")
    values = {name: value for name, value in values.items() if value is not None}
    if wanted.language is not None:
        values["language"] = wanted.language or None
    if wanted.tag_name is not None:
        found = await hashtags.ensure([wanted.tag_name.strip()])
        values["hashtag_id"] = found[0] if found else None
    return values


def _limited(name: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise Invalid(name, f"is too long (maximum is {limit} characters)", code="ERR_TOO_LONG")
    return text
