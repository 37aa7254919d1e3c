"""The delivery worker: many at a time, few to one host, in order for each inbox.

    rows → claim (bounded for each host) → lanes (inbox, signing account) → attempts → results, many in one transaction

A lane goes on with its next parcel once the one before has arrived or was refused for good. When one has to be tried
again, what follows it is put back to wait with it, so an inbox never gets a Delete before its Create; only a parcel
that keeps failing on a host that otherwise answers is overtaken (`HOLDING_ATTEMPTS`).

Hosts that are slow to answer take their turns among themselves (`slots.py`), so that they delay nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field

import structlog

from federation import hosts
from federation.hosts import HostState
from federation.outbound import queue
from federation.outbound.attempt import Outcome, Verdict, attempt, load_letters, pause_before
from federation.outbound.queue import Parcel, Postponed
from federation.outbound.send import HOLDING_ATTEMPTS
from federation.outbound.signing import Signing
from federation.outbound.slots import Slot, Slots
from node import clock
from node.cache import BoundedCache
from node.runtime import runtime
from node.services import deliveries

log = structlog.get_logger()

POLL_SECONDS = 5.0
FLUSH_SECONDS = 0.05
ROUNDS_IN_HAND = 4
"""How many rounds of parcels of one host are claimed ahead."""
MOST_IN_HAND = 8_192
SLOW_SECONDS = 2.0
PROMPT_SECONDS = 0.25
"""An attempt under way for longer lingers, and its host with it until it has answered sooner."""
KNOWN_LINGERING = 10_000
LINGERING_KNOWN_SECONDS = 600.0

Lane = tuple[str, int]


@dataclass(slots=True, eq=False)
class _Host:
    state: HostState
    lanes: dict[Lane, deque[Parcel]] = field(default_factory=dict)
    ready: deque[Lane] = field(default_factory=deque)
    in_hand: int = 0
    active: int = 0
    is_slow: bool = False
    lingers: bool = False
    is_queued: bool = False
    has_more: bool = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in hand for it."""
        return self.in_hand == 0 and self.active == 0


