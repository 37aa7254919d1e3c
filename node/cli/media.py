"""`heliograph media …`: what is kept of other servers' files and of each account's, and the sheet of filters."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli import contact_sheet
from node.cli.session import on_the_node, table

app = typer.Typer(
    help="Files: those of other servers that are kept here, how much each account keeps, filters.", no_args_is_help=True
)

contact_sheet.add_to(app)

MEGABYTE = 1024 * 1024


@app.command()
def usage(limit: Annotated[int, typer.Option(min=1, max=1000, help="How many domains to show.")] = 20) -> None:
    """Show how much is kept, and of which domains."""

    async def work() -> list[list[str]]:
        from node.services import remote_media

        files, size = await remote_media.total()
        rows = [
            [found.domain, str(found.files), f"{found.bytes / MEGABYTE:.1f} MB", str(found.failed)]
            for found in await remote_media.usage(limit)
        ]
        return [*rows, ["all", str(files), f"{size / MEGABYTE:.1f} MB", ""]] if rows else []

    table("Files of other servers", ["domain", "files", "size", "not to be had"], on_the_node(work))


@app.command()
def prune(
    days: Annotated[
        int | None, typer.Option(min=0, help="Remove what nobody looked at for so many days; else as the settings say.")
    ] = None,
    megabytes: Annotated[
        int | None, typer.Option(min=0, help="Keep so much at most; else as the settings say.")
    ] = None,
) -> None:
    """Remove kept files of other servers now; who looks at one again has it fetched again."""

    async def work() -> int:
        from node.runtime import runtime
        from node.services import remote_media

        settings = runtime().settings.media
        return await remote_media.prune(
            days=settings.remote_keep_days if days is None else days,
            most_bytes=settings.remote_keep_bytes if megabytes is None else megabytes * MEGABYTE,
        )

    typer.echo(f"{on_the_node(work)} removed; the files go as soon as the server finds the time")


@app.command()
def quota(
    username: Annotated[str, typer.Argument(help="Whose.", metavar="USER")],
    megabytes: Annotated[
        int | None,
        typer.Option(min=0, max=10**9, help="Let them keep so much, whatever the settings say; 0 is without end."),
    ] = None,
    default: Annotated[bool, typer.Option("--default", help="Have the setting count for them again.")] = False,
) -> None:
    """Show how much an account keeps, or give it a limit of its own."""

    async def work() -> str:
        from node.services import members, quotas

        account = (await members.find(username)).account
        if default or megabytes is not None:
            await quotas.allow(account.id, None if default or megabytes is None else megabytes * MEGABYTE)
        found = await quotas.of(account.id)
        limit = "without end" if found.limit is None else f"{found.limit / MEGABYTE:.1f} MB"
        return f"{username}: {found.used / MEGABYTE:.1f} MB of {limit}"

    typer.echo(on_the_node(work))


@app.command()
def forget(domain: Annotated[str, typer.Argument(help="Whose files to remove.", metavar="DOMAIN")]) -> None:
    """Remove all that is kept of one domain."""

    async def work() -> int:
        from node.services import remote_media

        return await remote_media.forget(domain)

    typer.echo(f"{on_the_node(work)} removed")
