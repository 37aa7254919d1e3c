"""How reaching each host has gone: its circuit breaker, and its signs of life.

Ten failures in a row pause a host for a minute, each further one for twice as long; after a week of nothing else it is
unreachable, and nothing is addressed to it until it is heard of again. Whatever was waiting goes out then, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from node import clock, db
from node.cache import BoundedCache
from node.runtime import runtime
from node.services.deliveries import DELIVERIES

log = structlog.get_logger()

FAILURES_BEFORE_PAUSE = 10
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 6 * 3600.0
UNREACHABLE_AFTER = 7 * 86400.0
LONGEST_RETRY_AFTER = 6 * 3600.0
SEEN_AGAIN_SECONDS = 600.0
NOTE_SUCCESS_SECONDS = 3600.0
FORGOTTEN_AFTER = 90 * 86400.0
ERROR_LENGTH = 500
CAVAGE, RFC9421 = "cavage", "rfc9421"

_UPSERT = (
    "INSERT INTO remote_hosts (host, failures, paused_until, failing_since, unreachable_at, last_success_at, signature,"
    " last_error, last_error_at, software) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
    " ON CONFLICT (host) DO UPDATE SET failures = excluded.failures,"
    " paused_until = excluded.paused_until, failing_since = excluded.failing_since,"
    " unreachable_at = excluded.unreachable_at, last_success_at = excluded.last_success_at,"
    " signature = excluded.signature, last_error = CASE WHEN excluded.last_error <> '' THEN excluded.last_error"
    " ELSE remote_hosts.last_error END,"
    " last_error_at = COALESCE(excluded.last_error_at, remote_hosts.last_error_at)"
)
_SEEN = (
    "INSERT INTO remote_hosts (host, failures, last_seen_at, signature, software) VALUES (?, 0, ?, 'cavage', '')"
    " ON CONFLICT (host) DO UPDATE SET last_seen_at = excluded.last_seen_at, failures = 0, paused_until = NULL,"
    " failing_since = NULL, unreachable_at = NULL"
)


@dataclass(slots=True)
class HostState:
    """A row of `remote_hosts` in hand. Times in seconds since the epoch."""

    host: str
    failures: int = 0
    paused_until: float | None = None
    failing_since: float | None = None
    unreachable_at: float | None = None
    last_success_at: float | None = None
    signature: str = CAVAGE
    is_changed: bool = False
    new_error: str = ""
    new_error_at: float | None = None

    @property
    def is_paused(self) -> bool:
        """Whether nothing is sent there for now."""
        return self.paused_until is not None and self.paused_until > clock.timestamp()

    def succeeded(self) -> bool:
        """Note an answer. Returns whether the host had been given a pause, so that what waits for it may go now."""
        now = clock.timestamp()
        was_down = self.failures >= FAILURES_BEFORE_PAUSE
        if self.failures or self.last_success_at is None or now - self.last_success_at > NOTE_SUCCESS_SECONDS:
            self.is_changed = True
        self.failures, self.paused_until, self.failing_since, self.unreachable_at = 0, None, None, None
        self.last_success_at = now
        return was_down

    def failed(self) -> None:
        """Note that there was no answer, or one that only a broken server gives."""
        now = clock.timestamp()
        self.is_changed = True
        self.failures += 1
        self.failing_since = self.failing_since or now
        if self.failures < FAILURES_BEFORE_PAUSE:
            return
        doublings = min(self.failures - FAILURES_BEFORE_PAUSE, 20)
        self.paused_until = now + min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE)
        if now - self.failing_since >= UNREACHABLE_AFTER:
            self.unreachable_at = self.unreachable_at or now

    def did_not_take(self, reason: str) -> None:
        """Note why something did not arrive, for the admin."""
        self.new_error, self.new_error_at = reason[:ERROR_LENGTH], clock.timestamp()
        self.is_changed = True

    def asked_to_wait(self, seconds: float) -> None:
        """Note a `Retry-After`: the host is alive and wants to be left alone."""
        self.is_changed = True
        self.paused_until = clock.timestamp() + min(seconds, LONGEST_RETRY_AFTER)

    def takes(self, signature: str) -> None:
        """Note which signatures the host accepts."""
        if signature != self.signature:
            self.signature = signature
            self.is_changed = True


async def load(hosts: Sequence[str]) -> dict[str, HostState]:
    """What is known of these hosts; a host never met has a clean slate."""
    states = {host: HostState(host) for host in hosts}
    if not hosts:
        return states
    names = db.padded(hosts)
    rows = await db.fetch_all(
        "SELECT host, failures, paused_until, failing_since, unreachable_at, last_success_at, signature"
        f" FROM remote_hosts WHERE host IN ({db.marks(names)})",
        names,
    )
    for row in rows:
        states[row[0]] = HostState(
            row[0], row[1], _seconds(row[2]), _seconds(row[3]), _seconds(row[4]), _seconds(row[5]), row[6]
        )
    return states


async def store(states: Iterable[HostState]) -> None:
    """Write what has changed, in the caller's transaction."""
    changed = [state for state in states if state.is_changed]
    await db.execute_many(
        _UPSERT,
        [
            (
                state.host,
                state.failures,
                _milliseconds(state.paused_until),
                _milliseconds(state.failing_since),
                _milliseconds(state.unreachable_at),
                _milliseconds(state.last_success_at),
                state.signature,
                state.new_error,
                _milliseconds(state.new_error_at),
            )
            for state in changed
        ],
    )
    for state in changed:
        state.is_changed, state.new_error, state.new_error_at = False, "", None


