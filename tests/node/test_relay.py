"""What a command announces reaches the process that serves."""

from __future__ import annotations

from typing import Any

from node import jobs, relay
from node.runtime import Runtime


async def test_an_announcement_of_a_command_is_made_again_where_the_work_is_done(started: Runtime) -> None:
    with relay.overhearing() as announcements:
        started.bus.publish("domain-rules", {"changed": "bad.example"})
    started.bus.publish("domain-rules", {"changed": "unheard.example"})
    await relay.pass_on(announcements)

    heard: list[dict[str, Any]] = []
    started.bus.subscribe("domain-rules", heard.append)
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1).run_until_idle()
    assert heard == [{"changed": "bad.example"}]


async def test_wake_ups_of_the_queue_are_not_passed_on(started: Runtime) -> None:
    with relay.overhearing() as announcements:
        await jobs.enqueue(relay.RELAY, {"channel": "any", "message": {}})
    assert announcements == []
