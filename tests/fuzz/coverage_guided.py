"""Atheris on one target, for as long as its own options say: `python -m tests.fuzz.coverage_guided markup -runs=100000`.

Half of the inputs it makes are its own, half are made as `mutations` does, which knows JSON.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["activitypub", "federation", "media", "node.text", "node.services", "node.queries"]
):
    from tests.fuzz.mutations import inputs
    from tests.fuzz.targets import TARGETS, attempt


def main() -> None:
    """Give it the seeds as its corpus and let it run; it ends the process."""
    target = TARGETS[sys.argv[1].replace("_", " ")]
    corpus = Path(tempfile.mkdtemp(prefix="heliograph-fuzz-"))
    seeds = target.seeds()
    for number, seed in enumerate(seeds):
        (corpus / f"{number:05}").write_bytes(seed)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            made: bytes = atheris.Mutate(data, most)
            return made
        return next(inputs([data, chance.choice(seeds)], chance))[:most]

    options = [*sys.argv[2:], "-timeout=5", "-rss_limit_mb=1024", str(corpus)]
    atheris.Setup([sys.argv[0], *options], lambda data: attempt(target, data), custom_mutator=mutated)
    atheris.Fuzz()


main()
