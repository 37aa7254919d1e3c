"""What a dead worker had in hand is taken up at once, unless another worker lives."""

from __future__ import annotations

from node import leftovers
from node.settings import Settings


async def test_only_a_worker_that_is_alone_takes_up_what_is_under_way(settings: Settings, database_kind: str) -> None:
    taken: list[str] = []

    async def first() -> None:
        taken.append("first")

    async def second() -> None:
        taken.append("second")

    async with leftovers.working(settings, first):
        assert taken == ["first"]
        if database_kind == "postgres":
            async with leftovers.working(settings, second):
                assert taken == ["first"]
    async with leftovers.working(settings, second):
        assert taken == ["first", "second"]
