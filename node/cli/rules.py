"""`heliograph rule …`: the rules of the house."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.session import on_the_node, table

app = typer.Typer(help="The rules of the house.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The rule's number, as 'heliograph rule list' shows it.", metavar="ID")]


@app.command()
def add(
    text: Annotated[str, typer.Argument(help="What everybody here agrees to, in a sentence.")],
    hint: Annotated[str, typer.Option(help="More about it.")] = "",
) -> None:
    """Lay down a rule; it becomes the last."""

    async def work() -> None:
        from node.services import rules

        rule = await rules.add(text, hint=hint)
        typer.echo(f"{rule.id}: {rule.text}")

    on_the_node(work)


@app.command("list")
def list_rules() -> None:
    """Show every rule, in order."""

    async def work() -> list[list[str]]:
        from node.services import rules

        return [
            [str(rule.id), str(rule.position), rule.text, ", ".join(sorted(rule.translations))]
            for rule in await rules.all_rules()
        ]

    table("Rules", ["id", "position", "text", "translations"], on_the_node(work))


@app.command()
def change(
    rule: Number,
    text: Annotated[str | None, typer.Option(help="The new words.")] = None,
    hint: Annotated[str | None, typer.Option(help="What more there is to say about it.")] = None,
    position: Annotated[int | None, typer.Option(help="Where it stands: smaller numbers come first.")] = None,
) -> None:
    """Word a rule anew, or move it."""

    async def work() -> None:
        from node.services import rules

        changed = await rules.change(rule, text=text, hint=hint, position=position)
        typer.echo(f"{changed.id}: {changed.text}")

    on_the_node(work)


@app.command()
def translate(
    rule: Number,
    language: Annotated[str, typer.Argument(help="A language tag, e.g. de or pt-BR.")],
    text: Annotated[str, typer.Argument(help="The rule in that language; empty takes the translation away.")],
    hint: Annotated[str, typer.Option(help="More about it, in that language.")] = "",
) -> None:
    """Say a rule in another language."""

    async def work() -> None:
        from node.services import rules

        await rules.translate(rule, language, text, hint=hint)
        typer.echo(f"{rule}: {language}")

    on_the_node(work)


@app.command()
def remove(rule: Number) -> None:
    """Withdraw a rule."""

    async def work() -> None:
        from node.services import rules

        await rules.remove(rule)
        typer.echo(f"{rule}: withdrawn")

    on_the_node(work)
