"""Rows as models: pages of whole tables, for those who look after the node, and one row by its key."""

from __future__ import annotations

import functools
from typing import TypeVar

from tortoise.models import Model

from node import db
from node.queries.statuses import Page

Row = TypeVar("Row", bound=Model)


async def page_of_rows(model: type[Row], page: Page) -> list[Row]:
    """A page of all rows of a table whose key is `id`, newest first; two statements."""
    bounds, values = page.condition("x.id")
    rows = await db.fetch_all(
        f"SELECT x.id FROM {model._meta.db_table} x WHERE TRUE{bounds}{page.order('x.id')}", tuple(values)
    )
    numbers = [int(row[0]) for row in rows]
    return await model.filter(id__in=numbers).order_by("-id") if numbers else []


async def row_by_key(model: type[Row], key: int) -> Row | None:
    """What `model.get_or_none(id=key)` gives, for where that is asked all the time: the ORM words its statement anew
    each time, which takes several times as long as reading the row."""
    row = await db.fetch_one(_by_key(model), (key,))
    return None if row is None else model._init_from_db(**dict(row))


@functools.cache
def _by_key(model: type[Model]) -> str:
    columns = ", ".join(f'"{name}"' for name in model._meta.fields_db_projection.values())
    return f"SELECT {columns} FROM {model._meta.db_table} WHERE id = ?"
