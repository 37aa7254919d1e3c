"""`heliograph alias …`: accounts elsewhere that are the same person's, and may move here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.session import on_the_node, table

if TYPE_CHECKING:
    from node.models.accounts import Account

app = typer.Typer(help="Accounts elsewhere that are the same person's, and may move here.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="User name or e-mail address.", metavar="NAME")]
Other = Annotated[str, typer.Argument(help="Handle or ActivityPub id of the other account.", metavar="ACCOUNT")]


@app.command("list")
def list_aliases(name: Name) -> None:
    """Show which other accounts somebody has named as their own."""

    async def work() -> list[list[str]]:
        from node.services import aliases, members

        account = (await members.find(name)).account
        known = await aliases.accounts_of(account)
        return [[f"@{known[uri].acct}" if uri in known else "–", uri] for uri in account.also_known_as]

    table("Aliases", ["handle", "id"], on_the_node(work))


@app.command()
def add(name: Name, other: Other) -> None:
    """Name another account as somebody's own, so that it may move here."""

    async def work() -> str:
        from node.services import aliases, members

        account, found = (await members.find(name)).account, await _found(other)
        await aliases.add(account, found)
        return f"@{found.acct} may move to @{account.username}."

    typer.echo(on_the_node(work))


@app.command()
def remove(name: Name, other: Other) -> None:
    """Take an alias back."""

    async def work() -> None:
        from node.services import aliases, members

        account = (await members.find(name)).account
        uri = other if other in account.also_known_as else (await _found(other)).uri
        await aliases.remove(account, uri)

    on_the_node(work)
    typer.echo(f"{other} is no alias any more.")


async def _found(other: str) -> Account:
    """The account, asked of its server when need be. Raises `Invalid`."""
    from federation import resolve
    from node.errors import Invalid

    try:
        if other.startswith(("https://", "http://")):
            return await resolve.resolve_actor(other)
        return await resolve.resolve_handle(other)
    except resolve.ResolveError as error:
        raise Invalid("account", f"could not be found ({error.reason})") from None
