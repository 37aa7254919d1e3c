"""The durable queue, on every database there is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from node import clock, db, events, jobs
from node.models.jobs import DONE, FAILED, Job
from node.runtime import Runtime
from tests.builders import run_jobs
from tests.conftest import HeldClock


@pytest.fixture
def ran() -> list[Any]:
    """What the jobs of kind `note` were given, in order; `sour` fails, `drop` drops itself, `later` comes back."""
    done: list[Any] = []

    async def note(payload: dict[str, Any]) -> None:
        done.append(payload["n"])

    async def sour(payload: dict[str, Any]) -> None:
        done.append("sour")
        raise ValueError("no good")

    async def drop(payload: dict[str, Any]) -> None:
        raise jobs.Drop("pointless")

    async def later(payload: dict[str, Any]) -> None:
        done.append("later")
        raise jobs.RetryLater(60, "not yet")

    jobs.register("note", note)
    jobs.register("sour", sour, retry=jobs.Retry(attempts=2, base=10))
    jobs.register("drop", drop)
    jobs.register("later", later)
    return done


async def test_a_job_runs_once_and_is_forgotten(started: Runtime, ran: list[Any]) -> None:
    await jobs.enqueue("note", {"n": 1})
    await run_jobs()
    await run_jobs()
    assert ran == [1]
    assert not await Job.all().exists()


async def test_a_job_lives_and_dies_with_its_transaction(started: Runtime, ran: list[Any]) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction():
            await jobs.enqueue("note", {"n": 1})
            raise RuntimeError
    await run_jobs()
    assert ran == []


async def test_the_same_key_is_accepted_once_also_after_it_is_done(
    started: Runtime, ran: list[Any], held_clock: HeldClock
) -> None:
    assert await jobs.enqueue("note", {"n": 1}, key="k")
    assert not await jobs.enqueue("note", {"n": 2}, key="k")
    await run_jobs()
    assert not await jobs.enqueue("note", {"n": 3}, key="k")
    await run_jobs()
    assert ran == [1]
    assert (await Job.get(key="k")).state == DONE
    held_clock.advance(jobs.KEEP_KEYED_SECONDS + 1)
    assert await jobs.forget_old() == 1
    assert await jobs.enqueue("note", {"n": 4}, key="k")


async def test_a_failing_job_is_retried_and_then_kept_for_the_admin(
    started: Runtime, ran: list[Any], held_clock: HeldClock
) -> None:
    await jobs.enqueue("sour", {})
    await run_jobs()
    await run_jobs()
    assert ran == ["sour"]
    held_clock.advance(13)
    await run_jobs()
    job = await Job.get()
    assert ran == ["sour", "sour"]
    assert (job.state, job.attempts, job.error) == (FAILED, 2, "ValueError: no good")


async def test_a_job_may_drop_itself_or_name_its_time(started: Runtime, ran: list[Any], held_clock: HeldClock) -> None:
    await jobs.enqueue("drop", {})
    await jobs.enqueue("later", {})
    await jobs.enqueue("note", {"n": 1}, run_at=clock.now() + timedelta(seconds=30))
    await run_jobs()
    assert ran == ["later"]
    held_clock.advance(31)
    await run_jobs()
    assert ran == ["later", 1]
    held_clock.advance(30)
    await run_jobs()
    assert ran == ["later", 1, "later"]
    assert await Job.all().count() == 1


async def test_jobs_of_one_lane_run_one_after_another_in_order(started: Runtime, ran: list[Any]) -> None:
    together, most = 0, 0

    async def slow(payload: dict[str, Any]) -> None:
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ran.append(payload["n"])
        together -= 1

    jobs.register("slow", slow)
    for number in range(8):
        await jobs.enqueue("slow", {"n": number}, lane="one")
    await run_jobs()
    assert ran == list(range(8))
    assert most == 1


async def test_jobs_of_a_dead_worker_are_given_back(started: Runtime, ran: list[Any], held_clock: HeldClock) -> None:
    await jobs.enqueue("note", {"n": 1})
    assert len(await jobs.Worker(jobs.DEFAULT_QUEUE, 1)._claim(5)) == 1
    assert await jobs.recover() == 0
    held_clock.advance(jobs.LEASE_SECONDS + 1)
    assert await jobs.recover() == 1
    await run_jobs()
    assert ran == [1]
    await jobs.enqueue("note", {"n": 2})
    await jobs.Worker(jobs.DEFAULT_QUEUE, 1)._claim(5)
    assert await jobs.recover(everything=True) == 1


async def test_two_workers_never_claim_the_same_job(started: Runtime, ran: list[Any]) -> None:
    for number in range(40):
        await jobs.enqueue("note", {"n": number})
    await asyncio.gather(*(jobs.Worker(jobs.DEFAULT_QUEUE, 2).run_until_idle() for _ in range(3)))
    assert sorted(ran) == list(range(40))


async def test_a_running_worker_wakes_when_something_comes(started: Runtime) -> None:
    arrived = asyncio.Event()

    async def ring(payload: dict[str, Any]) -> None:
        arrived.set()

    jobs.register("ring", ring)
    worker = asyncio.create_task(jobs.Worker(jobs.DEFAULT_QUEUE, 1).run())
    try:
        await jobs.enqueue("ring", {})
        await asyncio.wait_for(arrived.wait(), jobs.POLL_SECONDS - 1)
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert not await Job.all().exists()


@pytest.mark.parametrize("turns", range(5))
async def test_a_worker_told_to_stop_while_it_wakes_stops(started: Runtime, turns: int) -> None:
    worker = asyncio.create_task(jobs.Worker(jobs.DEFAULT_QUEUE, 1).run())
    await asyncio.sleep(0.05)  # It has looked for work, found none, and waits.
    started.bus.publish(f"jobs:{jobs.DEFAULT_QUEUE}", {})
    for _ in range(turns):
        await asyncio.sleep(0)
    worker.cancel()
    done, _ = await asyncio.wait([worker], timeout=1)
    assert done == {worker}


async def test_pauses_grow_up_to_the_longest() -> None:
    retry = jobs.Retry(base=4, longest=100)
    assert 3 <= retry.pause(1) <= 5
    assert 75 <= retry.pause(12) <= 125


async def test_a_fact_and_the_work_it_causes_are_written_together(started: Runtime) -> None:
    done: list[events.PostPublished] = []
    heard: list[events.PostPublished] = []

    async def handler(event: events.PostPublished) -> None:
        done.append(event)

    events.subscribe(events.PostPublished, "test_subscriber", handler)
    stop = events.listen(events.PostPublished, heard.append)
    try:
        with pytest.raises(RuntimeError, match="transaction"):
            await events.record(events.PostPublished(1))
        with pytest.raises(ValueError, match="undo"):
            async with db.transaction():
                await events.record(events.PostPublished(2))
                raise ValueError("undo")
        async with db.transaction():
            await events.record(events.PostPublished(3))
            assert heard == []
        assert heard == [events.PostPublished(3)]
        await run_jobs()
        assert done == [events.PostPublished(3)]
    finally:
        stop()
        events._subscribers[events.PostPublished].remove("test_subscriber")
