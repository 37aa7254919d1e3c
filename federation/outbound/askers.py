"""Who asks us for a document, and whether a signature is needed to be answered at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from quart import Response, g, request

from activitypub.parse import origin_host
from activitypub.signatures import SignatureError
from activitypub.signatures.accept_signature import FOR_GET
from federation import hosts, policy
from federation.answers import json_error
from federation.inbound.verify import Blocked, signed_request, verify
from node import db
from node.models.accounts import Account
from node.runtime import runtime

VARY_OPEN: Final = "Accept"
VARY_SIGNED: Final = "Accept, Signature, Signature-Input"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who signed a request: `account`, or nobody in particular. `is_refused`: we have nothing to do with their server,
    or with them."""

    account: Account | None = None
    is_refused: bool = False


async def asker() -> Asker:
    """Who signed the request at hand; a bad signature counts as none. Looked into once a request."""
    known: Asker | None = g.get("asker")
    if known is None:
        known = g.asker = await _recognised()
    return known


def is_signed() -> bool:
    """Whether the request claims to be somebody's."""
    return "Signature" in request.headers


def is_closed() -> bool:
    """Whether even what is public is for signed requests only: with authorized fetch, and where few servers are allowed,
    which others could else read all the same."""
    return runtime().settings.federation.is_signed_only


def is_personal() -> bool:
    """Whether the answer is for this asker alone, and kept by nobody in between (GHSA-ccpr-m53r-mfwr)."""
    return is_closed() or is_signed()


def signature_needed() -> Response:
    """The same answer to every unsigned request, whether there is something at the address or not."""
    response = json_error(401, "a signed request is needed")
    response.headers["Accept-Signature"] = FOR_GET
    return as_personal(response)


def not_found() -> Response:
    """The same answer whether there is nothing, or nothing for whoever asks."""
    return as_personal(json_error(404, "Record not found"))


async def refusal() -> Response | None:
    """What everybody is answered, before any look-up, who has to say who they are and does not; `None` for the others.

    Every blueprint that serves documents asks this first.
    """
    if not is_closed():
        return None
    who = await asker()
    if who.is_refused:
        return not_found()
    return signature_needed() if who.account is None else None


async def may_read(account_id: int) -> bool:
    """Whether whoever asks may read what an account of ours shows to everybody."""
    return not (await asker()).is_refused and not await is_blocked_by(account_id)


async def is_blocked_by(account_id: int) -> bool:
    """Whether an account of ours has blocked whoever asks."""
    who = await asker()
    if who.account is None:
        return False
    row = await db.fetch_one(
        "SELECT 1 FROM blocks WHERE account_id = ? AND target_id = ?", (account_id, who.account.id)
    )
    return row is not None


def as_personal(response: Response) -> Response:
    """Have an answer kept by nobody: who signs otherwise may get another one."""
    response.headers["Vary"] = VARY_SIGNED
    response.headers["Cache-Control"] = "private, no-store"
    return response


async def _recognised() -> Asker:
    if not is_signed():
        return Asker()
    try:
        signer = await verify(signed_request(request.scope))
    except SignatureError:
        return Asker()
    except Blocked:
        return Asker(is_refused=True)
    if await policy.is_refused(origin_host(signer.actor_uri)):
        return Asker(is_refused=True)
    account = await Account.get_or_none(id=signer.account_id)
    if account is None or account.suspended_at is not None:
        return Asker(is_refused=True)
    hosts.saw(origin_host(signer.actor_uri))
    return Asker(account)
