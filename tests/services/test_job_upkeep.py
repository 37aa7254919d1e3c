"""Failed jobs and waiting deliveries, as the admin sees them."""

from __future__ import annotations

from datetime import timedelta

from node import clock
from node.models.federation import Delivery, OutgoingActivity, RemoteHost
from node.models.jobs import FAILED, WAITING, Job
from node.runtime import Runtime
from node.services import job_upkeep


async def failed_job() -> Job:
    """A job that was given up."""
    return await Job.create(queue="default", kind="send_mail", state=FAILED, attempts=9, run_at=clock.now(), error="no")


async def test_only_the_failed_jobs_that_are_named_are_tried_again(started: Runtime) -> None:
    first, second = await failed_job(), await failed_job()
    assert await job_upkeep.retry([first.id, 1]) == 1
    await first.refresh_from_db()
    await second.refresh_from_db()
    assert (first.state, first.attempts) == (WAITING, 0)
    assert second.state == FAILED
    assert await job_upkeep.counts() == [(FAILED, "default", 1), (WAITING, "default", 1)]


async def test_dropping_all_leaves_what_still_waits(started: Runtime) -> None:
    await failed_job()
    waiting = await failed_job()
    await job_upkeep.retry([waiting.id])
    assert await job_upkeep.drop(None) == 1
    assert [job.id for job in await Job.all()] == [waiting.id]


async def test_deliveries_are_counted_by_host_the_most_first(started: Runtime) -> None:
    activity = await OutgoingActivity.create(account_id=1, uri="https://here.example/1", body=b"{}", digest="")
    paused = clock.now().replace(microsecond=0) + timedelta(hours=1)
    await RemoteHost.create(host="busy.example", failures=3, paused_until=paused)
    for host, failed in (("busy.example", False), ("busy.example", True), ("calm.example", False)):
        await Delivery.create(
            activity=activity, inbox_url=f"https://{host}/inbox", host=host, next_attempt_at=clock.now(), failed=failed
        )
    busy, calm = await job_upkeep.deliveries_by_host(10)
    assert (busy.name, busy.waiting, busy.given_up, busy.failures, busy.paused_until) == (
        "busy.example",
        1,
        1,
        3,
        paused,
    )
    assert (calm.name, calm.waiting, calm.given_up, calm.failures, calm.paused_until) == ("calm.example", 1, 0, 0, None)
    assert [host.name for host in await job_upkeep.deliveries_by_host(1)] == ["busy.example"]
