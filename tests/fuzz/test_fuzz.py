"""Whatever strangers send is read or refused, soon, and without eating the memory.

Some seconds in the normal run; `HELIOGRAPH_TEST_FUZZ=20` looks twenty times as long, `HELIOGRAPH_TEST_SEED` elsewhere.
"""

from __future__ import annotations

import os
import random
import resource
import time

import pytest

from tests.fuzz.mutations import inputs
from tests.fuzz.targets import TARGETS, attempt

TIMES = float(os.environ.get("HELIOGRAPH_TEST_FUZZ", 1))
SEED = int(os.environ.get("HELIOGRAPH_TEST_SEED", 20261124))
SECONDS_EACH = 2.5
"""Of processor time, for each target."""
LONGEST = 1.0
"""Of processor time, for one input."""
MOST_MEMORY = 200 * 1024
"""How much the process may grow, in KiB."""


@pytest.mark.timeout(120 + 20 * SECONDS_EACH * TIMES)
@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_is_read_or_refused_in_bounded_time_and_memory(name: str) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    for seed in seeds:
        attempt(target, seed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    end = time.process_time() + SECONDS_EACH * TIMES
    for number, data in enumerate(inputs(seeds, random.Random(f"{SEED} {name}"))):
        began = time.process_time()
        if began > end:
            break
        try:
            attempt(target, data)
        except Exception as error:
            raise AssertionError(f"seed {SEED}, input {number}: {data[:2000]!r}") from error
        took = time.process_time() - began
        assert took < LONGEST, f"seed {SEED}, input {number} took {took:.1f} s: {data[:2000]!r}"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < MOST_MEMORY
