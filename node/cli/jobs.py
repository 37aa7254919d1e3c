"""`heliograph jobs …`: background work that failed, and what still waits to be delivered."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.session import moment, on_the_node, table

app = typer.Typer(help="Background work and deliveries.", no_args_is_help=True)

MOST_SHOWN = 500

Which = Annotated[list[int] | None, typer.Argument(help="Ids of failed jobs, as 'jobs list' shows them.")]
Every = Annotated[bool, typer.Option("--all", help="Every failed job.")]


@app.command("list")
def list_failed(limit: Annotated[int, typer.Option(min=1, max=MOST_SHOWN, help="How many at most.")] = 50) -> None:
    """Show jobs that were given up, newest first, and how many wait."""

    async def work() -> tuple[list[list[str]], list[list[str]]]:
        from node.models.jobs import FAILED, Job
        from node.services import job_upkeep

        failed = await Job.filter(state=FAILED).order_by("-id").limit(limit)
        rows = [[str(job.id), job.kind, str(job.attempts), moment(job.created_at), job.error[:200]] for job in failed]
        counts = [[state, queue, str(count)] for state, queue, count in await job_upkeep.counts()]
        return rows, counts

    rows, counts = on_the_node(work)
    table("Jobs", ["state", "queue", "how many"], counts)
    table("Failed jobs", ["id", "kind", "attempts", "since", "last error"], rows)


@app.command()
def retry(ids: Which = None, every: Every = False) -> None:
    """Try failed jobs again from the start."""
    chosen = _chosen(ids, every)

    async def work() -> int:
        from node.services import job_upkeep

        return await job_upkeep.retry(chosen)

    typer.echo(f"{on_the_node(work)} jobs will be tried again.")


@app.command()
def drop(ids: Which = None, every: Every = False) -> None:
    """Forget failed jobs."""
    chosen = _chosen(ids, every)

    async def work() -> int:
        from node.services import job_upkeep

        return await job_upkeep.drop(chosen)

    typer.echo(f"{on_the_node(work)} jobs are forgotten.")


@app.command()
def deliveries(limit: Annotated[int, typer.Option(min=1, max=MOST_SHOWN, help="How many hosts at most.")] = 50) -> None:
    """Show how many deliveries wait for each server, the most first."""

    async def work() -> list[list[str]]:
        from node.services import job_upkeep

        return [
            [host.name, str(host.waiting), str(host.given_up), str(host.failures), moment(host.paused_until)]
            for host in await job_upkeep.deliveries_by_host(limit)
        ]

    table("Deliveries", ["host", "waiting", "given up", "failures in a row", "paused until"], on_the_node(work))


def _chosen(ids: list[int] | None, every: bool) -> list[int] | None:
    if bool(ids) == every:
        raise typer.BadParameter("name the jobs, or say --all")
    return ids or None
