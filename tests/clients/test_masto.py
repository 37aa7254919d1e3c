"""masto.js, the library of Elk and Phanpy, against a real node: all it offers works, means what it should, and fits its types."""

from __future__ import annotations

import pytest

from tests.clients.javascript import Troupe, failures_of, needs_node

pytestmark = [needs_node, pytest.mark.timeout(300)]


def test_everything_masto_offers_works_and_fits_its_types(troupe: Troupe) -> None:
    failures = failures_of("masto.mjs", troupe)
    assert not failures, "\n\n".join(failures)
