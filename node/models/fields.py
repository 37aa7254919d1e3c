"""Column types of our own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from node import clock
from node.ids import new_id


def to_milliseconds(moment: datetime) -> int:
    """Milliseconds since the epoch: how every moment stands in the tables."""
    return round(moment.timestamp() * 1000)


def from_milliseconds(value: int) -> datetime:
    """The aware UTC moment behind a column's integer."""
    return datetime.fromtimestamp(value / 1000, UTC)


class Moment(fields.BigIntField):
    """A point in time: an aware `datetime` in Python, an integer of milliseconds in either database.

    Integers compare and index alike in SQLite and PostgreSQL, so hand-written SQL needs no dialect.
    """

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        return to_milliseconds(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> Any:
        return from_milliseconds(value) if isinstance(value, int) else value


def created_at() -> Any:
    """A `Moment` column that is now unless told otherwise."""
    return Moment(default=clock.now)


class Identifier(fields.BigIntField):
    """The primary key of nearly every table: a time-ordered id (`node/ids.py`).

    INTEGER on SQLite, so that the key is the row's own address and no second tree is kept for it.
    """

    class _db_sqlite:  # noqa: N801 - the name Tortoise looks for
        SQL_TYPE = "INTEGER"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"primary_key": True, "generated": False, "default": new_id, **kwargs})
