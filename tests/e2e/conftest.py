"""Two nodes that run side by side, the directions between them, and two people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.databases import DATABASES
from tests.e2e.nodes import NodeProcess, running_node, until
from tests.e2e.person import Member, newcomer


@dataclass(frozen=True)
class TwoNodes:
    """Both nodes, seen from one direction: what happens `here` is to be shown `there`."""

    here: NodeProcess
    there: NodeProcess


@pytest.fixture(scope="module")
def both_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    """Two running nodes, on different databases where there are two kinds."""
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        one = stack.enter_context(running_node(folder / "one", DATABASES[0]))
        other = stack.enter_context(running_node(folder / "other", DATABASES[-1]))
        yield TwoNodes(one, other)


@pytest.fixture(scope="module", params=["one to other", "other to one"])
def nodes(request: pytest.FixtureRequest, both_nodes: TwoNodes) -> TwoNodes:
    """The two nodes, in each direction: each database sends, and each receives."""
    if request.param == "one to other":
        return both_nodes
    return TwoNodes(here=both_nodes.there, there=both_nodes.here)


@pytest.fixture(scope="module")
def anna(nodes: TwoNodes) -> Iterator[Member]:
    """An author, here."""
    member = newcomer(nodes.here, "anna")
    yield member
    member.close()


@pytest.fixture(scope="module")
def ben(nodes: TwoNodes, anna: Member) -> Iterator[Member]:
    """A reader, there: follows anna."""
    member = newcomer(nodes.there, "ben")
    member.follow(anna)
    until("ben follows anna", lambda: member.stands_with(anna)["following"])
    yield member
    member.close()
