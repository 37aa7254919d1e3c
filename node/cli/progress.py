"""How far long work is: a bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from node.services.at_once import Tell

LINE_EVERY = 5.0


@contextlib.contextmanager
def shown(title: str) -> Iterator[Tell]:
    """What hears how many are done, and of how many if that is known; it is shown on the error stream."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(title).tell
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


class _Lines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._next = time.monotonic() + LINE_EVERY

    def tell(self, done: int, total: int | None) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LINE_EVERY
        typer.echo(f"{self._title}: {done}" + (f" of {total}" if total is not None else ""), err=True)