class DeliveryWorker:
    """Delivers what is due, at most `in_flight` at a time (those that linger not counted) and `per_host` to one host."""

    def __init__(self, in_flight: int, per_host: int, give_up_after_hours: float) -> None:
        self._slots = Slots(in_flight)
        self._signing = Signing()
        self._per_host = per_host
        self._window = per_host * ROUNDS_IN_HAND
        self._give_up_after = give_up_after_hours * 3600.0
        self._hosts: dict[str, _Host] = {}
        self._turns: dict[bool, deque[_Host]] = {False: deque(), True: deque()}
        self._known_to_linger: BoundedCache[str, bool] = BoundedCache(KNOWN_LINGERING, LINGERING_KNOWN_SECONDS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._finished: list[Parcel] = []
        self._postponed: list[Postponed] = []
        self._touched: dict[str, HostState] = {}
        self._recovered: list[str] = []
        self._flushing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._is_claiming = False

    async def run(self) -> None:
        """Work until cancelled; then what is under way is given a moment, the rest given back."""
        unsubscribe = runtime().bus.subscribe(deliveries.DELIVERIES, lambda _: self._wake.set())
        try:
            while True:
                self._wake.clear()
                while await self._claim():
                    self._start_ready()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(await self._pause()):  # Not `wait_for`; see `jobs.Worker.run`.
                        await self._wake.wait()
        finally:
            unsubscribe()
            await self._wind_up()

    async def run_until_idle(self) -> None:
        """Deliver everything that is due now, then return. For tests and commands."""
        while await self._claim():
            self._start_ready()
            while self._tasks:
                await asyncio.wait(set(self._tasks))
            await self._flush()
        await self._signing.close()

    async def _claim(self) -> bool:
        """Take what is due. Returns whether there was anything."""
        if sum(host.in_hand for host in self._hosts.values()) >= MOST_IN_HAND or await deliveries.held():
            return False
        self._is_claiming = True
        try:
            return await self._claim_due()
        finally:
            self._is_claiming = False
            for host in [host for host in self._hosts.values() if host.is_idle]:
                self._forget_idle(host)

    async def _claim_due(self) -> bool:
        in_hand = {name: host.in_hand for name, host in self._hosts.items()}
        full = {name for name, count in in_hand.items() if count >= self._window}
        claim = await queue.claim(full, in_hand, self._window)
        unknown = sorted({parcel.host for parcel in claim.parcels} - self._hosts.keys())
        for name, state in (await hosts.load(unknown)).items():
            known = self._touched.get(name, state)
            lingers = known.failures > 0 or self._known_to_linger.get(name) is not None
            self._hosts[name] = _Host(known, lingers=lingers)
        await load_letters(claim.parcels)
        for parcel in claim.parcels:
            self._take(parcel)
        for name in full | claim.more:
            if name in self._hosts:
                self._hosts[name].has_more = True
        return bool(claim.parcels)

    def _take(self, parcel: Parcel) -> None:
        host = self._hosts[parcel.host]
        host.in_hand += 1
        lane = host.lanes.get(parcel.lane)
        if lane is None:
            host.lanes[parcel.lane] = deque([parcel])
            host.ready.append(parcel.lane)
        else:
            lane.append(parcel)
        self._queue(host)

    def _queue(self, host: _Host) -> None:
        """Give a host its turn, if it has something to send and room to do so."""
        if not host.is_queued and host.ready and host.active < self._allowance(host):
            host.is_queued = True
            self._turns[host.lingers].append(host)

    def _allowance(self, host: _Host) -> int:
        """How much one host gets at a time: a failing one is only probed, a slow one gets half."""
        if host.state.failures:
            return 1
        return max(1, self._per_host // 2) if host.is_slow else self._per_host

    def _start_ready(self) -> None:
        for lingers, turns in self._turns.items():
            while turns and self._slots.has_room(lingers):
                host = turns.popleft()
                host.is_queued = False
                if not host.ready or host.active >= self._allowance(host):
                    continue
                host.active += 1
                task = asyncio.create_task(self._deliver(host, host.ready.popleft(), self._slots.take(lingers)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                self._queue(host)

    def _lingers(self, host: _Host, slot: Slot) -> None:
        """An attempt has not been answered promptly: let others have its place."""
        self._known_to_linger.put(host.state.host, True)
        self._change_turns(host, lingers=True)
        self._slots.step_aside(slot)
        self._start_ready()

    def _change_turns(self, host: _Host, *, lingers: bool) -> None:
        """Have a host take its turns among those that linger, or among the prompt ones."""
        if host.lingers is lingers:
            return
        if host.is_queued:
            self._turns[host.lingers].remove(host)
            self._turns[lingers].append(host)
        host.lingers = lingers

    async def _deliver(self, host: _Host, lane: Lane, slot: Slot) -> None:
        parcel = host.lanes[lane][0]
        began = time.monotonic()
        if deliveries.are_held_now():
            self._put_back(host, lane, 0.0, as_it_was=True)
        elif host.state.is_paused:
            self._put_back(host, lane, max((host.state.paused_until or 0) - clock.timestamp(), 1.0))
        else:
            timer = asyncio.get_running_loop().call_later(PROMPT_SECONDS, self._lingers, host, slot)
            try:
                outcome = await attempt(parcel, host.state.signature, self._signing)
            except Exception as error:
                # One parcel that cannot be handled must not stop the worker (GHSA-qrgq-9fx2-vf2r).
                log.exception("delivery_failed", delivery=parcel.id)
                outcome = Outcome(Verdict.AGAIN, f"{type(error).__name__}: {error}")
            finally:
                timer.cancel()
            self._note_speed(host, time.monotonic() - began)
            await self._settle(host, lane, parcel, outcome)
            self._change_turns(host, lingers=host.lingers or host.state.failures > 0)
        self._slots.give_back(slot)
        host.active -= 1
        if host.lanes.get(lane):
            host.ready.append(lane)
        else:
            host.lanes.pop(lane, None)
        self._after(host)

    def _after(self, host: _Host) -> None:
        self._queue(host)
        asyncio.get_running_loop().call_soon(self._start_ready)
        if host.has_more and host.in_hand <= self._window // 2:
            host.has_more = False
            self._wake.set()
        self._forget_idle(host)

    def _forget_idle(self, host: _Host) -> None:
        """Forget a host with nothing in hand, but not while a claim that may bring something for it is under way."""
        if host.is_idle and not self._is_claiming:
            self._hosts.pop(host.state.host, None)

    def _note_speed(self, host: _Host, seconds: float) -> None:
        """Keep in mind how long the host took for its last answer."""
        host.is_slow = seconds > SLOW_SECONDS
        if seconds <= PROMPT_SECONDS:
            self._known_to_linger.drop(host.state.host)
            self._change_turns(host, lingers=False)

    async def _settle(self, host: _Host, lane: Lane, parcel: Parcel, outcome: Outcome) -> None:
        self._note(host, outcome)
        if outcome.verdict is Verdict.AGAIN:
            self._try_again(host, lane, parcel, outcome)
        else:
            host.lanes[lane].popleft()
            host.in_hand -= 1
            self._finished.append(parcel)
        if outcome.verdict in (Verdict.REFUSED, Verdict.GONE):
            log.info("delivery_refused", delivery=parcel.id, inbox=parcel.inbox_url, reason=outcome.reason)
        if outcome.verdict is Verdict.GONE:
            await queue.inbox_is_gone(parcel.inbox_url)
        self._flush_soon()

    def _note(self, host: _Host, outcome: Outcome) -> None:
        """Keep the host's account: any answer but a server error is a sign of life."""
        state = host.state
        if outcome.is_host_failure:
            state.failed()
            if state.is_paused:
                hosts.watch(state.host)
                log.warning("host_paused", host=state.host, failures=state.failures, reason=outcome.reason)
        elif outcome.is_answer:
            if state.succeeded():
                self._recovered.append(state.host)
            if outcome.signature is not None:
                state.takes(outcome.signature)
        if outcome.verdict is not Verdict.DELIVERED:
            state.did_not_take(outcome.reason)
        if outcome.retry_after is not None:
            state.asked_to_wait(outcome.retry_after)
        if state.is_changed:
            self._touched[state.host] = state

    def _try_again(self, host: _Host, lane: Lane, parcel: Parcel, outcome: Outcome) -> None:
        """Put a parcel back with a pause; what follows it in its lane waits with it."""
        age = clock.timestamp() - parcel.created_at / 1000
        parcel = host.lanes[lane].popleft()
        host.in_hand -= 1
        if age > self._give_up_after:
            log.warning("delivery_given_up", delivery=parcel.id, inbox=parcel.inbox_url, reason=outcome.reason)
            self._postponed.append(Postponed(parcel, 0.0, outcome.reason, gave_up=True))
            return
        seconds = max(pause_before(parcel.attempts + 1), outcome.retry_after or 0.0)
        self._postponed.append(Postponed(parcel, seconds, outcome.reason))
        if parcel.attempts < HOLDING_ATTEMPTS:
            self._put_back(host, lane, seconds)

    def _put_back(self, host: _Host, lane: Lane, seconds: float, *, as_it_was: bool = False) -> None:
        """Have what is left of a lane wait for so long; `as_it_was`: where it stood in the queue."""
        waiting = host.lanes[lane]
        host.in_hand -= len(waiting)
        self._postponed.extend(
            Postponed(parcel, seconds, "", attempted=False, due_at=parcel.due_at if as_it_was else None)
            for parcel in waiting
        )
        waiting.clear()
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_later())

    async def _flush_later(self) -> None:
        while self._finished or self._postponed or self._touched or self._recovered:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._flush()
            except Exception:
                log.exception("delivery_results_unwritten")
                await asyncio.sleep(1.0)

    async def _flush(self) -> None:
        """Write results down, many at once. A crash before that sends again what arrived, which inboxes bear."""
        async with self._writing:
            finished, self._finished = self._finished, []
            postponed, self._postponed = self._postponed, []
            touched, self._touched = self._touched, {}
            recovered, self._recovered = self._recovered, []
            if not (finished or postponed or touched or recovered):
                return
            try:
                await queue.write_results(finished, postponed, list(touched.values()), recovered)
            except Exception:
                self._finished += finished
                self._postponed += postponed
                self._touched = touched | self._touched
                self._recovered += recovered
                raise
            if postponed or recovered:
                self._wake.set()

    async def _pause(self) -> float:
        """Seconds until something falls due, at most the polling interval."""
        due_in = await queue.next_due()
        return POLL_SECONDS if due_in is None else min(max(due_in, 0.01), POLL_SECONDS)

    async def _wind_up(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._flushing is not None:
            await asyncio.gather(self._flushing, return_exceptions=True)
        await self._signing.close()
        await self._flush()
        await queue.give_back(
            parcel for host in self._hosts.values() for waiting in host.lanes.values() for parcel in waiting
        )
