"""Collections of accounts: the caller's own, and those of others."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import Empty, documented
from api.entities import account_collection
from api.entities.account_collection import (
    Collections,
    CollectionWithAccounts,
    RefusedCollection,
    WrappedCollection,
    WrappedCollectionItem,
)
from api.errors import invalid_body
from api.ids import Id
from api.me import my_id
from api.pagination import page_of_request
from api.responses import empty, json_response
from node.errors import Forbidden, Invalid, NotFound
from node.queries import account_collections as rows
from node.queries import relationships
from node.queries.account_collections import CollectionRow
from node.runtime import runtime
from node.services import account_collections
from node.services import accounts as account_service

blueprint = Blueprint("account_collections", __name__)

COLLECTIONS = (40, 100)
"""Default and greatest page sizes."""
MAX_OFFSET = 10_000


class CollectionParameters(msgspec.Struct):
    """What changes in a collection."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None
    tag_name: str | None = None


class NewCollection(CollectionParameters):
    """A new collection and who is in it."""

    account_ids: list[Id] = []


class ItemParameters(msgspec.Struct):
    """Whom to add."""

    account_id: Id | None = None


class OffsetParameters(msgspec.Struct):
    """Where a page begins, and how long it is."""

    limit: int = COLLECTIONS[0]
    offset: int = 0


@blueprint.post("/api/v1/collections")
@requires("write:collections")
@documented(WrappedCollection, body=NewCollection, errors=(404,), also={422: RefusedCollection})
async def create() -> Response:
    """Make a collection. Accounts elsewhere are pending until their servers agree."""
    wanted = await params.read(NewCollection)
    owner = await acting_account()
    made = await account_collections.create(owner, _changes(wanted), wanted.account_ids)
    return await _wrapped(made.id)


@blueprint.get("/api/v1/collections/<id:collection_id>")
@allows("read:collections")
@documented(CollectionWithAccounts, errors=(404,))
async def show(collection_id: int) -> Response:
    """A collection, its owner and the accounts in it."""
    row = await _row(collection_id)
    if await _is_shut_out(row.account_id):
        raise Forbidden
    return json_response(await account_collection.with_accounts(row, viewer_id()))


@blueprint.route("/api/v1/collections/<id:collection_id>", methods=["PATCH", "PUT"])
@requires("write:collections")
@documented(WrappedCollection, body=CollectionParameters, errors=(404,), also={422: RefusedCollection})
async def change(collection_id: int) -> Response:
    """Change one of the caller's collections."""
    wanted = await params.read(CollectionParameters)
    await account_collections.change(await acting_account(), collection_id, _changes(wanted))
    return await _wrapped(collection_id)


@blueprint.delete("/api/v1/collections/<id:collection_id>")
@requires("write:collections")
@documented(Empty, errors=(404,))
async def delete(collection_id: int) -> Response:
    """Remove one of the caller's collections."""
    await account_collections.delete(await acting_account(), collection_id)
    return empty()


@blueprint.get("/api/v1/accounts/<id:account_id>/collections")
@allows("read:collections")
@documented(Collections, query=OffsetParameters, errors=(404,))
async def of_account(account_id: int) -> Response:
    """The collections of an account, newest first; to others than itself those that may be discovered."""
    owner = await account_service.get(account_id)
    limit, offset = _slice()
    if owner.suspended_at is not None or await _is_shut_out(account_id):
        return json_response(Collections([]))
    is_other = viewer_id() != account_id
    found = await rows.of_account(account_id, limit=limit, offset=offset, discoverable_only=is_other)
    return await _page(found, limit, offset)


@blueprint.get("/api/v1/accounts/<id:account_id>/in_collections")
@requires("read:collections")
@documented(Collections, query=OffsetParameters, errors=(404,))
async def featuring(account_id: int) -> Response:
    """The collections the caller is in, newest first; nobody asks that of others."""
    await account_service.get(account_id)
    if account_id != my_id():
        raise Forbidden
    limit, offset = _slice()
    return await _page(await rows.featuring(account_id, limit=limit, offset=offset), limit, offset)


@blueprint.post("/api/v1/collections/<id:collection_id>/items")
@requires("write:collections")
@documented(WrappedCollectionItem, body=ItemParameters, errors=(404, 422))
async def add(collection_id: int) -> Response:
    """Put an account into one of the caller's collections."""
    wanted = await params.read(ItemParameters)
    if wanted.account_id is None:
        message = "`account_id` parameter is missing"
        raise Invalid("account_id", "is missing", code="ERR_BLANK", sentence=message)
    made = await account_collections.add(await acting_account(), collection_id, wanted.account_id)
    return json_response(account_collection.item(made))


@blueprint.delete("/api/v1/collections/<id:collection_id>/items/<id:item_id>")
@requires("write:collections")
@documented(Empty, errors=(404,))
async def remove(collection_id: int, item_id: int) -> Response:
    """Take an account out of one of the caller's collections."""
    await account_collections.remove(await acting_account(), collection_id, item_id)
    return empty()


@blueprint.post("/api/v1/collections/<id:collection_id>/items/<id:item_id>/revoke")
@requires("write:collections")
@documented(Empty, errors=(404,))
async def revoke(collection_id: int, item_id: int) -> Response:
    """Leave somebody's collection: the caller cannot be added to it again."""
    await account_collections.revoke(await acting_account(), collection_id, item_id)
    return empty()


@blueprint.errorhandler(Invalid)
async def refused(error: Invalid) -> Response:
    """Mastodon nests what is wrong with a collection, and only that, into `error`."""
    body = invalid_body(error)
    return json_response(body if request.path.endswith("/items") else {"error": body}, 422)


def _changes(wanted: CollectionParameters) -> account_collections.CollectionChanges:
    return account_collections.CollectionChanges(
        name=wanted.name,
        description=wanted.description,
        language=wanted.language,
        sensitive=wanted.sensitive,
        discoverable=wanted.discoverable,
        tag_name=wanted.tag_name,
    )


async def _row(collection_id: int) -> CollectionRow:
    found = await rows.by_ids([collection_id])
    if not found:
        raise NotFound
    return found[0]


async def _wrapped(collection_id: int) -> Response:
    (shown,) = await account_collection.page([await _row(collection_id)], viewer_id())
    return json_response(WrappedCollection(shown))


async def _is_shut_out(account_id: int) -> bool:
    viewer = viewer_id()
    return viewer is not None and await relationships.blocks(account_id, viewer)


def _slice() -> tuple[int, int]:
    offset = params.read_query(OffsetParameters).offset
    return page_of_request(COLLECTIONS).limit, min(max(offset, 0), MAX_OFFSET)


async def _page(found: list[CollectionRow], limit: int, offset: int) -> Response:
    shown = await account_collection.page(found, viewer_id())
    links = []
    if len(found) == limit:
        links.append(_link("next", offset + limit))
    if offset:
        links.append(_link("prev", max(offset - limit, 0)))
    headers = {"Link": ", ".join(links)} if links else None
    return json_response(Collections(shown), 200, headers)


def _link(direction: str, offset: int) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "offset"]
    query = urlencode([*kept, ("offset", str(offset))])
    return f'<{runtime().settings.base_url}{request.path}?{query}>; rel="{direction}"'
