"""Atheris on one target, for as long as its own options say: `python -m tests.fuzz.coverage_guided markup -runs=100000`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["activitypub", "federation", "media", "node.text"]):
    from tests.fuzz.targets import TARGETS, attempt


def main() -> None:
    """Give it the seeds as its corpus and let it run; it ends the process."""
    target = TARGETS[sys.argv[1].replace("_", " ")]
    corpus = Path(tempfile.mkdtemp(prefix="heliograph-fuzz-"))
    for number, seed in enumerate(target.seeds()):
        (corpus / f"{number:05}").write_bytes(seed)
    options = [*sys.argv[2:], "-timeout=5", "-rss_limit_mb=1024", str(corpus)]
    atheris.Setup([sys.argv[0], *options], lambda data: attempt(target, data))
    atheris.Fuzz()


main()
