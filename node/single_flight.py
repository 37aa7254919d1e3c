"""Several who want the same thing at the same time share one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Runs the work for a key once, however many ask while it is under way. Nothing is remembered afterwards."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[Result]] = {}

    def is_under_way(self, key: str) -> bool:
        """Whether the work of `key` is being done right now."""
        return key in self._under_way

    async def run(self, key: str, work: Callable[[], Awaitable[Result]]) -> Result:
        """The result of `work`, or its error. A caller who is cancelled does not cancel the others."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._work(work))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def end(self) -> None:
        """Cancel what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, work: Callable[[], Awaitable[Result]]) -> Result:
        return await work()

    def _forget(self, key: str, task: asyncio.Task[Result]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            # Looked at here, so that an error nobody waits for any more is not reported as lost.
            task.exception()
