"""Two nodes on this machine play a story to each other over real HTTP, told as it happens."""

from __future__ import annotations

import tempfile
from pathlib import Path

__all__ = ["play"]

LOG_LINES = 15


def play(keep: Path | None, photos: Path | None) -> int:
    """Play the story; 0 if every step came out, else 1 and the reason. Data goes to `keep`, or is thrown away."""
    if keep is not None:
        return _play_in(keep.resolve(), photos)
    with tempfile.TemporaryDirectory(prefix="heliograph-demo-") as folder:
        return _play_in(Path(folder), photos)


def _play_in(folder: Path, photos: Path | None) -> int:
    from rich.console import Console
    from rich.markup import escape

    from node.demo.pictures import photographs
    from node.demo.stage import Stage, make_nodes
    from node.demo.story import STORY

    console = Console(soft_wrap=True)
    nodes = make_nodes(folder)
    stage = Stage(*nodes, photographs(photos), console)
    try:
        for number, step in enumerate(STORY, 1):
            console.print(f"\n[bold]{number:2}. {escape(step.__doc__ or step.__name__)}[/]", highlight=False)
            try:
                step(stage)
            except Exception as reason:  # whatever goes wrong is the end of the story, and is told
                console.print(f"   [bold red]✗[/] {escape(f'{type(reason).__name__}: {reason}')}", highlight=False)
                for node in nodes:
                    _show_end_of_log(console, node.data_dir.name, node.log)
                return 1
        console.print(f"\n[bold green]All {len(STORY)} steps came out as told.[/]")
        return 0
    finally:
        for node in nodes:
            node.close()


def _show_end_of_log(console: object, name: str, log: str) -> None:
    from rich.console import Console

    assert isinstance(console, Console)
    console.print(f"\nThe last lines of {name}:", highlight=False)
    console.print("\n".join(log.splitlines()[-LOG_LINES:]) or "(none)", markup=False, highlight=False)
