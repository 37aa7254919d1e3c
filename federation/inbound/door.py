"""The door for activities, without the framework. One journey for every inbox, and an answer that is always short JSON.

    JSON limits and shape (400) → domain policy (403) → deletion of somebody never known (202)
    → signature (401) → the signer is the actor, or the actor's signature stands in the document (401) → stored (202)

What an activity does is decided later, by `process`; the sender learns only that it has arrived.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from activitypub.collection_synchronization import HEADER
from activitypub.parse import ParseError, load_json, origin_host, parse_activity
from activitypub.signatures import SignatureError, SignedRequest, covers
from activitypub.signatures.accept_signature import FOR_POST
from activitypub.types import Activity
from federation import followers_sync, hosts, policy, relayed, resolve
from federation.answers import error_body
from federation.inbound import attested, origins
from federation.inbound.keys import KeyGone
from federation.inbound.receive import Busy, writer
from federation.inbound.verify import Blocked, Signer, signed_request, verify
from node import db
from node.models.accounts import Account
from node.settings import MEGABYTE

MAX_BYTES: Final = MEGABYTE
"""The longest activity; whoever reads the body sees to it."""
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Reply(NamedTuple):
    """What the sender is told: a status, JSON, and headers besides its type."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


ACCEPTED: Final = Reply(202, b"{}")


async def take(scope: Mapping[str, Any], body: bytes) -> Reply:
    """Take in what was posted to an inbox: an ASGI scope and its whole body."""
    try:
        activity, document = _read(body)
        if await policy.is_refused(origin_host(activity.actor)):
            return refusal(403, "your domain is blocked here")
        if await _is_deletion_of_a_stranger(activity):
            return ACCEPTED
        asked = signed_request(scope, body)
        signer = await verify(asked)
    except ParseError as error:
        return refusal(400, str(error))
    except KeyGone as error:
        return await _accept_farewell(activity) if _is_farewell(activity) else _unsigned(error.reason)
    except SignatureError as error:
        return _unsigned(error.reason)
    except Blocked:
        return refusal(403, "your domain is blocked here")
    hosts.saw(origin_host(signer.actor_uri))
    if signer.actor_uri != activity.actor:
        return await _take_passed_on(activity, document, signer)
    try:
        signature = asked.header("signature")
        await writer.store(activity, document, signer, signature=signature, followers=_offered(asked, signer))
    except Busy:
        return _too_busy()
    return ACCEPTED


def refusal(status: int, reason: str, **headers: str) -> Reply:
    """No, and why."""
    return Reply(status, error_body(reason), headers)


def _offered(asked: SignedRequest, signer: Signer) -> dict[str, str] | None:
    """What is told of the sender's followers here, if it is signed (FEP-8fcf)."""
    name = HEADER.lower()
    header = asked.header(name)
    return followers_sync.offered(header) if header and covers(asked, signer.key_id, name) else None


async def _take_passed_on(activity: Activity, document: dict[str, Any], by: Signer) -> Reply:
    """Somebody passes on what another actor did. It counts if that actor's signature in the document holds; else it is
    looked up at its origin, and the one who passed it on has done nothing wrong: 202."""
    if await relayed.is_passed_on(activity, by.actor_uri) and not await _is_suspended(by):
        return ACCEPTED
    if not attested.is_signed_inside(document):
        return _unsigned("the signature is not the actor's")
    if await attested.is_received_already(activity) or await _is_suspended(by):
        return ACCEPTED
    try:
        found = await attested.attested(activity, document, by)
        if found is not None:
            await writer.store(found.activity, found.document, found.signer, passed_on_by=by)
        else:
            await origins.look_up_soon(activity, by)
    except Busy:
        return _too_busy()
    return ACCEPTED


async def _is_suspended(signer: Signer) -> bool:
    row = await db.fetch_one("SELECT 1 FROM accounts WHERE id = ? AND suspended_at IS NOT NULL", (signer.account_id,))
    return row is not None


def _unsigned(reason: str) -> Reply:
    """Knock again; it also says which signature of RFC 9421 would do."""
    return refusal(401, reason, **{"Accept-Signature": FOR_POST})


def _too_busy() -> Reply:
    return refusal(503, "too busy, try again", **{"Retry-After": "5"})


def _read(body: bytes) -> tuple[Activity, dict[str, Any]]:
    if b"\\u0000" in body and _NUL.search(body):
        raise ParseError("", "holds NUL characters")
    document = load_json(body)
    return parse_activity(document), document


def _is_farewell(activity: Activity) -> bool:
    return activity.type == "Delete" and activity.object_id == activity.actor


async def _accept_farewell(activity: Activity) -> Reply:
    """An account is deleted, and its key already is: its origin is asked whether that is so, not the sender believed."""
    account = await Account.get_or_none(uri=activity.actor)
    if account is not None and not account.is_local:
        await resolve.refresh_soon(account)
    return ACCEPTED


async def _is_deletion_of_a_stranger(activity: Activity) -> bool:
    """Accounts are deleted towards everybody; for one never seen there is nothing to do, least of all a key fetch."""
    if not _is_farewell(activity):
        return False
    return await db.fetch_one("SELECT 1 FROM accounts WHERE uri = ?", (activity.actor,)) is None
