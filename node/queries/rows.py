"""Pages of whole tables, for those who look after the node."""

from __future__ import annotations

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