async def release(hosts: Sequence[str]) -> None:
    """Let everything waiting for these hosts go now, in the caller's transaction."""
    now = int(clock.timestamp() * 1000)
    await db.execute_many(
        "UPDATE deliveries SET next_attempt_at = ?"
        " WHERE host = ? AND failed = FALSE AND next_attempt_at > ? AND lease_until IS NULL",
        [(now, host, now) for host in hosts],
    )


async def unreachable_among(hosts: Sequence[str]) -> set[str]:
    """Those nothing is addressed to any more."""
    if not hosts:
        return set()
    rows = await db.fetch_all(
        f"SELECT host FROM remote_hosts WHERE unreachable_at IS NOT NULL AND host IN ({db.marks(hosts)})", tuple(hosts)
    )
    return {row[0] for row in rows}


class _Sightings:
    """Signs of life, noted at most every ten minutes for a host, and written together."""

    def __init__(self) -> None:
        self._recent: BoundedCache[str, bool] = BoundedCache(10_000, SEEN_AGAIN_SECONDS)
        self._unwritten: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

    def note(self, host: str) -> None:
        if self._recent.get(host) is not None:
            return
        self._recent.put(host, True)
        self._unwritten.add(host)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    def forget(self, host: str) -> None:
        self._recent.drop(host)

    def clear(self) -> None:
        self._recent.clear()
        self._unwritten.clear()

    async def settle(self) -> None:
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._unwritten:
            hosts, self._unwritten = sorted(self._unwritten), set()
            try:
                await _write_sightings(hosts)
            except Exception:
                log.exception("sightings_lost", hosts=len(hosts))


async def _write_sightings(hosts: list[str]) -> None:
    now = int(clock.timestamp() * 1000)
    async with db.transaction():
        rows = await db.fetch_all(
            f"SELECT host FROM remote_hosts WHERE failures >= ? AND host IN ({db.marks(hosts)})",
            (FAILURES_BEFORE_PAUSE, *hosts),
        )
        await db.execute_many(_SEEN, [(host, now) for host in hosts])
        woken = [row[0] for row in rows]
        await release(woken)
    if woken:
        log.info("hosts_are_back", hosts=woken)
        runtime().bus.publish(DELIVERIES, {})


_sightings = _Sightings()


def saw(host: str) -> None:
    """A verified activity or a document came from `host`: it lives. Costs nothing most of the time."""
    _sightings.note(host)


def watch(host: str) -> None:
    """The host has been paused: its very next sign of life counts."""
    _sightings.forget(host)


async def forget_old() -> int:
    """Forget the hosts nothing has been heard of or sent to for long; periodic. Returns how many.

    Anybody can name hosts without end; one that is written to again is simply met anew.
    """
    before = int((clock.timestamp() - FORGOTTEN_AFTER) * 1000)
    return await db.execute(
        "DELETE FROM remote_hosts WHERE COALESCE(last_seen_at, 0) < ? AND COALESCE(last_success_at, 0) < ?"
        " AND COALESCE(last_error_at, 0) < ?"
        " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.host = remote_hosts.host)",
        (before, before, before),
    )


async def settle() -> None:
    """Wait until the signs of life noted so far are written."""
    await _sightings.settle()


def forget_everything() -> None:
    """Empty the memory of this process."""
    _sightings.clear()


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)
