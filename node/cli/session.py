"""What every command needs: settings or a clear refusal, an open node, and its words passed on to the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from node.settings import Settings

Result = TypeVar("Result")


def known_settings() -> Settings:
    """The settings. Ends the command with status 2, naming each bad value, when they cannot be used."""
    from node.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def on_the_node(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run `work` with the node's parts open (no HTTP, no workers) and return what it returns.

    What it announces to other processes goes over Redis or, without Redis, as a job the server takes up within a
    second; the command waits for that while one is running, and says so when it takes longer.
    A refusal of a service ends the command with status 1 and its message.
    """
    settings = known_settings()
    return asyncio.run(_run(settings, work))


async def _run(settings: Settings, work: Callable[[], Awaitable[Result]]) -> Result:
    from media.storage import StoreUnavailable
    from node import app, db, leftovers, relay
    from node.errors import DomainError

    await db.migrate(settings)
    async with app.running(settings, work=False, keyless=True):
        with relay.overhearing() as announcements:
            try:
                result = await work()
            except DomainError as error:
                typer.echo(error.message, err=True)
                raise typer.Exit(1) from None
            except StoreUnavailable as error:
                typer.echo(str(error), err=True)
                raise typer.Exit(1) from None
        await relay.pass_on(announcements)
        if announcements and await leftovers.is_anyone_working(settings) and not await relay.are_heard():
            typer.echo("Done. The running server is busy and will take notice of it later.", err=True)
        return result


async def operator() -> int:
    """The account in whose name the log notes what is decided by command: the node's own."""
    from node import urls
    from node.models.accounts import Account

    return int((await Account.get(uri=urls.instance_actor())).id)


def moment(value: object) -> str:
    """A point in time as `2026-05-01 12:30 UTC`, a dash for none."""
    from datetime import datetime

    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else "–"


def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print rows under their columns; says so when there are none."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(f"{title}: none")
        return
    drawn = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        drawn.add_row(*row)
    Console(soft_wrap=True).print(drawn, markup=False)
