"""Collections of accounts that people here recommend, and the consents of people here to stand in others'."""

from __future__ import annotations

from quart import Blueprint, Response

from activitypub.featuring import FeatureAuthorization
from activitypub.render import render_collection
from activitypub.render.featuring import render_feature_authorization, render_featured_collection
from activitypub.types import Collection
from federation.outbound import answering
from federation.outbound.askers import may_read, not_found
from federation.outbound.publish_collections import local_collection
from node import db, urls
from node.models.account_collections import ACCEPTED, AccountCollection, AccountCollectionItem
from node.models.accounts import Account

blueprint = Blueprint("federation_account_collections", __name__)


@blueprint.before_request
async def ask_for_a_signature() -> Response | None:
    """With authorized fetch nobody is answered who does not say who they are; a browser is only shown the way."""
    return await answering.refusal(with_page="get_collection")


@blueprint.get("/ap/users/<number:account_id>/collections")
async def get_collections(account_id: int) -> Response:
    """The collections an account shows to everybody, by id."""
    account = await Account.get_or_none(id=account_id, domain="", uri=urls.actor(account_id), suspended_at=None)
    if account is None or not await may_read(account_id):
        return not_found()
    rows = await db.fetch_all(
        "SELECT uri FROM account_collections WHERE account_id = ? AND discoverable = TRUE ORDER BY id DESC LIMIT 50",
        (account_id,),
    )
    items = tuple(row[0] for row in rows)
    return answering.document(
        render_collection(
            Collection(
                f"{account.uri}/collections",
                "OrderedCollection",
                total_items=len(items),
                items=items,
                attributed_to=account.uri,
            )
        )
    )


@blueprint.get("/ap/users/<number:account_id>/collections/<number:collection_id>")
async def get_collection(account_id: int, collection_id: int) -> Response:
    """A collection; a browser is sent to its page."""
    known = await AccountCollection.get_or_none(id=collection_id, account_id=account_id)
    if known is None or not urls.is_local(known.uri):
        return not_found()
    if answering.wants_page():
        return answering.to_page(urls.account_collection_page(known.id))
    found = await local_collection(collection_id) if await may_read(account_id) else None
    return not_found() if found is None else answering.document(render_featured_collection(found))


@blueprint.get("/ap/users/<number:account_id>/feature_authorizations/<number:item_id>")
async def get_consent(account_id: int, item_id: int) -> Response:
    """That somebody here agreed to stand in a collection, as long as they do."""
    item = await AccountCollectionItem.get_or_none(
        id=item_id, account_id=account_id, state=ACCEPTED, account__domain=""
    ).select_related("collection", "account")
    if item is None or item.account.suspended_at is not None or not await may_read(account_id):
        return not_found()
    consent_id = urls.feature_authorization(item.account.uri, item.id)
    consent = FeatureAuthorization(consent_id, item.collection.uri, item.account.uri)
    return answering.document(render_feature_authorization(consent))
