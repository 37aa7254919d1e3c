"""Received activities are worked on in the order they came, many in one transaction.

A commit waits for the disk; the work itself is a few statements. So activities that wait together are done one after
another inside one transaction, and each sees what the one before has changed. Two things leave that road:

- An activity that needs something fetched. Nothing is fetched inside a transaction (`NeedsNetwork`), and handlers fetch
  before they write, so it steps aside without a trace and is done by itself, as is whatever else its actor sends until
  then: an actor's order is kept, and nobody waits for another's slow host.
- An activity that fails. The transaction is undone and its activities are done again, each in its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from federation.fetching import NeedsNetwork
from node import db

LARGEST_GROUP = 64
LONGEST_SECONDS = 0.05
"""How long a group may hold the database's one writer before it commits."""
SECONDS_WHILE_OTHERS_WAIT = 0.008
"""How long when somebody else waits for the writer: people who post, activities to be accepted."""

REST_SECONDS = 0.016
"""How long the road rests after a group while activities pour in: a server that delivers waits for its answer, what it
delivered can wait a little."""

Work = Callable[[], Awaitable[None]]


@dataclass(slots=True, eq=False)
class _Item:
    actor: str
    work: Work
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    """That of the caller: outside of any transaction, which is where a detour runs."""


class Sequencer:
    """One road of activities. Works only while something waits."""

    def __init__(self, others_are_busy: Callable[[], bool] = lambda: False) -> None:
        self._others_are_busy = others_are_busy
        self._waiting: deque[_Item] = deque()
        self._aside: dict[str, deque[_Item]] = {}
        self._running: asyncio.Task[None] | None = None
        self._detours: set[asyncio.Task[None]] = set()

    async def run(self, actor: str, work: Work) -> None:
        """Do `work` of `actor` in its turn; returns once it is durable, raises what it raised.

        `work` may be done twice, the first time without effect.
        """
        item = _Item(actor, work)
        if actor in self._aside:
            self._aside[actor].append(item)
        else:
            self._waiting.append(item)
            if self._running is None or self._running.done():
                self._running = asyncio.create_task(self._run_waiting())
        await item.done

    async def _run_waiting(self) -> None:
        while self._waiting:
            done: list[_Item] = []
            try:
                async with db.transaction():
                    await self._run_group(done)
            except Exception:
                for item in done:
                    await self._run_alone(item)
            else:
                for item in done:
                    _settle(item, None)
            if self._others_are_busy():
                await asyncio.sleep(REST_SECONDS)

    async def _run_group(self, done: list[_Item]) -> None:
        """Do what waits until it is enough. `done` is filled with what was begun, also when this raises."""
        began = time.monotonic()
        while self._waiting and len(done) < LARGEST_GROUP and time.monotonic() - began < _time_allowed():
            item = self._waiting.popleft()
            if item.actor in self._aside:
                self._aside[item.actor].append(item)
                continue
            done.append(item)
            try:
                await item.work()
            except NeedsNetwork:
                done.remove(item)
                self._step_aside(item)
            await asyncio.sleep(0)  # requests come first

    async def _run_alone(self, item: _Item) -> None:
        if item.actor in self._aside:
            self._aside[item.actor].append(item)
            return
        try:
            async with db.transaction():
                await item.work()
        except NeedsNetwork:
            self._step_aside(item)
        except Exception as error:
            _settle(item, error)
        else:
            _settle(item, None)

    def _step_aside(self, item: _Item) -> None:
        self._aside[item.actor] = deque([item])
        detour = asyncio.create_task(self._run_detour(item.actor), context=item.context)
        self._detours.add(detour)
        detour.add_done_callback(self._detours.discard)

    async def _run_detour(self, actor: str) -> None:
        queue = self._aside[actor]
        while queue:
            item = queue.popleft()
            try:
                await item.work()
            except Exception as error:
                _settle(item, error)
            else:
                _settle(item, None)
        del self._aside[actor]

    async def close(self) -> None:
        """Stop what is under way; whoever waits for it is cancelled with it."""
        tasks = [*self._detours, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def _time_allowed() -> float:
    return SECONDS_WHILE_OTHERS_WAIT if db.others_wait_to_write() else LONGEST_SECONDS


def _settle(item: _Item, error: Exception | None) -> None:
    if item.done.done():
        return
    if error is None:
        item.done.set_result(None)
    else:
        item.done.set_exception(error)
