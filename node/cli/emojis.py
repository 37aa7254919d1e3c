"""`heliograph emoji …`: the custom emojis of this node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli.session import on_the_node, table

app = typer.Typer(help="The custom emojis of this node.", no_args_is_help=True)

Shortcode = Annotated[str, typer.Argument(help="The name without colons: letters, digits, underscores.")]


@app.command()
def add(
    shortcode: Shortcode,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A PNG, GIF or WebP of at most 256 kB.")],
    category: Annotated[str, typer.Option(help="Under which heading it stands in pickers.")] = "",
    hidden: Annotated[bool, typer.Option("--hidden", help="Leave it out of pickers.")] = False,
) -> None:
    """Add an emoji, or give one another picture."""

    async def work() -> None:
        from node.services import emojis

        emoji = await emojis.add(shortcode, file, category=category, visible_in_picker=not hidden)
        typer.echo(f":{emoji.shortcode}:")

    on_the_node(work)


@app.command("list")
def list_emojis() -> None:
    """Show every emoji of this node."""

    async def work() -> list[list[str]]:
        from node.services import emojis

        return [
            [
                emoji.shortcode,
                emoji.category or "–",
                "disabled" if emoji.disabled else "in pickers" if emoji.visible_in_picker else "hidden",
            ]
            for emoji in await emojis.all_own()
        ]

    table("Emojis", ["shortcode", "category", "standing"], on_the_node(work))


@app.command()
def change(
    shortcode: Shortcode,
    category: Annotated[str | None, typer.Option(help="Its new heading in pickers; empty for none.")] = None,
    hidden: Annotated[bool | None, typer.Option("--hidden/--shown", help="Leave it out of pickers, or not.")] = None,
    disabled: Annotated[
        bool | None, typer.Option("--disabled/--enabled", help="Show its name in its place, or show it again.")
    ] = None,
) -> None:
    """Move an emoji to another category, hide it from pickers, or switch it off."""

    async def work() -> None:
        from node.services import emojis

        visible = None if hidden is None else not hidden
        await emojis.change(shortcode, category=category, visible_in_picker=visible, disabled=disabled)
        typer.echo(f":{shortcode}: changed")

    on_the_node(work)


@app.command()
def remove(shortcode: Shortcode) -> None:
    """Take an emoji away; where it was used, its name stands."""

    async def work() -> None:
        from node.services import emojis

        await emojis.remove(shortcode)
        typer.echo(f":{shortcode}: removed")

    on_the_node(work)
