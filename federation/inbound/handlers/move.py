"""Move: somebody goes on under another account."""

from __future__ import annotations

import contextlib

from federation import resolve
from federation.inbound.handlers.registry import Received, handles
from federation.resolve_errors import TryLater, Unresolvable
from node import db
from node.errors import Forbidden
from node.models.accounts import Account
from node.services import accounts, moves


@handles("Move")
async def move(received: Received) -> None:
    """Have those here who follow the old account follow the new one.

    Said by the old account (actor and object alike), or by the new one (actor and target alike, FEP-7628), which counts
    only if the old one's own document leads there. Either way the new account must name the old one: both are read anew.
    """
    activity, actor = received.activity, received.actor
    if activity.target is None or activity.target == received.object_id:
        raise Forbidden("it moves nowhere")
    if received.object_id == actor.uri:
        await _pushed(received, activity.target)
    elif activity.target == actor.uri:
        await _pulled(received)
    else:
        raise Forbidden("an account is moved by itself alone")


async def _pushed(received: Received, target_uri: str) -> None:
    origin = received.actor
    if not await _concerns_us(origin):
        await resolve.refresh_soon(origin)
        return
    with contextlib.suppress(TryLater):  # A server about to close may be gone already; its signature is good.
        origin = await resolve.refresh(origin.uri, budget=received.budget)
    if origin.moved_to_uri not in (None, target_uri):
        raise Forbidden("the old account leads elsewhere")
    await moves.receive(origin, await _anew(target_uri, received))


async def _pulled(received: Received) -> None:
    known = await accounts.by_uri(received.object_id)
    if known is None or known.is_local or not await _concerns_us(known):
        return
    origin = await resolve.refresh(received.object_id, budget=received.budget)
    if origin.moved_to_uri != received.actor.uri:
        raise Forbidden("the old account does not lead there")
    await moves.receive(origin, await _anew(received.actor.uri, received))


async def _anew(uri: str, received: Received) -> Account:
    """The new account as its server describes it now; one of ours as it is."""
    known = await accounts.by_uri(uri)
    if known is not None and known.is_local:
        return known
    account = await resolve.refresh(uri, budget=received.budget)
    if account.uri != uri:
        raise Unresolvable(uri, "the new account goes by another id")
    return account


async def _concerns_us(origin: Account) -> bool:
    """Whether anybody here follows, blocks, mutes the old account or has noted something about it."""
    row = await db.fetch_one(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM follows WHERE target_id = ?) OR EXISTS (SELECT 1 FROM blocks WHERE"
        " target_id = ?) OR EXISTS (SELECT 1 FROM mutes WHERE target_id = ?) OR EXISTS (SELECT 1 FROM account_notes"
        " WHERE target_id = ?)",
        (origin.id,) * 4,
    )
    return row is not None
