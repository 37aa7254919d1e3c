"""The periodic work of the services, in one list."""

from __future__ import annotations

from node import jobs
from node.services import account_removal, domains, mutes, timelines

HOUR = 3600.0
JOBS = (account_removal.PURGE, domains.SEVER)
"""What the services do in the background besides: modules register these kinds of job as they are imported."""


def schedule() -> None:
    """Have the workers of this process do it from now on."""
    jobs.every(HOUR, "trim_home_timelines", timelines.trim_all)
    jobs.every(HOUR, "drop_quiet_home_timelines", timelines.drop_quiet)
    jobs.every(HOUR, "remove_expired_mutes", mutes.remove_expired)
