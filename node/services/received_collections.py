"""Collections of accounts that cross servers (FEP-7aa9): those of others, and what accounts elsewhere say to be in ours.

An account stands in a collection once it agreed: one of ours when it was asked here, one elsewhere by its own word or by a
consent that was read at its id and fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from node import clock, db, urls
from node.errors import Forbidden
from node.ids import new_id
from node.models.account_collections import ACCEPTED, PENDING, REVOKED, AccountCollection, AccountCollectionItem
from node.models.accounts import Account
from node.services import account_collections, hashtags, notifications
from node.text import clean, clean_line, plain_text, sanitise

MAX_OF_OWNER: Final = 50
MAX_NAME: Final = 255
MAX_DESCRIPTION: Final = 2_000


@dataclass(frozen=True, slots=True)
class IncomingCollection:
    """A collection as its owner's server describes it."""

    uri: str
    name: str = ""
    description_html: str = ""
    language: str | None = None
    sensitive: bool = False
    discoverable: bool = False
    topic: str | None = None


async def receive(owner: Account, incoming: IncomingCollection) -> AccountCollection:
    """Take in a remote collection, or bring it up to date. Raises `Forbidden` when it is somebody else's, or there are
    too many of its owner's."""
    found = await hashtags.ensure([incoming.topic]) if incoming.topic else []
    values: dict[str, Any] = {
        "name": clean_line(incoming.name)[:MAX_NAME],
        "description": clean(plain_text(sanitise(incoming.description_html)))[:MAX_DESCRIPTION],
        "language": incoming.language,
        "sensitive": incoming.sensitive,
        "discoverable": incoming.discoverable,
        "hashtag_id": found[0] if found else None,
    }
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (owner.id,))
        known = await AccountCollection.get_or_none(uri=incoming.uri)
        if known is None:
            if await AccountCollection.filter(account_id=owner.id).count() >= MAX_OF_OWNER:
                raise Forbidden("the account has too many collections", uri=incoming.uri)
            return await AccountCollection.create(id=new_id(), account_id=owner.id, uri=incoming.uri, **values)
        if known.account_id != owner.id or owner.is_local:
            raise Forbidden("the collection is another's", uri=incoming.uri)
        await AccountCollection.filter(id=known.id).update(updated_at=clock.now(), **values)
    return await AccountCollection.get(id=known.id)


async def fill(collection: AccountCollection, listed: Mapping[int, str | None]) -> None:
    """Who is listed in a remote collection and agreed, with the place of the consent. People here who did not agree are
    left out, and who is no longer listed goes."""
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM account_collections WHERE id = ?{db.for_update()}", (collection.id,))
        known = {item.account_id: item for item in await AccountCollectionItem.filter(collection_id=collection.id)}
        ours = {account.id for account in await Account.filter(id__in=list(listed) or [0], domain="")}
        for account_id in known.keys() - listed.keys():
            if known[account_id].state != REVOKED:
                await known[account_id].delete()
        for position, (account_id, stamp_uri) in enumerate(listed.items(), 1):
            item = known.get(account_id)
            if item is not None:
                await AccountCollectionItem.filter(id=item.id).update(position=position)
            elif account_id not in ours:
                await AccountCollectionItem.create(
                    collection_id=collection.id,
                    account_id=account_id,
                    position=position,
                    state=ACCEPTED,
                    stamp_uri=stamp_uri,
                )


async def asked(owner: Account, collection: AccountCollection, member: Account) -> AccountCollectionItem | None:
    """Somebody elsewhere wants a local account in a collection: the item if it agrees by its settings, who is told then.

    Asking again changes nothing; who left is not asked again.
    """
    if not member.is_local or not await account_collections.may_feature(owner, member):
        return None
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM account_collections WHERE id = ?{db.for_update()}", (collection.id,))
        known = await AccountCollectionItem.get_or_none(collection_id=collection.id, account_id=member.id)
        if known is not None:
            return known if known.state == ACCEPTED else None
        item_id = new_id()
        item = await AccountCollectionItem.create(
            id=item_id,
            collection_id=collection.id,
            account_id=member.id,
            state=ACCEPTED,
            stamp_uri=urls.feature_authorization(member.uri, item_id),
        )
        await notifications.notify(account_collections.ADDED, member.id, owner.id, subject_id=collection.id)
    return item


async def approved(item_id: int, stamp_uri: str) -> None:
    """An account elsewhere agrees to stand in a collection of ours."""
    await _answer(item_id, (PENDING,), ACCEPTED, stamp_uri)


async def refused(item_id: int) -> None:
    """It does not, or no longer."""
    await _answer(item_id, (PENDING, ACCEPTED), REVOKED, None)


async def stamp_deleted(member: Account, stamp_uri: str) -> bool:
    """A remote account takes back the consent that can be read there. Returns whether there was one of its."""
    found = await AccountCollectionItem.filter(stamp_uri=stamp_uri, account_id=member.id).limit(10)
    for item in found:
        await refused(item.id)
    return bool(found)


async def remove(owner: Account, uri: str) -> None:
    """The server of a remote account says that a collection of its is gone."""
    async with db.transaction():
        known = await AccountCollection.get_or_none(uri=uri, account_id=owner.id)
        if known is not None and not owner.is_local:
            await AccountCollectionItem.filter(collection_id=known.id).delete()
            await known.delete()


async def _answer(item_id: int, before: tuple[str, ...], state: str, stamp_uri: str | None) -> None:
    async with db.transaction():
        item = await AccountCollectionItem.get_or_none(id=item_id).select_related("collection")
        if item is None or item.state not in before:
            return
        await AccountCollectionItem.filter(id=item_id).update(state=state, stamp_uri=stamp_uri)
        await AccountCollection.filter(id=item.collection_id).update(updated_at=clock.now())
        if urls.is_local(item.collection.uri):
            await account_collections.tell(item.collection)
