"""`python -m benchmarks`: every scenario, warmed up, median of several runs, as a table and as JSON."""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks import films, pictures, scenarios
from benchmarks.peers import peers
from benchmarks.seed import Plan
from benchmarks.server import Node, node
from benchmarks.streams import StreamsFailed

HOSTS = 50
FOLLOWERS_PER_HOST = 10
INBOXES = HOSTS * FOLLOWERS_PER_HOST
SLOW_HOSTS = 5
SLOW_SECONDS = 1.0
STREAMS = 2000
QUEUED = 100_000


@dataclass(slots=True)
class Row:
    """One line of the table: the median of the runs beside what was aimed at."""

    name: str
    unit: str
    aim: str
    median: float = 0.0
    runs: list[float] = field(default_factory=list)
    error: str = ""
    skipped: str = ""


class Report:
    """Collects rows as they are measured."""

    def __init__(self, only: str, runs: int) -> None:
        self.rows: list[Row] = []
        self._only = only
        self.runs = runs

    def wants(self, name: str) -> bool:
        """Whether the scenario was asked for."""
        return self._only in name

    def skip(self, name: str, unit: str, aim: str, reason: str) -> None:
        """Say why something is not measured here."""
        if self.wants(name):
            self.rows.append(Row(name, unit, aim, skipped=reason))
            _print_row(self.rows[-1])

    def add(self, name: str, unit: str, aim: str, measure: Callable[[], float], *, warm_up: bool = True) -> None:
        """Measure once for warmth, then several times."""
        if not self.wants(name):
            return
        row = Row(name, unit, aim)
        try:
            if warm_up:
                measure()
            row.runs = [measure() for _ in range(self.runs)]
            row.median = statistics.median(row.runs)
        except (scenarios.Failed, StreamsFailed, OSError) as error:
            row.error = str(error)
        self.rows.append(row)
        _print_row(row)


def _print_row(row: Row) -> None:
    if row.skipped:
        sys.stdout.write(f"{row.name:<34} skipped: {row.skipped}\n")
        return
    value = row.error or f"{row.median:,.2f}" if row.median < 100 else f"{row.median:,.0f}"
    sys.stdout.write(f"{row.name:<34} {value:>12} {row.unit:<8} aim {row.aim}\n")
    sys.stdout.flush()


def reads(report: Report, running: Node) -> None:
    """The hot reads."""
    report.add("home page of 20", "/s", ">= 1800", scenarios.home(running))
    report.add("home page of 20, p99", "ms", "<= 25", scenarios.home_p99(running))
    report.add("one status, anonymous", "/s", ">= 4000", scenarios.status(running))
    report.add("one status, signed in", "/s", ">= 4000", scenarios.status_signed_in(running))
    report.add("public timeline", "/s", ">= 2060", scenarios.public_timeline(running))
    report.add("public timeline, signed in", "/s", ">= 1500", scenarios.public_signed_in(running))
    report.add("hashtag timeline", "/s", ">= 2060", scenarios.tag(running))
    report.add("profile timeline", "/s", ">= 2060", scenarios.profile(running))
    report.add("home, filters and mutes", "/s", ">= 1500", scenarios.particular_home(running))
    report.add("list timeline", "/s", ">= 900", scenarios.list_timeline(running))
    report.add("notifications page", "/s", ">= 1200", scenarios.notifications(running, "v1"))
    report.add("notifications page, grouped", "/s", ">= 900", scenarios.notifications(running, "v2"))
    report.add("40 comments of a post", "/s", ">= 800", scenarios.context(running))
    report.add("relationships to 20 people", "/s", ">= 1500", scenarios.relationships(running))
    report.add("actor document", "/s", ">= 3750", scenarios.actor(running))
    report.add("webfinger", "/s", ">= 10900", scenarios.webfinger(running))


def writes(report: Report, running: Node) -> None:
    """Posting and the inbox."""
    report.add("posting, 50 local accounts", "/s", ">= 150", scenarios.posting(running))
    processed: list[float] = []

    def accepted() -> float:
        run = scenarios.inbox(running)
        processed.append(run.processed)
        return run.accepted

    report.add("inbox, accepted", "/s", ">= 1000", accepted)
    report.add(
        "inbox, processed",
        "/s",
        ">= 300",
        lambda: processed.pop(1) if len(processed) > 1 else processed[0],
        warm_up=False,
    )


def photographs(report: Report, running: Node) -> None:
    """Uploads, edits and previews."""
    report.add("12-megapixel upload", "s", "<= 0.5", lambda: pictures.upload(running, pictures.jpeg()))
    report.add("24-megapixel HEIC upload", "s", "-", lambda: pictures.upload(running, pictures.heic()))
    report.add("12-megapixel tone and filter", "s", "<= 0.5", pictures.edit(running))
    report.add("preview of 1080 px, all effects", "ms", "<= 100", pictures.preview(running))
    report.add("home page beside ten uploads", "%", ">= 70", pictures.reads_beside_uploads(running))
    name, reason = "variants, by vipsthumbnail's time", pictures.why_not_vips()
    if reason:
        report.skip(name, "x", "-", reason)
    else:
        report.add(name, "x", "-", pictures.against_vips)


