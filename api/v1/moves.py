"""Other accounts of the caller's: named as aliases, and moved to."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import alias, credentials
from api.entities.account import CredentialAccount
from api.entities.alias import Alias
from api.finding import account_afresh
from api.me import my_user_id
from api.responses import json_response
from node.errors import Invalid
from node.models.accounts import Account, User
from node.services import aliases, moves

blueprint = Blueprint("moves", __name__)


class AliasParameters(msgspec.Struct):
    """The other account's handle or address."""

    acct: str


class AliasNamed(msgspec.Struct):
    """The ActivityPub id of an alias."""

    uri: str


class MoveParameters(msgspec.Struct):
    """Where to: a handle or address of an account that names this one as an alias; and the caller's password, if there
    is one."""

    acct: str
    password: str = ""


@blueprint.get("/api/v1/profile/aliases")
@requires("read:accounts")
@documented(list[Alias])
async def show() -> Response:
    """The accounts elsewhere that are the caller's too, and may move here."""
    return json_response(await alias.of_account(await acting_account()))


@blueprint.post("/api/v1/profile/aliases")
@requires("write:accounts")
@documented(list[Alias], body=AliasParameters, errors=(422,))
async def add() -> Response:
    """Say that another account is the caller's too, so that it may move here."""
    wanted = await params.read(AliasParameters)
    account = await aliases.add(await acting_account(), await _other(wanted.acct))
    return json_response(await alias.of_account(account))


@blueprint.delete("/api/v1/profile/aliases")
@requires("write:accounts")
@documented(list[Alias], query=AliasNamed, errors=(404, 422))
async def remove() -> Response:
    """Say no longer that another account is the caller's."""
    named = await params.read(AliasNamed)
    return json_response(await alias.of_account(await aliases.remove(await acting_account(), named.uri)))


@blueprint.post("/api/v1/profile/move")
@requires("write:accounts")
@documented(CredentialAccount, body=MoveParameters, errors=(422,))
async def move() -> Response:
    """Move to another account, which must name this one as an alias. Followers go along; from now on this account reads only."""
    wanted = await params.read(MoveParameters)
    account = await moves.leave_for(await _me(), await _other(wanted.acct), password=wanted.password)
    return json_response(await credentials.credential_account(account.id))


@blueprint.delete("/api/v1/profile/move")
@requires("write:accounts", allow_moved=True)
@documented(CredentialAccount)
async def return_home() -> Response:
    """Take a move back: the account can be used again. Followers who went along stay where they are."""
    account = await moves.return_home(await _me())
    return json_response(await credentials.credential_account(account.id))


async def _me() -> User:
    return await User.get(id=my_user_id()).select_related("account")


async def _other(acct: str) -> Account:
    found = await account_afresh(acct)
    if found is None:
        raise Invalid("acct", "could not be found", code="ERR_NOT_FOUND")
    return found
