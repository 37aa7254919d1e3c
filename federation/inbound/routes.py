"""The inboxes, by way of the framework; the shared one is mostly answered before it (`api/hot_inbox.py`)."""

from __future__ import annotations

from quart import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from federation.answers import json_error
from federation.inbound import door
from federation.inbound.door import MAX_BYTES
from node import db, urls

blueprint = Blueprint("federation_inbound", __name__)


class _TooLarge(Exception):
    """The body is longer than an activity may be."""


@blueprint.post("/inbox")
async def post_to_shared_inbox() -> Response:
    """For everyone here."""
    return await _receive()


@blueprint.post("/actor/inbox")
async def post_to_instance_actor() -> Response:
    """For the node itself."""
    return await _receive()


@blueprint.post("/ap/users/<number:account_id>/inbox")
async def post_to_inbox(account_id: int) -> Response:
    """For one account; 404 when there is none, 410 when it is gone (so that others stop sending), 403 while it is suspended."""
    row = await db.fetch_one(
        "SELECT suspended_at, suspended_by_origin FROM accounts WHERE id = ? AND domain = '' AND uri = ?",
        (account_id, urls.actor(account_id)),
    )
    if row is None:
        return json_error(404, "no such inbox")
    if row[1]:
        return json_error(410, "the account is gone")
    if row[0] is not None:
        return json_error(403, "the account is suspended")
    return await _receive()


@blueprint.get("/inbox")
@blueprint.get("/actor/inbox")
async def read_inbox() -> Response:
    """Nobody reads these; a person's own is read by their client (`api/activitypub`)."""
    refusal = json_error(405, "an inbox can only be posted to")
    refusal.headers["Allow"] = "POST"
    return refusal


async def _receive() -> Response:
    try:
        body = await _body()
    except (_TooLarge, RequestEntityTooLarge):
        return json_error(413, f"an activity has at most {MAX_BYTES} bytes")
    reply = await door.take(request.scope, body)
    response = Response(reply.body, reply.status, content_type="application/json")
    response.headers.update(reply.headers)
    return response


async def _body() -> bytes:
    """The whole body. Refused by its declared length, or as soon as it grows too long."""
    if (request.content_length or 0) > MAX_BYTES:
        raise _TooLarge
    pieces: list[bytes] = []
    received = 0
    async for piece in request.body:
        received += len(piece)
        if received > MAX_BYTES:
            raise _TooLarge
        pieces.append(piece)
    return b"".join(pieces)
