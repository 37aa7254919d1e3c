"""Long work on many things, a few at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final, TypeVar

Tell = Callable[[int, int | None], None]
"""Hears how many are done, and of how many, as far as that is known."""
AT_ONCE: Final = 4

Thing = TypeVar("Thing")
Result = TypeVar("Result")


async def do_at_once(
    things: AsyncIterator[Thing] | Iterable[Thing], work: Callable[[Thing], Awaitable[Result]]
) -> AsyncIterator[tuple[Thing, Result]]:
    """Each thing and what came of it, in the order they end. The first error ends the others."""
    under_way: set[asyncio.Task[tuple[Thing, Result]]] = set()

    async def one(thing: Thing) -> tuple[Thing, Result]:
        return thing, await work(thing)

    try:
        async for thing in _each(things):
            under_way.add(asyncio.create_task(one(thing)))
            while len(under_way) >= AT_ONCE:
                ended, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    yield task.result()
        while under_way:
            ended, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                yield task.result()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _each(things: AsyncIterator[Thing] | Iterable[Thing]) -> AsyncIterator[Thing]:
    if isinstance(things, AsyncIterator):
        async for thing in things:
            yield thing
        return
    for thing in things:
        yield thing
