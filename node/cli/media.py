"""`heliograph media …`: the stored files, what is kept of each account's and other servers', and the sheet of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from node.cli import contact_sheet, progress
from node.cli.session import on_the_node, table

if TYPE_CHECKING:
    from node.services.named_files import Named
    from node.services.stock import Use, Verdict
    from node.services.store_moves import Moved

app = typer.Typer(
    help="Files: where they are, whether they are whole, how much each account keeps; other servers' files; filters.",
    no_args_is_help=True,
)

contact_sheet.add_to(app)

MEGABYTE = 1024 * 1024


@app.command()
def usage(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many accounts and domains to show.")] = 20,
) -> None:
    """Show how much lies in the store, of what kind, and of which accounts and domains."""

    async def work() -> tuple[list[tuple[str, str, list[Use]]], list[list[str]]]:
        from node.services import stock

        with progress.shown("Counting") as tell:
            async with stock.taken(tell) as taken:
                uses = [
                    ("Store", "shelf", taken.by_shelf()),
                    ("Kinds", "kind", taken.by_kind()),
                    ("Accounts", "account", taken.by_account(limit)),
                ]
        return uses, await _of_other_servers(limit)

    here, elsewhere = on_the_node(work)
    for title, column, uses in here:
        table(title, [column, "files", "size"], [[use.name, str(use.files), _size(use.bytes)] for use in uses])
    table("Files of other servers", ["domain", "files", "size", "not to be had"], elsewhere)


async def _of_other_servers(limit: int) -> list[list[str]]:
    from node.services import remote_media

    files, size = await remote_media.total()
    found = await remote_media.usage(limit)
    rows = [[one.domain, str(one.files), _size(one.bytes), str(one.failed)] for one in found]
    return [*rows, ["all", str(files), _size(size), ""]] if rows else []


def _size(count: int) -> str:
    return f"{count / MEGABYTE:.1f} MB"


@app.command()
def verify(
    quick: Annotated[
        bool, typer.Option("--quick", help="Look for the files and their sizes only, without reading them.")
    ] = False,
) -> None:
    """Find files that are missing, damaged (other than their checksum says) or belong to nobody.

    Ends with status 1 when something is missing or damaged that cannot be fetched again.
    """

    async def work() -> Verdict:
        from node.services import stock

        with progress.shown("Verifying") as tell:
            async with stock.taken(tell) as taken:
                return await taken.verify(tell, reads=not quick)

    found = on_the_node(work)
    for fault in found.faults:
        typer.echo(f"{fault.what}: {fault.named.key} ({_whose(fault.named)})")
    typer.echo(f"{found.named} files are named, {found.compared} of them were compared with their checksums.")
    if found.nobodys.files:
        size = _size(found.nobodys.bytes)
        typer.echo(
            f"{found.nobodys.files} files ({size}) are orphans: 'heliograph media prune --orphans' removes them."
        )
    if any(fault.named.is_of_here for fault in found.faults):
        raise typer.Exit(1)


def _whose(named: Named) -> str:
    owner = f" of {named.owner}" if named.owner else ""
    return f"{named.kind}{owner}, {named.table} {named.row_id}"


@app.command()
def move() -> None:
    """Bring the files from the former store to the present one, while the server runs. Cut off, it goes on where it was.

    First set HELIOGRAPH_MEDIA__STORAGE to the new place and HELIOGRAPH_MEDIA__FORMER_STORAGE to the old one (a folder,
    <data>/media by default, or a store) and restart the server, which then reads from both. When all is moved, take
    FORMER_STORAGE away. Ends with status 1 when something could not be moved.
    """

    async def work() -> Moved:
        from node.services import store_moves

        with progress.shown("Moving") as tell:
            return await store_moves.move(tell)

    moved = on_the_node(work)
    for key, reason in moved.failures.items():
        typer.echo(f"{key}: {reason}", err=True)
    typer.echo(f"{moved.files} files ({_size(moved.bytes)}) were moved")
    if moved.failures:
        raise typer.Exit(1)


@app.command()
def prune(
    days: Annotated[
        int | None, typer.Option(min=0, help="Remove what nobody looked at for so many days; else as the settings say.")
    ] = None,
    megabytes: Annotated[
        int | None, typer.Option(min=0, help="Keep so much at most; else as the settings say.")
    ] = None,
    orphans: Annotated[
        bool, typer.Option("--orphans", help="Remove instead what lies in the store and belongs to nothing.")
    ] = False,
) -> None:
    """Remove kept files of other servers now; who looks at one again has it fetched again."""

    async def work() -> str:
        from node.runtime import runtime
        from node.services import remote_media

        settings = runtime().settings.media
        removed = await remote_media.prune(
            days=settings.remote_keep_days if days is None else days,
            most_bytes=settings.remote_keep_bytes if megabytes is None else megabytes * MEGABYTE,
        )
        return f"{removed} removed; the files go as soon as the server finds the time"

    typer.echo(on_the_node(_prune_orphans if orphans else work))


async def _prune_orphans() -> str:
    from node.services import stock

    with progress.shown("Pruning") as tell:
        async with stock.taken(tell) as taken:
            removed = await taken.prune(tell)
    return f"{removed.files} files ({_size(removed.bytes)}) removed"


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
