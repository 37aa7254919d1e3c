"""Collections of accounts on other servers (FEP-7aa9), read from their origin with the consents of those in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from activitypub.featuring import FeatureAuthorization, FeaturedCollection, FeaturedItem
from activitypub.parse import ParseError, origin_host
from activitypub.parse.featuring import parse_feature_authorization, parse_featured_collection
from federation import fetching, resolve
from federation.budget import Background, Budget
from federation.resolve_errors import ResolveError, Unresolvable
from node import clock, jobs
from node.models.account_collections import AccountCollection
from node.models.accounts import Account
from node.services import received_collections
from node.services.account_collections import MAX_ITEMS
from node.services.received_collections import IncomingCollection

JOB: Final = "read_account_collection"
FETCHES: Final = 80


async def read_soon(owner: Account, uri: str) -> None:
    """Have a collection of a remote account read again in the background, once in ten seconds at most."""
    moment = int(clock.timestamp()) // 10
    await jobs.enqueue(JOB, {"account_id": owner.id, "uri": uri}, key=f"{JOB}:{uri}:{moment}", lane=f"collection:{uri}")


async def work(payload: Mapping[str, Any]) -> None:
    """The job: the collection, then everybody in it."""
    owner = await Account.get_or_none(id=payload["account_id"])
    if owner is None or owner.is_local or owner.suspended_at is not None:
        return
    budget = Background(FETCHES)
    try:
        read = await _fetched(owner, payload["uri"], budget)
        collection = await _kept(owner, read)
    except Unresolvable as error:
        raise jobs.Drop(str(error)) from error
    await received_collections.fill(collection, await _members(owner, read, budget))


async def known_or_read(owner: Account, uri: str, budget: Budget) -> AccountCollection:
    """A collection of a remote account, without those in it if it is new. Raises `Unresolvable`, `Gone`, `TryLater`."""
    known = await AccountCollection.get_or_none(uri=uri)
    if known is not None:
        if known.account_id != owner.id:
            raise Unresolvable(uri, "the collection is another's")
        return known
    return await _kept(owner, await _fetched(owner, uri, budget))


async def _fetched(owner: Account, uri: str, budget: Budget) -> FeaturedCollection:
    if origin_host(uri) != origin_host(owner.uri):
        raise Unresolvable(uri, "the collection is on another host than its owner")
    fetched = await fetching.fetch(uri, budget)
    try:
        read = parse_featured_collection(fetched.document)
    except ParseError as error:
        raise Unresolvable(uri, str(error)) from error
    if read.attributed_to != owner.uri:
        raise Unresolvable(uri, "the collection is another's")
    return read


async def _kept(owner: Account, read: FeaturedCollection) -> AccountCollection:
    return await received_collections.receive(
        owner,
        IncomingCollection(
            uri=read.id,
            name=read.name,
            description_html=read.summary or "",
            language=read.language,
            sensitive=read.sensitive,
            discoverable=read.discoverable,
            topic=read.topic,
        ),
    )


async def _members(owner: Account, read: FeaturedCollection, budget: Budget) -> dict[int, str | None]:
    """The accounts listed that are the owner, ours, or have given a consent that fits."""
    found: dict[int, str | None] = {}
    for item in read.items[:MAX_ITEMS]:
        try:
            account = await resolve.resolve_actor(item.account, budget=budget)
            if account.is_local or account.id == owner.id or await _agreed(item, read.id, budget):
                found.setdefault(account.id, item.authorization)
        except ResolveError:
            continue
    return found


async def _agreed(item: FeaturedItem, collection_uri: str, budget: Budget) -> bool:
    """Whether the consent stands at its id, on the account's own server, and is for this collection."""
    if item.authorization is None or origin_host(item.authorization) != origin_host(item.account):
        return False
    fetched = await fetching.fetch(item.authorization, budget)
    try:
        consent = parse_feature_authorization(fetched.document)
    except ParseError:
        return False
    # Some consents name the collection, others the item in it.
    return consent in {
        FeatureAuthorization(item.authorization, named, item.account) for named in (collection_uri, item.id) if named
    }
