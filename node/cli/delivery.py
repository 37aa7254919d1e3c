"""`heliograph delivery …`: what waits for which server, why, and what is done about it."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.session import moment, on_the_node, operator, table

app = typer.Typer(help="What goes to other servers.", no_args_is_help=True)

Host = Annotated[str, typer.Argument(help="A host, as 'delivery hosts' shows it.", metavar="HOST")]


@app.command()
def status() -> None:
    """Show how much waits, and whether sending is paused."""

    async def work() -> list[list[str]]:
        from node.models.fields import from_milliseconds
        from node.services import deliveries

        waiting, failed = await deliveries.totals()
        hold = await deliveries.held()
        paused = f"since {moment(from_milliseconds(hold.since))}: {hold.reason}" if hold else "no"
        return [["waiting", str(waiting)], ["given up", str(failed)], ["paused", paused]]

    table("Deliveries", ["", ""], on_the_node(work))


@app.command()
def pause(reason: Annotated[str, typer.Option(help="Why, for the other admins.")] = "") -> None:
    """Send nothing until 'delivery resume'; what happens meanwhile waits."""

    async def work() -> None:
        from node.services import audit, deliveries

        why = reason.strip()[:500] or deliveries.BY_HAND
        async with audit.decision(await operator(), "pause", deliveries.AUDITED, None, why):
            await deliveries.hold(why)

    on_the_node(work)
    typer.echo("Deliveries are paused.")


@app.command()
def resume() -> None:
    """Send again; also after the database was restored from a backup, which pauses sending by itself."""

    async def work() -> None:
        from node.services import audit, deliveries

        async with audit.decision(await operator(), "resume", deliveries.AUDITED):
            await deliveries.resume()

    on_the_node(work)
    typer.echo("Deliveries go out again.")


@app.command()
def hosts(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 100,
    after: Annotated[str, typer.Option(help="Show those behind this name.")] = "",
) -> None:
    """Show for which servers something waits or was given up, and why."""

    async def work() -> list[list[str]]:
        from node.models.fields import from_milliseconds
        from node.services import deliveries

        def at(value: int | None) -> str:
            return moment(None if value is None else from_milliseconds(value))

        return [
            [
                *(found.host, str(found.waiting), str(found.failed), str(found.failures)),
                *(at(found.failing_since), at(found.next_try_at), found.last_error[:80]),
            ]
            for found in await deliveries.hosts(limit, after=after)
        ]

    columns = ["host", "waiting", "given up", "failures in a row", "first failure", "next try", "last error"]
    table("Hosts", columns, on_the_node(work))


@app.command()
def retry(host: Host) -> None:
    """Send all that waits for a server, or was given up, now and as if it were new."""

    async def work() -> int:
        from node.services import audit, deliveries, domains

        name = domains.normalise(host)
        async with audit.decision(await operator(), "retry", deliveries.AUDITED, None, name):
            return await deliveries.retry(name)

    typer.echo(f"{on_the_node(work)} deliveries will be tried now.")


@app.command()
def drop(host: Host) -> None:
    """Forget all that waits for a server or was given up."""

    async def work() -> int:
        from node.services import audit, deliveries, domains

        name = domains.normalise(host)
        async with audit.decision(await operator(), "drop", deliveries.AUDITED, None, name):
            return await deliveries.drop(name)

    typer.echo(f"{on_the_node(work)} deliveries are forgotten.")
