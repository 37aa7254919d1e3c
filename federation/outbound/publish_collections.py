"""Collections of accounts of people here as others get them (FEP-7aa9)."""

from __future__ import annotations

from activitypub.featuring import FeatureAuthorization, FeaturedCollection, FeaturedItem
from activitypub.render import render_activity
from activitypub.render.contexts import FEATURED_CONTEXT
from activitypub.render.featuring import feature_authorization_object, featured_collection_object
from activitypub.types import Activity, Document
from activitypub.vocabulary import PUBLIC
from federation.outbound import audience
from federation.outbound.send import send
from node import db, urls
from node.events import CollectionChanged, FeatureRequested, FeatureRevoked
from node.models.account_collections import AccountCollectionItem
from node.models.accounts import Account
from node.models.fields import from_milliseconds
from node.queries import account_collections


async def local_collection(collection_id: int) -> FeaturedCollection | None:
    """A collection of somebody here with those in it who agreed; `None` when there is none. Three statements."""
    found = await account_collections.by_ids([collection_id])
    if not found or not urls.is_local(found[0].uri):
        return None
    row = found[0]
    items = await db.fetch_all(
        "SELECT i.id, a.uri, a.domain, i.stamp_uri FROM account_collection_items i JOIN accounts a ON a.id = i.account_id"
        " WHERE i.collection_id = ? AND i.state = 'accepted' AND a.suspended_at IS NULL ORDER BY i.position, i.id",
        (row.id,),
    )
    return FeaturedCollection(
        id=row.uri,
        attributed_to=urls.actor(row.account_id),
        name=row.name,
        summary=row.description or None,
        language=row.language,
        url=urls.account_collection_page(row.id),
        sensitive=bool(row.sensitive),
        discoverable=bool(row.discoverable),
        topic=row.hashtag,
        items=tuple(FeaturedItem(item[1], f"{row.uri}/items/{item[0]}", consent(item)) for item in items),
        published=from_milliseconds(row.created_at),
        updated=from_milliseconds(row.updated_at),
    )


def consent(item: db.Row) -> str | None:
    """Where it can be read that an account agreed (`id`, `uri`, `domain`, `stamp_uri`): of one of ours, here."""
    return item[3] if item[2] else urls.feature_authorization(item[1], int(item[0]))


async def collection_changed(event: CollectionChanged) -> None:
    """Add or Update with the whole collection, or Remove, to the servers of the owner's followers."""
    owner = await Account.get_or_none(id=event.account_id)
    if owner is None:
        return
    inboxes = await audience.followers_of(owner.id)
    if not inboxes:
        return
    found = await local_collection(event.collection_id)
    if found is None and not event.is_gone:
        return
    document: Document | str = event.uri
    if found is None or not found.discoverable:
        kind = "Remove"
    else:
        kind, document = "Add" if event.is_new else "Update", featured_collection_object(found)
    activity = Activity(
        id=f"{event.uri}#{kind.lower()}/{event.moment}",
        type=kind,
        actor=owner.uri,
        object_id=document if isinstance(document, str) else None,
        object=None if isinstance(document, str) else document,
        target=None if kind == "Update" else f"{owner.uri}/collections",
        to=(PUBLIC,),
    )
    await send(owner.id, render_activity(activity, FEATURED_CONTEXT), inboxes)


async def feature_requested(event: FeatureRequested) -> None:
    """FeatureRequest, to the account that is to stand in a collection."""
    item = await AccountCollectionItem.get_or_none(id=event.item_id).select_related("collection__account", "account")
    if item is None:
        return
    owner = item.collection.account
    activity = Activity(
        id=urls.feature_request(owner.uri, item.id),
        type="FeatureRequest",
        actor=owner.uri,
        object_id=item.account.uri,
        instrument=item.collection.uri,
        to=(item.account.uri,),
    )
    await send(owner.id, render_activity(activity, FEATURED_CONTEXT), await audience.accounts([item.account_id]))


async def feature_revoked(event: FeatureRevoked) -> None:
    """Delete of the consent, to the owner of the collection."""
    item = await AccountCollectionItem.get_or_none(id=event.item_id).select_related("collection", "account")
    if item is None or item.stamp_uri is None:
        return
    member = item.account
    authorization = FeatureAuthorization(item.stamp_uri, item.collection.uri, member.uri)
    activity = Activity(
        id=f"{item.stamp_uri}#delete",
        type="Delete",
        actor=member.uri,
        object=feature_authorization_object(authorization),
        to=(PUBLIC,),
    )
    inboxes = await audience.accounts([item.collection.account_id], personally=False)
    await send(member.id, render_activity(activity, FEATURED_CONTEXT), inboxes)
