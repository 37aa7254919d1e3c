"""`docs/api-coverage.md`: every call of Mastodon's and Pixelfed's API, served here or not, and why.

The calls are listed in `docs/api-reference.tsv` (method, path, since when, why not); whether one is served is read
from the application's own map. `python -m api.openapi.coverage` writes the table anew; a test compares.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quart import Quart

import api.routes
from api.openapi.surface import calls
from node.settings import load_settings

DOCS: Final = Path(__file__).parents[2] / "docs"
REFERENCE: Final = DOCS / "api-reference.tsv"
TABLE: Final = DOCS / "api-coverage.md"

_INTRODUCTION: Final = """# Coverage of the client API

Every call of Mastodon's client API and of Pixelfed's extensions, and whether this server answers it. Most of Pixelfed's
calls under `/api/v1.1/` are answered under `/api/pixelfed/v1/` too. What each call takes and answers is described at
`/api/docs` of a running server.

This file is written by `python -m api.openapi.coverage` from the routes of the application: do not edit it.
"""
_NOT_YET: Final = "Not there yet."


@dataclass(frozen=True, slots=True)
class Listed:
    """A call somebody else's server answers."""

    section: str
    method: str
    path: str
    since: str
    why_not: str


def listed(text: str) -> Iterator[Listed]:
    """The calls of the reference list. Raises `ValueError` for a line that is none."""
    section = ""
    for line in text.splitlines():
        if line.startswith("# "):
            section = line.removeprefix("# ")
            continue
        methods, path, since, why_not = (*line.split("\t"), "", "")[:4]
        if not path.startswith("/"):
            raise ValueError(f"not a call: {line}")
        for method in methods.split(","):
            yield Listed(section, method, path, since, why_not)


def table(app: Quart) -> str:
    """The whole table for the routes of `app`."""
    known = [(call.method, call.path) for call in calls(app)]
    served = {(method, _shape(path)) for method, path in known}
    swallowing = [(method, _pattern(path)) for method, path in _with_tails(app)]
    sections: dict[str, list[Listed]] = {}
    for call in listed(REFERENCE.read_text()):
        sections.setdefault(call.section, []).append(call)
    named: set[tuple[str, str]] = set()
    lines: list[str] = []
    counts: dict[str, list[int]] = {}
    for section, found in sections.items():
        lines += ["", f"## {section}", "", "| Call | Since | Served |", "|---|---|---|"]
        for call in found:
            key = (call.method, _shape(call.path))
            is_served = key in served or any(
                method == call.method and pattern.fullmatch(call.path) for method, pattern in swallowing
            )
            named.add(key)
            tally = counts.setdefault(section.partition(":")[0], [0, 0])
            tally[0] += is_served
            tally[1] += 1
            verdict = "yes" if is_served else f"no: {call.why_not or _NOT_YET}"
            lines.append(f"| `{call.method} {call.path}` | {call.since} | {verdict} |")
    ours = [f"| `{method} {path}` |" for method, path in known if (method, _shape(path)) not in named]
    lines += ["", "## Further calls of this server", "", "| Call |", "|---|", *ours]
    totals = [f"- {name}: {yes} of {every} calls" for name, (yes, every) in counts.items()]
    return "\n".join([_INTRODUCTION, *totals, *lines, ""])


def _shape(path: str) -> str:
    """A path whose variables have no names."""
    return re.sub(r"(?<=/):[a-z_]+|\{[a-z_]+\}", "*", path.rstrip("/"))


def _with_tails(app: Quart) -> list[tuple[str, str]]:
    """Calls whose last variable stands for any number of steps."""
    return [(call.method, call.path) for call in calls(app) if any(kind == "path" for _, kind in call.variables)]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[a-z_]+\\\}", ".+", re.escape(path)))


def main() -> None:
    """Write the table."""
    app = Quart("heliograph")
    with tempfile.TemporaryDirectory() as folder:
        api.routes.register(app, load_settings(data_dir=Path(folder)))
    TABLE.write_text(table(app))


if __name__ == "__main__":
    main()
