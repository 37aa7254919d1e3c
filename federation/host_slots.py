"""A bound on what is asked of one host at a time, so that a slow one cannot hold everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class HostSlots:
    """At most `limit` holders at a time for each host. A host is remembered only while somebody holds or waits."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._hosts: dict[str, _Slots] = {}

    def __len__(self) -> int:
        return len(self._hosts)

    @asynccontextmanager
    async def hold(self, host: str) -> AsyncIterator[None]:
        """Wait for a free slot of `host` and keep it inside the `async with`."""
        slots = self._hosts.get(host)
        if slots is None:
            slots = self._hosts[host] = _Slots(self._limit)
        slots.interested += 1
        try:
            async with slots.semaphore:
                yield
        finally:
            slots.interested -= 1
            if slots.interested == 0:
                del self._hosts[host]


class _Slots:
    def __init__(self, limit: int) -> None:
        self.semaphore = asyncio.Semaphore(limit)
        self.interested = 0
