"""The caller's close friends, to whom posts may be published alone."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import account
from api.entities.account import Account
from api.ids import Id
from api.me import my_id
from api.pagination import ACCOUNTS, link_header, page_of_request
from api.responses import empty, json_list
from node.queries import accounts
from node.services import close_friends

blueprint = Blueprint("close_friends", __name__)


class CloseFriends(msgspec.Struct):
    """Which accounts."""

    account_ids: list[Id] = []


@blueprint.get("/api/v1/close_friends")
@requires("read:lists")
@documented(list[Account], paged=ACCOUNTS)
async def listed() -> Response:
    """Who is among the caller's close friends, newest account first. Nobody else is shown them."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.close_friends(my_id(), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.post("/api/v1/close_friends")
@requires("write:lists")
@documented(Empty, body=CloseFriends, errors=(404, 422))
async def add() -> Response:
    """Make accounts close friends, all or none: those the caller follows and those who follow the caller, 500 in all.

    They see what is posted from then on with the visibility `close_friends`, and are not told.
    """
    wanted = await params.read(CloseFriends)
    await close_friends.add(await acting_account(), wanted.account_ids)
    return empty()


@blueprint.delete("/api/v1/close_friends")
@requires("write:lists")
@documented(Empty, body=CloseFriends, errors=(422,))
async def remove() -> Response:
    """Take accounts off the close friends: they see no more of what was posted to them."""
    wanted = await params.read(CloseFriends)
    await close_friends.remove(await acting_account(), wanted.account_ids)
    return empty()
