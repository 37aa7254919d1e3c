"""The page of a collection of accounts that somebody recommends, for whoever is given its address."""

from __future__ import annotations

from quart import Blueprint, Response

from api.pages.guard import guard
from api.pages.rendering import page
from node import urls
from node.errors import NotFound
from node.models.accounts import Account
from node.queries import account_collections
from node.queries.account_collections import CollectionRow

blueprint = guard(Blueprint("account_collection_pages", __name__))


@blueprint.get("/collections/<id:collection_id>")
async def show(collection_id: int) -> Response:
    """A collection and the accounts in it that agreed."""
    row = await _row(collection_id)
    items = (await account_collections.items_of(None, [row.id])).get(row.id, [])
    wanted = [row.account_id, *(item.account_id for item in items)]
    known = {account.id: account for account in await Account.filter(id__in=wanted)}
    return await page(
        "account_collection.html",
        200,
        {"Vary": "Cookie"},
        collection=row,
        address=urls.account_collection_page(row.id),
        owner=known[row.account_id],
        members=[known[item.account_id] for item in items if item.account_id in known],
    )


async def _row(collection_id: int) -> CollectionRow:
    found = await account_collections.by_ids([collection_id])
    if not found:
        raise NotFound
    return found[0]
