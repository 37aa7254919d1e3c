"""The `heliograph` command.

Everything heavy is imported by the command that needs it: help is quick, and a server does not carry the tools around.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli import (
    aliases,
    announcements,
    delivery,
    domain_lists,
    domains,
    emojis,
    jobs,
    media,
    relays,
    rules,
    users,
)

app = typer.Typer(
    name="heliograph",
    help="A federated photo-sharing server. Settings come from HELIOGRAPH_* variables and heliograph.toml;"
    " 'heliograph doctor --settings' shows them all.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(users.app, name="user")
app.add_typer(aliases.app, name="alias")
app.add_typer(domains.app, name="domain")
domain_lists.add_to(domains.app)
app.add_typer(relays.app, name="relay")
app.add_typer(delivery.app, name="delivery")
app.add_typer(announcements.app, name="announcement")
app.add_typer(emojis.app, name="emoji")
app.add_typer(jobs.app, name="jobs")
app.add_typer(media.app, name="media")
app.add_typer(rules.app, name="rule")

Host = Annotated[str | None, typer.Option(help="Address to listen on, in place of the setting.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port to listen on, in place of the setting; 0 picks a free one.")
]


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    web_only: Annotated[
        bool, typer.Option("--web-only", help="Leave the background work to worker processes.")
    ] = False,
) -> None:
    """Serve the node: web and background workers in one process. Stop it with Ctrl-C or SIGTERM."""
    _run(http=True, work=not web_only, host=host, port=port)


@app.command()
def web(host: Host = None, port: Port = None) -> None:
    """Serve web requests only; background work needs at least one 'heliograph worker' beside it."""
    _run(http=True, work=False, host=host, port=port)


@app.command()
def worker() -> None:
    """Work in the background only: jobs, received activities, deliveries, upkeep."""
    _run(http=False, work=True, host=None, port=None)


def _run(*, http: bool, work: bool, host: str | None, port: int | None) -> None:
    from node import serve as serving
    from node.errors import KeysUnreadable
    from node.settings import SettingsError

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        serving.run(serving.Role(http=http, work=work), **given)
    except (SettingsError, serving.CannotStart, KeysUnreadable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@app.command()
def migrate() -> None:
    """Bring the database to the newest shape. 'serve', 'web' and 'worker' do it by themselves when they start."""
    import asyncio

    from node import db
    from node.cli.session import known_settings

    settings = known_settings()
    asyncio.run(db.migrate(settings))
    typer.echo("The database is up to date.")


@app.command()
def doctor(
    settings: Annotated[
        bool, typer.Option("--settings", help="Print every setting, secrets masked, and stop.")
    ] = False,
    sample_config: Annotated[
        bool, typer.Option("--sample-config", help="Print a heliograph.toml with every setting described, and stop.")
    ] = False,
) -> None:
    """Examine the node: what is configured, reachable or missing, and how to mend it.

    Ends with status 1 when something is broken.
    """
    if sample_config:
        from node.configuration import sample_file

        typer.echo(sample_file(), nl=False)
        return
    from node.cli import report
    from node.cli.session import known_settings

    known = known_settings()
    if settings:
        report.print_settings(known)
        return
    if not report.examine_and_print(known):
        raise typer.Exit(1)


@app.command()
def demo(
    keep: Annotated[
        Path | None, typer.Option(help="Folder for the two nodes' data, kept afterwards; else a temporary one.")
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder of photographs to post; else pictures are drawn."),
    ] = None,
) -> None:
    """Start two nodes on this machine and play a story between them over HTTP. Status 1 if any step fails."""
    from node.demo import play

    raise typer.Exit(play(keep, photos))


def main() -> None:
    """What the `heliograph` script calls."""
    app(prog_name="heliograph")
