"""Pages of whole tables, as admins get them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from quart import Response
from tortoise.models import Model

from api.pagination import TAGS, link_header, page_of_request
from api.responses import json_response
from node.queries.rows import page_of_rows

Row = TypeVar("Row", bound=Model)


async def page_of(model: type[Row], render: Callable[[Row], Any], sizes: tuple[int, int] = TAGS) -> Response:
    """The page of all rows that is asked for, newest first, each as `render` shows it."""
    page = page_of_request(sizes)
    rows = await page_of_rows(model, page)
    return json_response([render(row) for row in rows], headers=link_header([row.pk for row in rows], page))
