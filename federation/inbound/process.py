"""What an accepted activity does: read into types, checked against its sender, handed to the handler of its kind.

The signature was verified at the door; here it is asked again what may have changed since (suspensions), and whose the
object is. Whatever is refused is dropped: the sender was told 202 and cannot do better by sending it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from activitypub.parse import ParseError, parse_activity
from activitypub.types import Activity
from federation import followers_sync, policy, resolve
from federation.inbound import forwarding, receive
from federation.inbound.handlers import Received, handler_for
from federation.inbound.receive import lane
from federation.inbound.sequencer import Sequencer
from federation.resolve_errors import Unresolvable
from node import db
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.jobs import Drop
from node.models.accounts import Account
from node.queries.rows import row_by_key
from node.services import taken_back

log = structlog.get_logger()

ROADS_ON_POSTGRES = 4
UNDOABLE = frozenset({"Announce", "Block", "EmojiReact", "Follow", "Like"})
"""What its Undo may overtake."""

_roads: list[Sequencer] = []


def open_roads() -> None:
    """Make ready for work: one road on SQLite, which has one writer, a few on PostgreSQL."""
    _roads[:] = [Sequencer(lambda: receive.writer.is_busy) for _ in range(ROADS_ON_POSTGRES if db.is_postgres() else 1)]


async def close_roads() -> None:
    """Stop the work under way; it is done again by its job."""
    for road in _roads:
        await road.close()
    _roads.clear()


async def process(payload: dict[str, Any]) -> None:
    """The job: do one received activity. Raises `Drop` for what is refused, anything else to be tried again."""
    try:
        activity = parse_activity(payload["activity"])
    except ParseError as error:
        raise Drop(str(error)) from error
    signer_id = int(payload["signer"])
    passed_on_by: int | None = payload.get("passed_on_by")
    road = _roads[hash(lane(activity.actor)) % len(_roads)]

    async def work() -> None:
        await _do(activity, payload["activity"], signer_id, passed_on_by, payload.get("followers"))

    try:
        await road.run(activity.actor, work)
    except (NotFound, Forbidden, Invalid, Conflict, Unresolvable) as error:
        raise Drop(f"{activity.type} {activity.id}: {error}") from error


async def _do(
    activity: Activity,
    document: Mapping[str, Any],
    signer_id: int,
    passed_on_by: int | None,
    followers: Mapping[str, str] | None,
) -> None:
    handler = handler_for(activity)
    if handler is None:
        log.info("activity_without_handler", type=activity.type, id=activity.id)
        return
    actor = await row_by_key(Account, signer_id)
    if actor is None or actor.uri != activity.actor:
        raise Forbidden("the signer is not the actor")
    if actor.suspended_at is not None or await policy.is_refused(actor.domain):
        raise Forbidden("the actor is suspended")
    if activity.id is not None and activity.type in UNDOABLE and await taken_back.is_remembered(actor.id, activity.id):
        log.info("activity_taken_back_before", type=activity.type, id=activity.id)
        return
    if followers is not None:
        await followers_sync.compare(actor, followers)
    if resolve.is_stale(actor):
        await resolve.refresh_soon(actor)
    answered = None if passed_on_by is not None else await forwarding.answered_author(activity, document)
    await handler(Received(activity, actor, passed_on_by=passed_on_by))
    if answered is not None:
        await forwarding.forward_soon(answered, activity, document)
