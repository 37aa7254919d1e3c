"""Lists of the caller, and who is on them."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import account
from api.entities import list as entity
from api.entities.account import Account
from api.entities.list import List
from api.ids import Id
from api.me import my_id
from api.pagination import ACCOUNTS, Page, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.queries import accounts
from node.services import accounts as account_service
from node.services import lists

blueprint = Blueprint("lists", __name__)


class ListParameters(msgspec.Struct):
    """What a list is. `replies_policy` is `followed`, `list` or `none`."""

    title: str | None = None
    replies_policy: str | None = None
    exclusive: bool | None = None


class Members(msgspec.Struct):
    """Which accounts."""

    account_ids: list[Id] = []


@blueprint.get("/api/v1/lists")
@requires("read:lists")
@documented(list[List])
async def listed() -> Response:
    """All lists of the caller."""
    return json_response([entity.render(row) for row in await lists.of_owner(my_id())])


@blueprint.post("/api/v1/lists")
@requires("write:lists")
@documented(List, body=ListParameters, errors=(422,))
async def create() -> Response:
    """Make a list."""
    wanted = await params.read(ListParameters)
    return json_response(entity.render(await lists.create(await acting_account(), _terms(wanted))))


@blueprint.get("/api/v1/lists/<id:list_id>")
@requires("read:lists")
@documented(List, errors=(404,))
async def show(list_id: int) -> Response:
    """One of the caller's lists."""
    return json_response(entity.render(await lists.own(my_id(), list_id)))


@blueprint.put("/api/v1/lists/<id:list_id>")
@blueprint.patch("/api/v1/lists/<id:list_id>")
@requires("write:lists")
@documented(List, body=ListParameters, errors=(404, 422))
async def change(list_id: int) -> Response:
    """Change a list; what is not named stays."""
    wanted = await params.read(ListParameters)
    return json_response(entity.render(await lists.change(await acting_account(), list_id, _terms(wanted))))


@blueprint.delete("/api/v1/lists/<id:list_id>")
@requires("write:lists")
@documented(Empty, errors=(404,))
async def remove(list_id: int) -> Response:
    """Remove a list."""
    await lists.remove(await acting_account(), list_id)
    return empty()


@blueprint.get("/api/v1/lists/<id:list_id>/accounts")
@requires("read:lists")
@documented(list[Account], paged=ACCOUNTS, errors=(404,))
async def members(list_id: int) -> Response:
    """Who is on a list; `limit=0` for all of them at once."""
    await lists.own(my_id(), list_id)
    if request.args.get("limit") == "0":
        return json_list(await account.page(await accounts.on_list(list_id, Page(lists.MAX_MEMBERS))))
    page = page_of_request(ACCOUNTS)
    rows = await accounts.on_list(list_id, page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.post("/api/v1/lists/<id:list_id>/accounts")
@requires("write:lists")
@documented(Empty, body=Members, errors=(404, 422))
async def add(list_id: int) -> Response:
    """Put accounts on a list, all or none: those the caller follows or asked to follow, and the caller."""
    wanted = await params.read(Members)
    await lists.add(await acting_account(), list_id, wanted.account_ids)
    return empty()


@blueprint.delete("/api/v1/lists/<id:list_id>/accounts")
@requires("write:lists")
@documented(Empty, body=Members, errors=(404,))
async def take_off(list_id: int) -> Response:
    """Take accounts off a list."""
    wanted = await params.read(Members)
    await lists.take_off(await acting_account(), list_id, wanted.account_ids)
    return empty()


@blueprint.get("/api/v1/accounts/<id:account_id>/lists")
@requires("read:lists")
@documented(list[List], errors=(404,))
async def with_account(account_id: int) -> Response:
    """The caller's lists an account is on."""
    await account_service.get(account_id)
    return json_response([entity.render(row) for row in await lists.of_owner(my_id(), account_id)])


def _terms(wanted: ListParameters) -> lists.Terms:
    return lists.Terms(wanted.title, wanted.replies_policy or None, wanted.exclusive)
