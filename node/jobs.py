"""The durable queue: work is a row, written in the transaction that makes it necessary.

A job runs at least once, so handlers are idempotent. A worker claims jobs with a lease; if it dies, the lease runs out
and another takes them. Jobs of one lane run one after another within a process (what one server sends stays in order);
different lanes run side by side. A failing job is retried with growing, jittered pauses and in the end kept as
`failed` for the admin to see, retry or drop.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import structlog

from node import clock, db
from node.ids import new_id
from node.models.fields import to_milliseconds
from node.models.jobs import DONE, FAILED, RUNNING, WAITING
from node.runtime import runtime

log = structlog.get_logger()

DEFAULT_QUEUE = "default"
LEASE_SECONDS = 300.0
POLL_SECONDS = 5.0
KEEP_KEYED_SECONDS = 7 * 24 * 3600.0
FLUSH_SECONDS = 0.05
GATHER_SECONDS = 0.01
SMALLEST_WINDOW = 32
ERROR_LENGTH = 2000

Handler = Callable[[dict[str, Any]], Awaitable[None]]


class Drop(Exception):
    """Raised by a handler: this work is pointless, do not try again. The message is logged."""


class RetryLater(Exception):
    """Raised by a handler that knows when to come back: `seconds` from now."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Retry:
    """How a failing kind of job is retried: `attempts` in all, pausing `base * 2^n` seconds, at most `longest`."""

    attempts: int = 12
    base: float = 4.0
    longest: float = 4 * 3600.0

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the `attempt`-th failure (from 1), jittered by a quarter either way."""
        return min(self.base * 2.0 ** (attempt - 1), self.longest) * random.uniform(0.75, 1.25)


@dataclass(frozen=True, slots=True)
class _Kind:
    handler: Handler
    queue: str
    retry: Retry


_kinds: dict[str, _Kind] = {}


def register(kind: str, handler: Handler, *, queue: str = DEFAULT_QUEUE, retry: Retry = Retry()) -> None:
    """Say what runs for jobs of `kind`, in which queue, and how it is retried."""
    _kinds[kind] = _Kind(handler, queue, retry)


_INSERT = (
    "INSERT INTO jobs (id, queue, kind, payload, key, lane, state, attempts, run_at, error, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, '', ?)"
)


async def enqueue(
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
    key: str | None = None,
    lane: str | None = None,
) -> bool:
    """Add work to the queue of its kind, in the caller's transaction if there is one.

    With a `key` the same work is accepted once: returns `False` when the key is known already, done or not.
    """
    queue = _kinds[kind].queue
    now = to_milliseconds(clock.now())
    row = (
        new_id(),
        queue,
        kind,
        orjson.dumps(payload).decode(),
        key,
        lane,
        WAITING,
        to_milliseconds(run_at) if run_at else now,
        now,
    )
    if key is None:
        await db.execute_later(_INSERT, row)
        is_new = True
    else:
        is_new = await db.execute(f"{_INSERT} ON CONFLICT (key) DO NOTHING", row) > 0
    db.after_commit(lambda: wake(queue))
    return is_new


def wake(queue: str) -> None:
    """Tell the workers of `queue`, in every process, that there is something to do."""
    runtime().bus.publish(f"jobs:{queue}", {})


@dataclass(slots=True)
class _Claimed:
    id: int
    kind: str
    payload: dict[str, Any]
    key: str | None
    lane: str | None
    attempts: int


@dataclass(slots=True)
class _Lane:
    waiting: deque[_Claimed] = field(default_factory=deque)


class Worker:
    """Runs the jobs of one queue, at most `concurrency` at a time.

    It looks for work when it is told of some, when some falls due, and every `poll_seconds`.
    """

    def __init__(self, queue: str, concurrency: int, *, poll_seconds: float = POLL_SECONDS) -> None:
        self.queue = queue
        self._poll_seconds = poll_seconds
        self._window = max(concurrency * 4, SMALLEST_WINDOW)
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(concurrency)
        self._lanes: dict[str, _Lane] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._in_hand: set[int] = set()
        self._finished: list[_Claimed] = []
        self._flush_soon: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Work until cancelled; then what has begun is finished or, after a moment, given back by its lease."""
        unsubscribe = runtime().bus.subscribe(f"jobs:{self.queue}", lambda _: self._wake.set())
        lease = asyncio.create_task(self._keep_leases())
        try:
            while True:
                self._wake.clear()
                room = self._window - len(self._in_hand)
                due_in = await self._due_in()
                if room > 0 and due_in <= 0:
                    for job in await self._claim(room):
                        self._start(job)
                    continue
                # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the wake-up.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(due_in, self._poll_seconds) if room > 0 else self._poll_seconds):
                        await self._wake.wait()
                # What is enqueued together is claimed together: a claim is a commit.
                await asyncio.sleep(GATHER_SECONDS)
        finally:
            unsubscribe()
            lease.cancel()
            if self._running:
                await asyncio.wait(self._running, timeout=5)
            if self._flush_soon is not None:
                await asyncio.gather(self._flush_soon, return_exceptions=True)
            await self._flush()

    async def run_until_idle(self) -> None:
        """Run everything that is due, and what that leads to, then return. For tests and commands."""
        while claimed := await self._claim(self._window):
            for job in claimed:
                self._start(job)
            while self._running:
                await asyncio.wait(set(self._running))
            await self._flush()

    async def _claim(self, limit: int) -> list[_Claimed]:
        now = to_milliseconds(clock.now())
        rows = await db.fetch_all(
            f"UPDATE jobs SET state = ?, attempts = attempts + 1, lease_until = ? WHERE id IN ("
            f"SELECT id FROM jobs WHERE state = ? AND queue = ? AND run_at <= ? ORDER BY run_at, id LIMIT ?"
            f"{db.for_update(skip_locked=True)})"
            " RETURNING id, kind, payload, key, lane, attempts",
            (RUNNING, now + int(LEASE_SECONDS * 1000), WAITING, self.queue, now, limit),
        )
        claimed = [_Claimed(row[0], row[1], orjson.loads(row[2]), row[3], row[4], row[5]) for row in rows]
        claimed.sort(key=lambda job: job.id)
        return claimed

    def _start(self, job: _Claimed) -> None:
        self._in_hand.add(job.id)
        if job.lane is None:
            self._spawn(self._run_one(job))
        elif job.lane in self._lanes:
            self._lanes[job.lane].waiting.append(job)
        else:
            self._lanes[job.lane] = _Lane(deque([job]))
            self._spawn(self._run_lane(job.lane))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run_lane(self, name: str) -> None:
        lane = self._lanes[name]
        while lane.waiting:
            await self._run_one(lane.waiting.popleft())
        del self._lanes[name]

    async def _run_one(self, job: _Claimed) -> None:
        try:
            async with self._slots:
                await self._attempt(job)
        except Exception:
            # What became of it could not be written down: it runs again when its lease is over.
            log.exception("job_outcome_unwritten", job=job.id, kind=job.kind)
        finally:
            self._in_hand.discard(job.id)
            self._wake.set()

    async def _attempt(self, job: _Claimed) -> None:
        kind = _kinds.get(job.kind)
        try:
            if kind is None:
                raise Drop(f"nothing is registered for {job.kind}")
            await kind.handler(job.payload)
        except Drop as reason:
            log.info("job_dropped", job=job.id, kind=job.kind, reason=str(reason))
            self._finish(job)
        except RetryLater as later:
            await self._again(job, later.seconds, str(later))
        except Exception as error:
            retry = kind.retry if kind else Retry()
            described = f"{type(error).__name__}: {error}"
            if job.attempts >= retry.attempts:
                log.error("job_failed", job=job.id, kind=job.kind, error=described, exc_info=True)
                await self._give_up(job, described)
            else:
                log.warning("job_will_retry", job=job.id, kind=job.kind, attempt=job.attempts, error=described)
                await self._again(job, retry.pause(job.attempts), described)
        else:
            self._finish(job)

    def _finish(self, job: _Claimed) -> None:
        self._finished.append(job)
        if self._flush_soon is None or self._flush_soon.done():
            self._flush_soon = asyncio.create_task(self._flush_later())

    async def _flush_later(self) -> None:
        while self._finished:  # More may be finished while the last ones are written down.
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._flush()
            except Exception:
                log.exception("job_results_unwritten", queue=self.queue)
                await asyncio.sleep(1.0)

    async def _flush(self) -> None:
        """Write down what is finished, many at once; a crash before that runs them again, which they bear."""
        finished, self._finished = self._finished, []
        if not finished:
            return
        keyed = [(job.id,) for job in finished if job.key is not None]
        plain = [(job.id,) for job in finished if job.key is None]
        try:
            async with db.transaction():
                await db.execute_many("DELETE FROM jobs WHERE id = ?", plain)
                await db.execute_many(
                    f"UPDATE jobs SET state = '{DONE}', payload = '{{}}', lease_until = NULL, error = '' WHERE id = ?",
                    keyed,
                )
        except Exception:
            self._finished += finished
            raise

    async def _again(self, job: _Claimed, seconds: float, error: str) -> None:
        run_at = to_milliseconds(clock.now()) + int(seconds * 1000)
        await db.execute(
            "UPDATE jobs SET state = ?, run_at = ?, lease_until = NULL, error = ? WHERE id = ?",
            (WAITING, run_at, error[:ERROR_LENGTH], job.id),
        )

    async def _give_up(self, job: _Claimed, error: str) -> None:
        await db.execute(
            "UPDATE jobs SET state = ?, lease_until = NULL, error = ? WHERE id = ?",
            (FAILED, error[:ERROR_LENGTH], job.id),
        )

    async def _due_in(self) -> float:
        """Seconds until the next job falls due (0 or less: now), at most the polling interval. Only reads."""
        row = await db.fetch_one("SELECT MIN(run_at) FROM jobs WHERE state = ? AND queue = ?", (WAITING, self.queue))
        if row is None or row[0] is None:
            return self._poll_seconds
        return min((int(row[0]) - clock.timestamp() * 1000) / 1000, self._poll_seconds)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            until = to_milliseconds(clock.now()) + int(LEASE_SECONDS * 1000)
            await db.execute_many(
                "UPDATE jobs SET lease_until = ? WHERE id = ?", [(until, job) for job in self._in_hand]
            )


