"""Blocking and muting."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import account
from api.entities.account import Account, MutedAccount
from api.entities.encoding import encode, iso
from api.entities.relationship import Relationship
from api.me import my_id
from api.pagination import ACCOUNTS, link_header, page_of_request
from api.responses import json_list
from api.v1.follows import answer
from node import clock
from node.models.fields import to_milliseconds
from node.queries import accounts
from node.services import accounts as account_service
from node.services import blocks, mutes

blueprint = Blueprint("blocks", __name__)


class MuteParameters(msgspec.Struct):
    """`duration` in seconds; 0 is for good."""

    notifications: bool = True
    duration: int = 0


@blueprint.post("/api/v1/accounts/<id:account_id>/block")
@requires("write:blocks")
@documented(Relationship, errors=(404,))
async def block(account_id: int) -> Response:
    """Block an account. Nobody blocks themselves: asked for that, nothing happens."""
    actor = await acting_account()
    if actor.id == account_id:
        return await answer(actor.id, account_id)
    await blocks.block(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/unblock")
@requires("write:blocks")
@documented(Relationship, errors=(404,))
async def unblock(account_id: int) -> Response:
    """Take a block back."""
    actor = await acting_account()
    await blocks.unblock(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/mute")
@requires("write:mutes")
@documented(Relationship, body=MuteParameters, errors=(404, 422))
async def mute(account_id: int) -> Response:
    """See an account no more, for a while or for good. Nobody mutes themselves: asked for that, nothing happens."""
    wanted = await params.read(MuteParameters)
    actor = await acting_account()
    if actor.id == account_id:
        return await answer(actor.id, account_id)
    target = await account_service.get(account_id)
    await mutes.mute(actor, target, hide_notifications=wanted.notifications, duration=wanted.duration or None)
    return await answer(actor.id, account_id)


@blueprint.post("/api/v1/accounts/<id:account_id>/unmute")
@requires("write:mutes")
@documented(Relationship, errors=(404,))
async def unmute(account_id: int) -> Response:
    """Take a mute back."""
    actor = await acting_account()
    await mutes.unmute(actor, await account_service.get(account_id))
    return await answer(actor.id, account_id)


@blueprint.get("/api/v1/blocks")
@requires("read:blocks")
@documented(list[Account], paged=ACCOUNTS)
async def blocked() -> Response:
    """Whom the caller blocks."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.blocked_by(my_id(), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/mutes")
@requires("read:mutes")
@documented(list[MutedAccount], paged=ACCOUNTS)
async def muted() -> Response:
    """Whom the caller mutes, each with the moment the mute ends by itself, if it does."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.muted_by(my_id(), to_milliseconds(clock.now()), page)
    shown = await account.bytes_of((row.account.id, row.account.version) for row in rows)
    ends = {row.account.id: encode(iso(row.expires_at) if row.expires_at is not None else None) for row in rows}
    bodies = [b'%b,"mute_expires_at":%b}' % (shown[number][:-1], ends[number]) for number in ends if number in shown]
    return json_list(bodies, link_header([row.account.cursor for row in rows], page))
