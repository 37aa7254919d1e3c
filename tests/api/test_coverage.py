"""What of other servers' API is served: the table in the documentation tells the truth."""

from __future__ import annotations

from api.openapi import coverage
from tests.api.client import Node


async def test_the_table_of_what_is_served_is_true(node: Node) -> None:
    assert coverage.TABLE.read_text() == coverage.table(node.app), "run `python -m api.openapi.coverage`"


def test_every_call_is_listed_once() -> None:
    found = [(call.method, call.path) for call in coverage.listed(coverage.REFERENCE.read_text())]
    assert len(found) == len(set(found)) > 300
