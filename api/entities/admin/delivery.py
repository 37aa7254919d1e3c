"""How delivering to other servers goes, as admins see it: calls of our own."""

from __future__ import annotations

import msgspec

from api.entities.encoding import iso
from node.services.deliveries import Hold, HostQueue, QueuedDelivery


class AdminDelivery(msgspec.Struct, frozen=True):
    """All deliveries together: how many wait and were given up, and whether, since when and why nothing is sent."""

    waiting: int
    failed: int
    paused: bool
    paused_at: str | None
    reason: str


class AdminDeliveryHost(msgspec.Struct, frozen=True):
    """One host: what waits for it since when, the next try, its failures in a row, and why the last delivery that did
    not arrive did not."""

    host: str
    waiting: int
    failed: int
    oldest_at: str | None
    next_try_at: str | None
    failures: int
    first_failure_at: str | None
    paused_until: str | None
    unreachable_at: str | None
    last_success_at: str | None
    last_error: str
    last_error_at: str | None


class AdminQueuedDelivery(msgspec.Struct, frozen=True):
    """One activity on its way to one inbox; `state` is `waiting`, `sending` or `failed`."""

    id: str
    activity: str
    inbox: str
    state: str
    attempts: int
    next_try_at: str | None
    error: str
    created_at: str


class AdminDeliveriesChanged(msgspec.Struct, frozen=True):
    """How many deliveries are tried again, or were dropped."""

    count: int


def overview(waiting: int, failed: int, hold: Hold | None) -> AdminDelivery:
    """All of it."""
    if hold is None:
        return AdminDelivery(waiting, failed, False, None, "")
    return AdminDelivery(waiting, failed, True, iso(hold.since), hold.reason)


def host(queue: HostQueue) -> AdminDeliveryHost:
    """One host."""
    return AdminDeliveryHost(
        host=queue.host,
        waiting=queue.waiting,
        failed=queue.failed,
        oldest_at=_moment(queue.oldest_at),
        next_try_at=_moment(queue.next_try_at),
        failures=queue.failures,
        first_failure_at=_moment(queue.failing_since),
        paused_until=_moment(queue.paused_until),
        unreachable_at=_moment(queue.unreachable_at),
        last_success_at=_moment(queue.last_success_at),
        last_error=queue.last_error,
        last_error_at=_moment(queue.last_error_at),
    )


def delivery(row: QueuedDelivery) -> AdminQueuedDelivery:
    """One delivery."""
    return AdminQueuedDelivery(
        id=str(row.id),
        activity=row.activity,
        inbox=row.inbox,
        state="failed" if row.failed else "sending" if row.is_under_way else "waiting",
        attempts=row.attempts,
        next_try_at=None if row.failed else iso(row.next_try_at),
        error=row.error,
        created_at=iso(row.created_at),
    )


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)
