"""Accepted activities become rows before they are answered, many in one transaction.

A commit costs a disk flush, a row next to nothing: whatever arrives while one commit is under way goes into the next
(group commit). Nobody is told 202 before the activity is durable.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from typing import Any

import orjson
import structlog

from activitypub.types import Activity
from federation.inbound.verify import Signer
from node import clock, db, jobs
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.jobs import WAITING

log = structlog.get_logger()

KIND = "receive"
QUEUE = "inbox"
LARGEST_GROUP = 500
BUSY_SECONDS = 0.05
MOST_WAITING = 5_000

_INSERT = (
    "INSERT INTO jobs (id, queue, kind, payload, key, lane, state, attempts, run_at, error, created_at)"
    f" VALUES (?, '{QUEUE}', '{KIND}', ?, ?, ?, '{WAITING}', 0, ?, '', ?) ON CONFLICT (key) DO NOTHING"
)

Parameters = tuple[object, ...]


class Busy(Exception):
    """More activities are waiting to be written than may wait."""


class InboxWriter:
    """Writes accepted activities as jobs. One instance a process; it works only while something waits."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Parameters, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._stored_at = float("-inf")

    @property
    def is_busy(self) -> bool:
        """Whether activities are coming in right now."""
        return time.monotonic() - self._stored_at < BUSY_SECONDS

    async def store(
        self,
        activity: Activity,
        document: Mapping[str, Any],
        signer: Signer,
        *,
        passed_on_by: Signer | None = None,
        followers: Mapping[str, str] | None = None,
    ) -> None:
        """Return once the activity is durable; one that was received before is not stored again. Raises `Busy`.

        `signer` is its actor, `passed_on_by` who sent it, if that was another; `followers` is what came along about who
        of us follows the actor (`federation/followers_sync.py`).
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Busy
        self._stored_at = time.monotonic()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((_parameters(activity, document, signer, passed_on_by, followers), future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        await future

    async def _write_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            try:
                await _write([parameters for parameters, _ in group])
            except Exception as error:
                log.warning("inbox_group_failed", activities=len(group), error=str(error))
                await self._write_one_by_one(group)
            else:
                for _, future in group:
                    _settle(future, None)

    async def _write_one_by_one(self, group: list[tuple[Parameters, asyncio.Future[None]]]) -> None:
        """A row the database refuses must not take its neighbours along."""
        for parameters, future in group:
            try:
                await _write([parameters])
            except Exception as error:
                _settle(future, error)
            else:
                _settle(future, None)


async def _write(rows: list[Parameters]) -> None:
    async with db.transaction():
        await db.execute_many(_INSERT, rows)
        db.after_commit(lambda: jobs.wake(QUEUE))


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def _parameters(
    activity: Activity,
    document: Mapping[str, Any],
    signer: Signer,
    passed_on_by: Signer | None,
    followers: Mapping[str, str] | None,
) -> Parameters:
    now = to_milliseconds(clock.now())
    stored: dict[str, Any] = {"signer": signer.account_id, "activity": document}
    if passed_on_by is not None:
        stored["passed_on_by"] = passed_on_by.account_id
    if followers is not None:
        stored["followers"] = followers
    payload = orjson.dumps(stored).decode()
    return new_id(), payload, deduplication_key(activity), lane(activity.actor), now, now


def deduplication_key(activity: Activity) -> str | None:
    """What makes a second arrival, in whichever inbox, the same: the id.

    The few kinds that may come without one (`ACTIVITIES_WITHOUT_ID`) change nothing the second time.
    """
    return None if activity.id is None else f"activity:{activity.id}"


def lane(actor_uri: str) -> str:
    """What one actor sends is worked on in the order it came."""
    return f"inbox:{hashlib.sha256(actor_uri.encode()).hexdigest()[:24]}"


writer = InboxWriter()
