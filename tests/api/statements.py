"""Counting the statements a request needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.connection import get_connection

from node import db

NOTES_OF_USE = "UPDATE access_tokens SET last_used_at"
"""Written in batches, whenever their time has come."""


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL of every statement run in the block, hand-written or Tortoise's."""
    seen: list[str] = []
    client: Any = type(get_connection("default"))
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (db, "fetch_all"),
            (db, "execute"),
            (client, "execute_query"),
            (client, "execute_query_dict"),
        ):
            patch.setattr(owner, name, _counting(getattr(owner, name), seen, is_method=owner is client))
        yield seen


def _counting(original: Any, seen: list[str], *, is_method: bool) -> Any:
    async def counting(*arguments: Any, **named: Any) -> Any:
        statement = str(arguments[1 if is_method else 0])
        if NOTES_OF_USE not in statement:
            seen.append(statement)
        return await original(*arguments, **named)

    return counting
