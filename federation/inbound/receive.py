"""Accepted activities become rows before they are answered, many in one transaction.

A commit costs a disk flush, a row next to nothing: whatever arrives while one commit is under way goes into the next
(group commit). Nobody is told 202 before the activity is durable.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from activitypub.types import Activity
from federation.inbound.verify import Signer
from node import clock, db, jobs
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.jobs import DONE, WAITING

log = structlog.get_logger()

KIND = "receive"
QUEUE = "inbox"
LARGEST_GROUP = 500
BUSY_SECONDS = 0.05
MOST_WAITING = 5_000

REPEATED = frozenset(
    {"Accept", "Add", "Announce", "Block", "EmojiReact", "Follow", "Like", "Reject", "Remove", "Undo", "Update"}
)
"""What some servers say again under an id they have used: Pixelfed follows anew under the id of the first follow, snac
likes and shares so, GoToSocial edits a post under one id every time. It changes nothing when done twice, so only the very
same request counts as received before."""
PASSED_ON = frozenset({"Create", "Update", "Delete", "Announce", "Undo"})
"""What others pass on in earnest. A copy counts only as long as nothing of its id has come."""

_INSERT = (
    "INSERT INTO jobs (id, queue, kind, payload, key, lane, state, attempts, run_at, error, created_at)"
    f" VALUES (?, '{QUEUE}', '{KIND}', ?, ?, ?, '{WAITING}', 0, ?, '', ?) ON CONFLICT (key) DO NOTHING"
)
_REMEMBER = (
    "INSERT INTO jobs (id, queue, kind, payload, key, lane, state, attempts, run_at, error, created_at)"
    f" VALUES (?, '{QUEUE}', '{KIND}', '{{}}', ?, NULL, '{DONE}', 0, ?, '', ?) ON CONFLICT (key) DO NOTHING"
)

Parameters = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is written for one activity."""

    job: Parameters
    memory: Parameters | None
    """Keeps its id, when the job itself goes by the request."""


class Busy(Exception):
    """More activities are waiting to be written than may wait."""


class InboxWriter:
    """Writes accepted activities as jobs. One instance a process; it works only while something waits."""

    def __init__(self) -> None:
        self._waiting: list[tuple[_Rows, asyncio.Future[None]]] = []
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
        signature: str | None = None,
        passed_on_by: Signer | None = None,
        followers: Mapping[str, str] | None = None,
    ) -> None:
        """Return once the activity is durable; one that was received before is not stored again. Raises `Busy`.

        `signer` is its actor, who sent it with this `signature`, or `passed_on_by` did; `followers` is what came along
        about who of us follows the actor (`federation/followers_sync.py`).
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Busy
        self._stored_at = time.monotonic()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        payload = _payload(document, signer, passed_on_by, followers)
        self._waiting.append((_rows(activity, payload, signature), future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        await future

    async def _write_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            try:
                await _write([rows for rows, _ in group])
            except Exception as error:
                log.warning("inbox_group_failed", activities=len(group), error=str(error))
                await self._write_one_by_one(group)
            else:
                for _, future in group:
                    _settle(future, None)

    async def _write_one_by_one(self, group: list[tuple[_Rows, asyncio.Future[None]]]) -> None:
        """A row the database refuses must not take its neighbours along."""
        for rows, future in group:
            try:
                await _write([rows])
            except Exception as error:
                _settle(future, error)
            else:
                _settle(future, None)


async def _write(group: list[_Rows]) -> None:
    memories = [rows.memory for rows in group if rows.memory is not None]
    async with db.transaction():
        await db.execute_many(_INSERT, [rows.job for rows in group])
        if memories:
            await db.execute_many(_REMEMBER, memories)
        db.after_commit(lambda: jobs.wake(QUEUE))


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def _payload(
    document: Mapping[str, Any],
    signer: Signer,
    passed_on_by: Signer | None,
    followers: Mapping[str, str] | None,
) -> str:
    stored: dict[str, Any] = {"signer": signer.account_id, "activity": document}
    if passed_on_by is not None:
        stored["passed_on_by"] = passed_on_by.account_id
    if followers is not None:
        stored["followers"] = followers
    return orjson.dumps(stored).decode()


def _rows(activity: Activity, payload: str, signature: str | None) -> _Rows:
    now = to_milliseconds(clock.now())
    key, memory = deduplication_key(activity), None
    if key is not None and signature is not None and activity.type in REPEATED:
        if activity.type in PASSED_ON:
            memory = (new_id(), key, now, now)
        key = f"request:{hashlib.sha256(signature.encode()).hexdigest()}"
    return _Rows((new_id(), payload, key, lane(activity.actor), now, now), memory)


def deduplication_key(activity: Activity) -> str | None:
    """What makes a second arrival, in whichever inbox and by whomever, the same: the id.

    The few kinds that may come without one (`ACTIVITIES_WITHOUT_ID`) change nothing the second time.
    """
    return None if activity.id is None else f"activity:{activity.id}"


def lane(actor_uri: str) -> str:
    """What one actor sends is worked on in the order it came."""
    return f"inbox:{hashlib.sha256(actor_uri.encode()).hexdigest()[:24]}"


writer = InboxWriter()
