"""What `heliograph doctor` prints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from node.configuration import settings_in_force
from node.doctor import Verdict, examine

if TYPE_CHECKING:
    from node.settings import Settings

_COLOURS = {Verdict.GOOD: "green", Verdict.NOTE: "yellow", Verdict.BROKEN: "bold red"}


def print_settings(settings: Settings) -> None:
    """Every setting with its value (secrets masked), where that comes from and what it is for."""
    for setting in settings_in_force(settings):
        typer.echo(f"{typer.style(setting.variable, bold=True)} = {setting.value}  ({setting.source})")
        typer.echo(f"    {setting.description}")


def examine_and_print(settings: Settings) -> bool:
    """Examine the node and print what was found. Returns whether everything it needs works."""
    findings = asyncio.run(examine(settings))
    drawn = Table("part", "", Column("what was found", overflow="fold"), box=None, pad_edge=False)
    for finding in findings:
        what = f"{finding.what}\n→ {finding.remedy}" if finding.remedy else finding.what
        drawn.add_row(finding.part, f"[{_COLOURS[finding.verdict]}]{finding.verdict}[/]", escape(what))
    Console().print(drawn)
    return not any(finding.verdict is Verdict.BROKEN for finding in findings)
