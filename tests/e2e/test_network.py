"""A network of nodes that are killed and cut off while people do things: in the end all agree on what is so.

Three nodes in the normal run; `HELIOGRAPH_TEST_NETWORK=long` makes it twenty nodes, two hundred people and minutes, and
`HELIOGRAPH_TEST_NETWORK=8,48,600` so many nodes, people and deeds.
`HELIOGRAPH_TEST_SEED` plays a course of events again.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.network.cluster import running_network, wait_for_quiet
from tests.e2e.network.play import Play
from tests.e2e.network.verdict import Verdict


@dataclass(frozen=True)
class Size:
    """How much is played."""

    nodes: int
    people: int
    follows: int
    steps: int
    trouble_every: int
    patience: float


def _size(asked: str) -> Size:
    if not asked:
        return Size(3, 9, 14, 60, 25, 90)
    nodes, people, steps = (20, 200, 3000) if asked == "long" else map(int, asked.split(","))
    return Size(nodes, people, 2 * people, steps, 25, 900)


ASKED = os.environ.get("HELIOGRAPH_TEST_NETWORK", "")
IS_LONG = bool(ASKED)
SIZE = _size(ASKED)
SEED = 20261124


@pytest.mark.timeout(3600 if IS_LONG else 240)
def test_all_nodes_agree_in_the_end_and_none_knows_what_it_should_not(tmp_path: Path, sqlite_template: Path) -> None:
    seed = int(os.environ.get("HELIOGRAPH_TEST_SEED", 0)) or (random.randrange(1, 10**9) if IS_LONG else SEED)
    with running_network(tmp_path, sqlite_template, SIZE.nodes, SIZE.people) as (nodes, people):
        play = Play(nodes, people, seed)
        try:
            play.begin(SIZE.follows)
            play.go_on(SIZE.steps, SIZE.trouble_every)
            play.end()
            wait_for_quiet(nodes, SIZE.patience)
            wrong = Verdict(play.ledger, nodes, people).disagreements()
        except BaseException:
            print(f"seed {seed}", *play.ledger.history, sep="\n")
            raise
        report = "\n".join([f"seed {seed}", *play.ledger.history, *wrong])
        assert not wrong, report
