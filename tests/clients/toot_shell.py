"""A shell in which toot is loaded once: each line names a command, which runs in a process of its own, forked from here.

Started with toot on the path; a line is `{"words": […], "typed": "…"}` in JSON, and so is what comes back:
`{"status": 0, "out": "…", "errors": "…"}`. Most of what a command takes is the start of Python and its imports.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any


def ran(words: list[str], typed: str) -> dict[str, Any]:
    """What a command printed, and how it ended."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        source.write(typed.encode())
        source.seek(0)
        process = os.fork()
        if process == 0:
            for number, file in enumerate((source, out, errors)):
                os.dup2(file.fileno(), number)
            become(words)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        for file in (out, errors):
            file.seek(0)
        return {"status": status, "out": out.read().decode(), "errors": errors.read().decode()}


def become(words: list[str]) -> None:
    """Be the command, to its end."""
    status: Any = 1
    try:
        sys.argv = ["toot", *words]
        cli()
    except SystemExit as ended:
        status = ended.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    from toot.cli import cli  # type: ignore[import-not-found]

    for line in iter(sys.stdin.readline, ""):
        print(json.dumps(ran(**json.loads(line))), flush=True)
