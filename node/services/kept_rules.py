"""Small tables that are asked about all the time: read once, and again after each change in any process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from node import db
from node.bus import Bus
from node.runtime import runtime

Rules = TypeVar("Rules")


class KeptRules(Generic[Rules]):
    """What `load` reads, until somebody says on the bus's `channel` that it has changed."""

    def __init__(self, channel: str, load: Callable[[], Awaitable[Rules]]) -> None:
        self._channel = channel
        self._load = load
        self._bus: Bus | None = None
        self._rules: Rules | None = None
        self._changes = 0

    async def all(self) -> Rules:
        """The rules as they stand."""
        bus = runtime().bus
        if self._bus is not bus:
            bus.subscribe(self._channel, lambda _: self.forget())
            self._bus = bus
            self.forget()
        while self._rules is None:
            changes = self._changes
            rules = await self._load()
            if changes == self._changes:
                self._rules = rules
        return self._rules

    def known(self) -> Rules | None:
        """The rules, if they have been read since the last change."""
        return self._rules if self._bus is runtime().bus else None

    def forget(self) -> None:
        """Read them anew when they are next asked for."""
        self._rules = None
        self._changes += 1

    def announce_change(self) -> None:
        """Have every process read them anew once the transaction is durable."""
        db.after_commit(self._announce)

    def _announce(self) -> None:
        self.forget()
        runtime().bus.publish(self._channel, {})
