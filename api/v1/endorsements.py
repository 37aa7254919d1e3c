"""Whom people recommend on their profiles."""

from __future__ import annotations

from dataclasses import replace

from quart import Blueprint, Response, request

from api.auth import acting_account, allows, requires
from api.documentation import documented
from api.entities import account
from api.entities.account import Account
from api.entities.relationship import Relationship
from api.me import my_id
from api.pagination import ACCOUNTS, Page, link_header, page_of_request
from api.responses import json_list
from api.v1.follows import answer
from node.queries import accounts
from node.services import accounts as account_service
from node.services import endorsements

blueprint = Blueprint("endorsements", __name__)

EVERYTHING = 500
"""How many are shown of those asked for with `limit=0`, which is Mastodon's word for all of one's own."""
PINNING_ENDED = "2025-07-08"


@blueprint.get("/api/v1/endorsements")
@requires("read:accounts")
@documented(list[Account], paged=ACCOUNTS)
async def mine() -> Response:
    """Whom the caller recommends, newest first; `limit=0` shows all at once."""
    page = page_of_request(ACCOUNTS)
    if request.args.get("limit") == "0":
        return json_list(await account.page(await accounts.endorsed_by(my_id(), replace(page, limit=EVERYTHING))))
    return await _answer(my_id(), page)


@blueprint.get("/api/v1/accounts/<id:account_id>/endorsements")
@allows("read:accounts")
@documented(list[Account], paged=ACCOUNTS, errors=(404,))
async def of_account(account_id: int) -> Response:
    """Whom an account recommends, newest first."""
    page = page_of_request(ACCOUNTS)
    if (await account_service.get(account_id)).suspended_at is not None:
        return json_list([])
    return await _answer(account_id, page)


async def _answer(account_id: int, page: Page) -> Response:
    rows = await accounts.endorsed_by(account_id, page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.post("/api/v1/accounts/<id:account_id>/endorse")
@requires("write:accounts")
@documented(Relationship, errors=(404, 422))
async def endorse(account_id: int) -> Response:
    """Recommend somebody the caller follows."""
    actor = await acting_account()
    await endorsements.endorse(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/unendorse")
@requires("write:accounts")
@documented(Relationship, errors=(404,))
async def withdraw(account_id: int) -> Response:
    """Recommend somebody no longer."""
    actor = await acting_account()
    await endorsements.withdraw(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/pin")
@requires("write:accounts")
@documented(Relationship, errors=(404, 422), deprecated=PINNING_ENDED)
async def pin(account_id: int) -> Response:
    """What `endorse` was called before."""
    return await endorse(account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/unpin")
@requires("write:accounts")
@documented(Relationship, errors=(404,), deprecated=PINNING_ENDED)
async def unpin(account_id: int) -> Response:
    """What `unendorse` was called before."""
    return await withdraw(account_id)
