"""Words from a command to the processes that serve.

The bus of a node without Redis does not leave its process. What a command (`heliograph domain block …`) announces is
written as a job instead; the serving process takes it up and says it on its own bus.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any

from node import db, jobs
from node.bus import MemoryBus
from node.models.jobs import RUNNING, WAITING
from node.runtime import runtime

RELAY = "relay_announcement"
QUEUE = "relay"
POLL_SECONDS = 0.5
"""How often the serving process looks for words from commands: nothing else tells it that they are there."""
HEARD_WITHIN_SECONDS = 3.0
_LOOK_SECONDS = 0.05
_WAKE_UPS = "jobs:"
"""Channels of the queue: the job itself wakes its worker."""

Announcement = tuple[str, dict[str, Any]]


@contextlib.contextmanager
def overhearing() -> Iterator[list[Announcement]]:
    """Collects what is announced in this process and would not leave it by itself."""
    announcements: list[Announcement] = []
    bus = runtime().bus
    if not isinstance(bus, MemoryBus):
        yield announcements
        return

    def note(channel: str, message: dict[str, Any]) -> None:
        if not channel.startswith(_WAKE_UPS):
            announcements.append((channel, message))

    with bus.overheard_by(note):
        yield announcements


async def pass_on(announcements: Sequence[Announcement]) -> None:
    """Have the serving process announce the same."""
    for channel, message in announcements:
        await jobs.enqueue(RELAY, {"channel": channel, "message": message})


async def are_heard() -> bool:
    """Wait until the serving process has taken up everything passed on, for `HEARD_WITHIN_SECONDS` at most.

    `False` when something is still waiting then.
    """
    until = time.monotonic() + HEARD_WITHIN_SECONDS
    while await db.fetch_one(
        "SELECT 1 FROM jobs WHERE queue = ? AND state IN (?, ?) LIMIT 1", (QUEUE, WAITING, RUNNING)
    ):
        if time.monotonic() >= until:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True


async def _announce(payload: dict[str, Any]) -> None:
    runtime().bus.publish(payload["channel"], payload["message"])


jobs.register(RELAY, _announce, queue=QUEUE)
