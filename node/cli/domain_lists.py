"""`heliograph domain import …` and what else concerns lists of domains: drafts are made, looked at, decided on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from node.cli.session import moment, on_the_node, operator, table

Draft = Annotated[int, typer.Argument(help="The number of a draft.", metavar="DRAFT")]
Address = Annotated[str, typer.Argument(help="Where the list is.", metavar="URL")]


class Kind(StrEnum):
    """What a list is of."""

    blocks = "blocks"
    allows = "allows"


Of = Annotated[Kind, typer.Option("--of", help="Whether it is a list of blocked or of allowed domains.")]


def add_to(app: typer.Typer) -> None:
    """Make these commands of `heliograph domain`."""
    app.command("export")(export)
    app.command("import")(import_list)
    app.command()(preview)
    app.command()(drafts)
    app.command()(approve)
    app.command()(reject)
    app.command()(subscribe)
    app.command()(unsubscribe)
    app.command()(subscriptions)


def export(of: Of = Kind.blocks) -> None:
    """Print the rules as the CSV that Mastodon exports and imports."""

    async def work() -> None:
        import csv
        import sys

        from node.services import domain_lists

        csv.writer(sys.stdout, lineterminator="\n").writerows(await domain_lists.written(of.value))

    on_the_node(work)


def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV, or a domain a line.")],
    of: Of = Kind.blocks,
) -> None:
    """Make a draft of a list and show what it would change; 'approve' lets it hold."""

    async def work() -> int | None:
        from node.services import list_drafts

        text = file.read_text("utf-8", "replace")
        draft = await list_drafts.import_list(await operator(), of.value, text, source=file.name)
        return draft.id if draft is not None else None

    number = on_the_node(work)
    if number is None:
        typer.echo("The list changes nothing.")
    else:
        preview(number)


def preview(draft: Draft) -> None:
    """Show what a draft would change, and how many follows that would end."""

    async def work() -> list[list[str]]:
        from node.queries import domain_losses
        from node.services import list_drafts

        await list_drafts.one(draft)
        losses = await domain_losses.of_domains(await list_drafts.suspending(draft))
        rows = []
        for entry in await list_drafts.entries(draft):
            loss = losses.get(entry.domain)
            ended = f"{loss.followers} followers, {loss.following} followed" if loss is not None else ""
            rows.append([entry.action, entry.domain, entry.severity, ended, entry.public_comment])
        return rows

    table(f"Draft {draft}", ["what", "domain", "severity", "follows lost", "reason"], on_the_node(work))


def drafts() -> None:
    """Show the drafts that wait to be decided on."""

    async def work() -> list[list[str]]:
        from node.models.domain_lists import WAITING, ListDraft

        waiting = await ListDraft.filter(state=WAITING).order_by("id").limit(200)
        return [[str(one.id), one.kind, one.source, moment(one.created_at)] for one in waiting]

    table("Drafts", ["number", "of", "from", "since"], on_the_node(work))


def approve(draft: Draft) -> None:
    """Let a draft hold; the server applies it in the background."""

    async def work() -> None:
        from node.services import list_drafts

        await list_drafts.approve(await operator(), draft)
        typer.echo("Approved.")

    on_the_node(work)


def reject(draft: Draft) -> None:
    """Let nothing of a draft hold."""

    async def work() -> None:
        from node.services import list_drafts

        await list_drafts.reject(await operator(), draft)
        typer.echo("Rejected.")

    on_the_node(work)


def subscribe(url: Address, of: Of = Kind.blocks) -> None:
    """Have a list read once a day; what it would change becomes a draft."""

    async def work() -> None:
        from node.services import list_drafts

        await list_drafts.subscribe(await operator(), url, of.value)
        typer.echo(f"{url}: read once a day from now on")

    on_the_node(work)


def unsubscribe(url: Address) -> None:
    """Have a list read no longer; what came from it and was approved stays."""

    async def work() -> None:
        from node.errors import NotFound
        from node.models.domain_lists import ListSubscription
        from node.services import list_drafts

        found = await ListSubscription.get_or_none(url=url)
        if found is None:
            raise NotFound()
        await list_drafts.unsubscribe(await operator(), found.id)
        typer.echo(f"{url}: not read any more")

    on_the_node(work)


def subscriptions() -> None:
    """Show the lists that are read once a day."""

    async def work() -> list[list[str]]:
        from node.models.domain_lists import ListSubscription

        found = await ListSubscription.all().order_by("id")
        return [[one.url, one.kind, moment(one.checked_at), one.error] for one in found]

    table("Lists", ["address", "of", "last read", "error"], on_the_node(work))
