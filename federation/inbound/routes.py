"""The inboxes. One journey for all of them, and an answer that is always short JSON.

    size (413) → JSON limits and shape (400) → domain policy (403) → deletion of somebody never known (202)
    → signature (401) → the signer is the actor, or the actor's signature stands in the document (401) → stored (202)

What an activity does is decided later, by `process`; the sender learns only that it has arrived.
"""

from __future__ import annotations

import re
from typing import Any

from quart import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from activitypub.collection_synchronization import HEADER
from activitypub.parse import ParseError, load_json, origin_host, parse_activity
from activitypub.signatures import SignatureError, SignedRequest, covers
from activitypub.signatures.accept_signature import FOR_POST
from activitypub.types import Activity
from federation import followers_sync, hosts, policy, relayed, resolve
from federation.answers import json_error
from federation.inbound import attested, origins
from federation.inbound.keys import KeyGone
from federation.inbound.receive import Busy, writer
from federation.inbound.verify import Blocked, Signer, signed_request, verify
from node import db, urls
from node.models.accounts import Account
from node.settings import MEGABYTE

MAX_BYTES = MEGABYTE
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

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
        activity, document = _read(body)
        if await policy.is_refused(origin_host(activity.actor)):
            return json_error(403, "your domain is blocked here")
        if await _is_deletion_of_a_stranger(activity):
            return _accepted()
        asked = signed_request(request, body)
        signer = await verify(asked)
    except (_TooLarge, RequestEntityTooLarge):
        return json_error(413, f"an activity has at most {MAX_BYTES} bytes")
    except ParseError as error:
        return json_error(400, str(error))
    except KeyGone as error:
        return await _accept_farewell(activity) if _is_farewell(activity) else _unsigned(error.reason)
    except SignatureError as error:
        return _unsigned(error.reason)
    except Blocked:
        return json_error(403, "your domain is blocked here")
    hosts.saw(origin_host(signer.actor_uri))
    if signer.actor_uri != activity.actor:
        return await _receive_passed_on(activity, document, signer)
    try:
        signature = asked.header("signature")
        await writer.store(activity, document, signer, signature=signature, followers=_offered(asked, signer))
    except Busy:
        return _too_busy()
    return _accepted()


def _offered(asked: SignedRequest, signer: Signer) -> dict[str, str] | None:
    """What is told of the sender's followers here, if it is signed (FEP-8fcf)."""
    name = HEADER.lower()
    header = asked.header(name)
    return followers_sync.offered(header) if header and covers(asked, signer.key_id, name) else None


async def _receive_passed_on(activity: Activity, document: dict[str, Any], by: Signer) -> Response:
    """Somebody passes on what another actor did. It counts if that actor's signature in the document holds; else it is
    looked up at its origin, and the one who passed it on has done nothing wrong: 202."""
    if await relayed.is_passed_on(activity, by.actor_uri) and not await _is_suspended(by):
        return _accepted()
    if not attested.is_signed_inside(document):
        return _unsigned("the signature is not the actor's")
    if await attested.is_received_already(activity) or await _is_suspended(by):
        return _accepted()
    try:
        found = await attested.attested(activity, document, by)
        if found is not None:
            await writer.store(found.activity, found.document, found.signer, passed_on_by=by)
        else:
            await origins.look_up_soon(activity, by)
    except Busy:
        return _too_busy()
    return _accepted()


async def _is_suspended(signer: Signer) -> bool:
    row = await db.fetch_one("SELECT 1 FROM accounts WHERE id = ? AND suspended_at IS NOT NULL", (signer.account_id,))
    return row is not None


def _unsigned(reason: str) -> Response:
    """Knock again; it also says which signature of RFC 9421 would do."""
    refusal = json_error(401, reason)
    refusal.headers["Accept-Signature"] = FOR_POST
    return refusal


def _too_busy() -> Response:
    return json_error(503, "too busy, try again", retry_after=5)


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


def _read(body: bytes) -> tuple[Activity, dict[str, Any]]:
    if b"\\u0000" in body and _NUL.search(body):
        raise ParseError("", "holds NUL characters")
    document = load_json(body)
    return parse_activity(document), document


def _is_farewell(activity: Activity) -> bool:
    return activity.type == "Delete" and activity.object_id == activity.actor


async def _accept_farewell(activity: Activity) -> Response:
    """An account is deleted, and its key already is: its origin is asked whether that is so, not the sender believed."""
    account = await Account.get_or_none(uri=activity.actor)
    if account is not None and not account.is_local:
        await resolve.refresh_soon(account)
    return _accepted()


async def _is_deletion_of_a_stranger(activity: Activity) -> bool:
    """Accounts are deleted towards everybody; for one never seen there is nothing to do, least of all a key fetch."""
    if not _is_farewell(activity):
        return False
    return await db.fetch_one("SELECT 1 FROM accounts WHERE uri = ?", (activity.actor,)) is None


def _accepted() -> Response:
    return Response(b"{}", 202, content_type="application/json")
