"""Collections of accounts that people here recommend, and the consents of people here to stand in others'."""

from __future__ import annotations

import orjson
from quart import Blueprint, Response, request

from activitypub.featuring import FeatureAuthorization
from activitypub.render import render_collection
from activitypub.render.featuring import render_feature_authorization, render_featured_collection
from activitypub.types import Collection, Document
from federation.answers import document_response
from federation.negotiation import wants_page
from federation.outbound import askers
from federation.outbound.askers import VARY_OPEN, as_personal, asker, is_personal, not_found
from federation.outbound.publish_collections import local_collection
from node import db, urls
from node.models.account_collections import ACCEPTED, AccountCollection, AccountCollectionItem
from node.models.accounts import Account

blueprint = Blueprint("federation_account_collections", __name__)


@blueprint.before_request
async def ask_for_a_signature() -> Response | None:
    """With authorized fetch nobody is answered who does not say who they are; a browser is only shown the way."""
    view = (request.endpoint or "").rpartition(".")[2]
    return None if view == "get_collection" and _wants_page() else await askers.refusal()


@blueprint.get("/ap/users/<number:account_id>/collections")
async def get_collections(account_id: int) -> Response:
    """The collections an account shows to everybody, by id."""
    account = await Account.get_or_none(id=account_id, domain="", uri=urls.actor(account_id), suspended_at=None)
    if account is None or not await _may_read(account_id):
        return not_found()
    rows = await db.fetch_all(
        "SELECT uri FROM account_collections WHERE account_id = ? AND discoverable = TRUE ORDER BY id DESC LIMIT 50",
        (account_id,),
    )
    items = tuple(row[0] for row in rows)
    return _document(
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
    if _wants_page():
        return Response(b"", 302, headers={"Location": urls.account_collection_page(known.id), "Vary": VARY_OPEN})
    found = await local_collection(collection_id) if await _may_read(account_id) else None
    return not_found() if found is None else _document(render_featured_collection(found))


@blueprint.get("/ap/users/<number:account_id>/feature_authorizations/<number:item_id>")
async def get_consent(account_id: int, item_id: int) -> Response:
    """That somebody here agreed to stand in a collection, as long as they do."""
    item = await AccountCollectionItem.get_or_none(
        id=item_id, account_id=account_id, state=ACCEPTED, account__domain=""
    ).select_related("collection", "account")
    if item is None or item.account.suspended_at is not None or not await _may_read(account_id):
        return not_found()
    consent_id = urls.feature_authorization(item.account.uri, item.id)
    consent = FeatureAuthorization(consent_id, item.collection.uri, item.account.uri)
    return _document(render_feature_authorization(consent))


async def _may_read(account_id: int) -> bool:
    """Whether whoever asks may read what an account shows to everybody."""
    return not (await asker()).is_refused and not await askers.is_blocked_by(account_id)


def _wants_page() -> bool:
    return wants_page(request.headers.get("Accept", ""))


def _document(document: Document) -> Response:
    response = document_response(orjson.dumps(document), vary=VARY_OPEN)
    return as_personal(response) if is_personal() else response
