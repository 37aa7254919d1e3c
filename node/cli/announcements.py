"""`heliograph announcement …`: what everybody here is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from node.cli.session import moment, on_the_node, table

app = typer.Typer(help="What everybody here is told.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Its number, as 'heliograph announcement list' shows it.", metavar="ID")]
Text = Annotated[str, typer.Argument(help="What to tell; @names, #hashtags, links and :emojis: work as in posts.")]
Starts = Annotated[datetime | None, typer.Option(help="When what it tells about begins (UTC).")]
Ends = Annotated[datetime | None, typer.Option(help="When that is over (UTC); then it is taken back.")]
AllDay = Annotated[bool, typer.Option("--all-day", help="Only the days of these moments matter.")]


@app.command()
def publish(text: Text, starts: Starts = None, ends: Ends = None, all_day: AllDay = False) -> None:
    """Tell everybody here."""

    async def work() -> None:
        from node.services import announcements

        published = await announcements.publish(
            announcements.Notice(text, starts_at=_utc(starts), ends_at=_utc(ends), all_day=all_day)
        )
        typer.echo(str(published.id))

    on_the_node(work)


@app.command()
def edit(announcement: Number, text: Text, starts: Starts = None, ends: Ends = None, all_day: AllDay = False) -> None:
    """Put other words, and other moments, in the place of an announcement's."""

    async def work() -> None:
        from node.services import announcements

        await announcements.edit(
            announcement, announcements.Notice(text, starts_at=_utc(starts), ends_at=_utc(ends), all_day=all_day)
        )
        typer.echo(str(announcement))

    on_the_node(work)


@app.command("list")
def list_announcements() -> None:
    """Show the newest announcements."""

    async def work() -> list[list[str]]:
        from node.services import announcements

        return [
            [str(known.id), moment(known.published_at), moment(known.ends_at), " ".join(known.text.split())[:80]]
            for known in await announcements.latest()
        ]

    table("Announcements", ["id", "published", "ends", "text"], on_the_node(work))


@app.command("take-back")
def take_back(announcement: Number) -> None:
    """Show an announcement to nobody any more."""

    async def work() -> None:
        from node.services import announcements

        await announcements.take_back(announcement)
        typer.echo(f"{announcement}: taken back")

    on_the_node(work)


def _utc(written: datetime | None) -> datetime | None:
    return written.replace(tzinfo=UTC) if written is not None else None
