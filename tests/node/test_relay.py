"""What a command announces reaches the process that serves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from node import jobs, leftovers, relay
from node.runtime import Runtime
from node.serve import _only_worker


async def test_an_announcement_of_a_command_is_made_again_where_the_work_is_done(started: Runtime) -> None:
    with relay.overhearing() as announcements:
        started.bus.publish("domain-rules", {"changed": "bad.example"})
    started.bus.publish("domain-rules", {"changed": "unheard.example"})
    await relay.pass_on(announcements)

    heard: list[dict[str, Any]] = []
    started.bus.subscribe("domain-rules", heard.append)
    await jobs.Worker(relay.QUEUE, 1).run_until_idle()
    assert heard == [{"changed": "bad.example"}]


async def test_wake_ups_of_the_queue_are_not_passed_on(started: Runtime) -> None:
    with relay.overhearing() as announcements:
        await jobs.enqueue(relay.RELAY, {"channel": "any", "message": {}})
    assert announcements == []


async def test_a_command_learns_that_what_it_passed_on_was_heard(started: Runtime) -> None:
    await relay.pass_on([("domain-rules", {})])
    waiting = asyncio.create_task(relay.are_heard())
    await jobs.Worker(relay.QUEUE, 1).run_until_idle()
    assert await waiting


async def test_a_command_does_not_wait_for_ever_to_be_heard(started: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "HEARD_WITHIN_SECONDS", 0.0)
    await relay.pass_on([("domain-rules", {})])
    assert not await relay.are_heard()


async def test_whether_somebody_works_is_known_to_others(started: Runtime) -> None:
    settings = started.settings
    assert not await leftovers.is_anyone_working(settings)
    with _only_worker(settings):
        async with leftovers.working(settings, _nothing_to_take_up):
            assert await leftovers.is_anyone_working(settings)
    assert not await leftovers.is_anyone_working(settings)


async def _nothing_to_take_up() -> None:
    """There is none."""
