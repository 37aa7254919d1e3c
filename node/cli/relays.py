"""`heliograph relay …`: servers that pass public posts on."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from node.cli.session import moment, on_the_node, operator, table

app = typer.Typer(help="Relays, which pass public posts on between servers.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="The relay's inbox, or its actor (litepub).", metavar="URL")]


class Kind(StrEnum):
    """What a relay speaks."""

    mastodon = "mastodon"
    litepub = "litepub"


@app.command()
def add(
    address: Address,
    kind: Annotated[
        Kind, typer.Option(help="mastodon: given by its inbox; litepub: given by its actor.")
    ] = Kind.mastodon,
) -> None:
    """Ask a relay to let this node in."""

    async def work() -> None:
        from node.services import relays

        await relays.add(await operator(), address, kind.value)
        typer.echo(f"{address}: asked")

    on_the_node(work)


@app.command()
def remove(address: Address) -> None:
    """Leave a relay and forget it."""

    async def work() -> None:
        from node.services import relays

        await relays.remove(await operator(), await _number(address))
        typer.echo(f"{address}: left")

    on_the_node(work)


@app.command()
def enable(address: Address) -> None:
    """Ask a relay again."""
    _switch(address, on=True)


@app.command()
def disable(address: Address) -> None:
    """Leave a relay, but keep it on the list."""
    _switch(address, on=False)


def _switch(address: str, *, on: bool) -> None:
    async def work() -> None:
        from node.services import relays

        relay = await relays.switch(await operator(), await _number(address), on=on)
        typer.echo(f"{relay.address}: {relay.state}")

    on_the_node(work)


@app.command("list")
def list_relays() -> None:
    """Show every relay and whether it has let this node in."""

    async def work() -> list[list[str]]:
        from node.models.relays import Relay

        return [[one.address, one.kind, one.state, moment(one.created_at)] for one in await Relay.all().order_by("id")]

    table("Relays", ["address", "kind", "state", "since"], on_the_node(work))


async def _number(address: str) -> int:
    from node.errors import NotFound
    from node.models.relays import Relay

    found = await Relay.get_or_none(address=address)
    if found is None:
        raise NotFound()
    return int(found.id)
