"""megalodon, the library of Fedistar and Whalebird, against a real node: all it offers works, means what it should, and fits."""

from __future__ import annotations

import pytest

from tests.clients.javascript import Troupe, failures_of, needs_node

pytestmark = [needs_node, pytest.mark.timeout(300)]


def test_everything_megalodon_offers_works_and_fits_its_types(troupe: Troupe) -> None:
    failures = failures_of("megalodon.mjs", troupe)
    assert not failures, "\n\n".join(failures)
