"""megalodon, the library of Fedistar and Whalebird, against a real node: all it offers works, means what it should, and fits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.clients.javascript import Troupe, failures_of, needs_node
from tests.e2e.nodes import running_node

pytestmark = [needs_node, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def troupe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Troupe]:
    """People on a running node, and somebody elsewhere."""
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        one, other = (stack.enter_context(running_node(folder / name)) for name in ("one", "other"))
        yield Troupe(one, other)


def test_everything_megalodon_offers_works_and_fits_its_types(troupe: Troupe) -> None:
    failures = failures_of("megalodon.mjs", troupe)
    assert not failures, "\n\n".join(failures)