def made_films(report: Report) -> None:
    """A film of a minute made playable, with a filter and without: some minutes for each run."""
    figures: dict[str, tuple[str, Callable[[films.Times], float]]] = {
        "1080p film, seconds a second": ("s/s", lambda run: films.SECONDS / run.made),
        "1080p film, by ffmpeg's time": ("x", lambda run: run.made / run.by_hand),
        "1080p film, cost of a filter": ("x", lambda run: run.filtered / run.made),
        "1080p film, playable already": ("s", lambda run: run.stripped),
        "1080p film, a look at a moment": ("s", lambda run: run.still),
    }
    if not any(map(report.wants, figures)):
        return
    with films.drawn() as film:
        runs = [films.measure(film) for _ in range(report.runs)]
    for name, (unit, figure) in figures.items():
        report.add(name, unit, "-", functools.partial(next, map(figure, runs)), warm_up=False)


def fan_out(report: Report, slow: int, database_url: str) -> None:
    """One post to 500 inboxes on 50 hosts."""
    name = "500 deliveries, 50 hosts" + (f", {slow} slow" if slow else "")
    if not report.wants(name):
        return
    with peers(HOSTS, slow=slow, delay=SLOW_SECONDS if slow else 0.0) as hosts:
        plan = Plan(people=2, posts_each=1, hosts=hosts.addresses, followers_per_host=FOLLOWERS_PER_HOST, senders=0)
        with node(plan, database_url=database_url) as running:
            aim = "45 quick hosts <= 1.2x" if slow else "<= 0.6"
            report.add(name, "s", aim, lambda: scenarios.fan_out(running, hosts, INBOXES).quick)


def drain(report: Report, database_url: str) -> None:
    """A node that comes back to a long queue."""
    name = f"{QUEUED:,} deliveries drain"
    if not report.wants(name):
        return
    with peers(HOSTS) as hosts:
        plan = Plan(people=2, posts_each=1, hosts=hosts.addresses, senders=0, deliveries=QUEUED)
        with node(plan, database_url=database_url, start=False) as running:
            drained: list[scenarios.Drained] = []

            def rate() -> float:
                drained[:] = drained or [scenarios.drain(running, QUEUED)]
                return drained[0].rate

            report.add(f"{name}, rate", "/s", ">= 500", rate, warm_up=False)
            if drained:
                report.add(f"{name}, memory grown", "MB", "<= 50", lambda: drained[0].grown, warm_up=False)


def open_streams(report: Report, database_url: str) -> None:
    """One post to 2,000 followers who all have a stream open, and what an idle stream weighs."""
    name = f"event to {STREAMS:,} streams"
    if not (report.wants(name) or report.wants("memory per stream")):
        return
    with node(Plan(people=STREAMS + 1, posts_each=0, senders=0), database_url=database_url) as running:
        report.add(name, "s", "<= 2", lambda: scenarios.event_to_all(running))
        for words, kind in (("event stream", "events"), ("WebSocket", "socket")):
            report.add(
                f"memory per stream, {words}", "kB", "-", functools.partial(scenarios.weight_of_stream, running, kind)
            )


def start_and_weigh(report: Report, running: Node) -> None:
    """Start-up and memory. The node is started anew for each run."""

    def start() -> float:
        running.stop()
        return running.start()

    report.add("first answer after start", "s", "<= 1.5", start)
    if running.process is None:
        running.start()
    time.sleep(3)
    report.add("memory, idle", "MB", "<= 130", running.memory_mb, warm_up=False)


def main() -> int:
    """Run what was asked for; the exit status is 1 when a scenario could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="run the scenarios whose name contains this")
    parser.add_argument("--runs", type=int, default=3, help="measured runs of each scenario, after one for warmth")
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite otherwise")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results.json"), help="where the figures go")
    options = parser.parse_args()
    report = Report(options.only, options.runs)
    with node(Plan(), database_url=options.database_url, start=False) as running:
        start_and_weigh(report, running)
        reads(report, running)
        writes(report, running)
        photographs(report, running)
        if report.wants("memory, after load"):
            report.add("memory, after load", "MB", "<= 200", running.memory_mb, warm_up=False)
    made_films(report)
    fan_out(report, 0, options.database_url)
    fan_out(report, SLOW_HOSTS, options.database_url)
    drain(report, options.database_url)
    open_streams(report, options.database_url)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.system()}
    options.json.write_text(
        json.dumps({"machine": machine, "rows": [asdict(row) for row in report.rows]}, indent=1) + "\n"
    )
    return 1 if any(row.error for row in report.rows) else 0


if __name__ == "__main__":
    raise SystemExit(main())
