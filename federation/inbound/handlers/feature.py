"""Collections of accounts: somebody elsewhere wants one of us in theirs, or answers one of us (FEP-7aa9)."""

from __future__ import annotations

import re

from activitypub.render import render_accept, render_reject
from activitypub.types import Document
from federation import account_collections
from federation.inbound.handlers.registry import Received, handles, is_of
from federation.outbound import audience
from federation.outbound.send import send
from node import urls
from node.errors import Forbidden, NotFound
from node.ids import new_id
from node.models.account_collections import AccountCollectionItem
from node.services import accounts, received_collections


@handles("FeatureRequest")
async def feature_request(received: Received) -> None:
    """Answer by the account's settings: Accept with its consent, or Reject."""
    activity, owner = received.activity, received.actor
    member = await accounts.by_uri(received.object_id)
    if member is None or not member.is_local:
        raise NotFound()
    if activity.instrument is None or not is_of(activity.instrument, owner):
        raise Forbidden("the collection is not the sender's")
    collection = await account_collections.known_or_read(owner, activity.instrument, received.budget)
    item = await received_collections.asked(owner, collection, member)
    document: Document
    if item is not None:
        answer_id = urls.activity(member.uri, "accepts", new_id())
        document = render_accept(activity, answer_id, actor=member.uri, result=item.stamp_uri)
    else:
        document = render_reject(activity, urls.activity(member.uri, "rejects", new_id()), actor=member.uri)
    await send(member.id, document, await audience.accounts([owner.id]))


@handles("Accept", "FeatureRequest")
async def accept_feature(received: Received) -> None:
    """Only who is to stand in the collection can agree, with a consent on their own server."""
    item = await _asked(received)
    if received.activity.result is None or not is_of(received.activity.result, received.actor):
        raise Forbidden("the consent is not on the sender's server")
    await received_collections.approved(item.id, received.activity.result)


@handles("Reject", "FeatureRequest")
async def reject_feature(received: Received) -> None:
    """They do not want to."""
    await received_collections.refused((await _asked(received)).id)


@handles("Update", "FeaturedCollection")
async def update_collection(received: Received) -> None:
    """It is read again from its origin."""
    if not is_of(received.object_id, received.actor):
        raise Forbidden("the collection is not the sender's")
    await account_collections.read_soon(received.actor, received.object_id)


def is_feature_request(uri: str | None) -> bool:
    """Whether it is the id of a request of ours to feature somebody."""
    return uri is not None and _number(uri) is not None


async def _asked(received: Received) -> AccountCollectionItem:
    number = _number(received.activity.object_id or "")
    item = (
        await AccountCollectionItem.get_or_none(id=number).select_related("collection") if number is not None else None
    )
    if item is None or not urls.is_local(item.collection.uri):
        raise NotFound()
    if item.account_id != received.actor.id:
        raise Forbidden("the request was not for the sender")
    return item


def _number(uri: str) -> int | None:
    found = re.fullmatch(r"(.+)#feature_requests/([0-9]{1,18})", uri)
    return int(found[2]) if found is not None and urls.local_account_id(found[1]) is not None else None