async def recover(everything: bool = False) -> int:
    """Give jobs back whose worker died: those whose lease ran out, or all running ones when `everything` is set.

    A process that is alone (SQLite) calls it with `everything` at start: nobody else can be running them.
    Returns how many.
    """
    now = to_milliseconds(clock.now())
    if everything:
        return await db.execute("UPDATE jobs SET state = ?, lease_until = NULL WHERE state = ?", (WAITING, RUNNING))
    return await db.execute(
        "UPDATE jobs SET state = ?, lease_until = NULL WHERE state = ? AND lease_until < ?", (WAITING, RUNNING, now)
    )


async def forget_old() -> int:
    """Delete keyed jobs that were done a week ago: their keys need no longer be remembered. Returns how many."""
    before = to_milliseconds(clock.now()) - int(KEEP_KEYED_SECONDS * 1000)
    return await db.execute("DELETE FROM jobs WHERE state = ? AND created_at < ?", (DONE, before))


@dataclass(frozen=True, slots=True)
class _Periodic:
    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]


_periodic: dict[str, _Periodic] = {}


def every(seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Run `work` about every so many seconds in each worker process; it must bear running twice at once."""
    _periodic[name] = _Periodic(name, seconds, work)


async def run_periodic() -> None:
    """Run the periodic work until cancelled."""
    due: dict[str, float] = defaultdict(float)
    for item in _periodic.values():
        due[item.name] = clock.timestamp() + item.seconds * random.uniform(0.1, 1.0)
    while True:
        await asyncio.sleep(1)
        for item in _periodic.values():
            if clock.timestamp() < due[item.name]:
                continue
            due[item.name] = clock.timestamp() + item.seconds
            try:
                await item.work()
            except Exception:
                log.exception("periodic_work_failed", name=item.name)
