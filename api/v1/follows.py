"""Following, asking to, accepting and turning away."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import account, relationship
from api.entities.account import Account
from api.entities.relationship import Relationship
from api.me import my_id
from api.pagination import ACCOUNTS, link_header, page_of_request
from api.responses import json_list, json_response
from node.errors import Forbidden, NotFound
from node.queries import accounts
from node.services import accounts as account_service
from node.services import follows

blueprint = Blueprint("follows", __name__)


class FollowParameters(msgspec.Struct):
    """What a follow brings: shares, notifications of every post, posts of some languages only (none named: all)."""

    reblogs: bool | None = None
    notify: bool | None = None
    languages: list[str] | None = None


@blueprint.post("/api/v1/accounts/<id:account_id>/follow")
@requires("write:follows")
@documented(Relationship, body=FollowParameters, errors=(404, 422))
async def follow(account_id: int) -> Response:
    """Follow an account, or ask to; again to change what that brings."""
    wanted = await params.read(FollowParameters)
    actor = await acting_account()
    if actor.id == account_id:
        raise Forbidden("Following your own account is not allowed")
    target = await account_service.get(account_id)
    await follows.follow(actor, target, show_shares=wanted.reblogs, notify=wanted.notify, languages=wanted.languages)
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/unfollow")
@requires("write:follows")
@documented(Relationship, errors=(404,))
async def unfollow(account_id: int) -> Response:
    """Follow an account no longer, or take the request back."""
    actor = await acting_account()
    await follows.unfollow(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/remove_from_followers")
@requires("write:follows")
@documented(Relationship, errors=(404,))
async def remove_from_followers(account_id: int) -> Response:
    """Let an account follow the caller no longer."""
    actor = await acting_account()
    await follows.remove_follower(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.get("/api/v1/follow_requests")
@requires("read:follows")
@documented(list[Account], paged=ACCOUNTS)
async def follow_requests() -> Response:
    """Who waits for the caller to accept them."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.follow_requests(my_id(), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.post("/api/v1/follow_requests/<id:account_id>/authorize")
@requires("write:follows")
@documented(Relationship, errors=(404,))
async def authorize(account_id: int) -> Response:
    """Accept a request."""
    actor = await acting_account()
    await follows.accept(actor, account_id)
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/follow_requests/<id:account_id>/reject")
@requires("write:follows")
@documented(Relationship, errors=(404,))
async def reject(account_id: int) -> Response:
    """Turn a request away."""
    actor = await acting_account()
    await follows.reject(actor, account_id)
    return await answer(actor.id, account_id)


async def answer(viewer_id: int, account_id: int) -> Response:
    """The viewer's relationship to an account, as it is now. Raises `NotFound` when the account is not there."""
    found = await relationship.with_accounts(viewer_id, [account_id])
    if not found:
        raise NotFound
    return json_response(found[0])
