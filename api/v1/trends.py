"""What is talked about just now."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, viewer_id
from api.documentation import documented
from api.entities import status, tag
from api.entities.status import Status
from api.entities.tag import Tag
from api.pagination import STATUSES, offset_links
from api.responses import json_list
from node.queries import hashtags as hashtag_queries
from node.queries import trends
from node.runtime import runtime

blueprint = Blueprint("trends", __name__)

HASHTAGS = LINKS = (10, 20)
GREATEST_OFFSET = 1_000


class TrendParameters(msgspec.Struct):
    """Which slice of the list."""

    limit: int | None = None
    offset: int = 0


class TrendingLink(msgspec.Struct, frozen=True):
    """A page many posts link to. Pages of others are not looked at here, so there are none."""

    url: str


@blueprint.get("/api/v1/trends")
@blueprint.get("/api/v1/trends/tags")
@allows("read")
@documented(list[Tag], query=TrendParameters)
async def hashtags() -> Response:
    """Hashtags more people use than before, the strongest first."""
    limit, offset = slice_of_request(HASHTAGS)
    settings = runtime().settings.trends
    names = (
        await trends.hashtags(needs_review=settings.needs_review, limit=limit, offset=offset)
        if settings.enabled
        else []
    )
    rows = await hashtag_queries.by_names(viewer_id(), names)
    shown = await tag.page(rows, signed_in=viewer_id() is not None)
    return json_list(shown, offset_links(len(names), limit, offset))


@blueprint.get("/api/v1/trends/statuses")
@allows("read")
@documented(list[Status], query=TrendParameters)
async def statuses() -> Response:
    """Posts many like and share just now, the strongest first."""
    limit, offset = slice_of_request(STATUSES)
    settings = runtime().settings.trends
    rows = (
        await trends.posts(viewer_id(), needs_review=settings.needs_review, limit=limit, offset=offset)
        if settings.enabled
        else []
    )
    return json_list(await status.page(rows, viewer_id()), offset_links(len(rows), limit, offset))


@blueprint.get("/api/v1/trends/links")
@allows("read")
@documented(list[TrendingLink], query=TrendParameters)
async def links() -> Response:
    """Pages many posts link to: none, since pages of others are not looked at here."""
    slice_of_request(LINKS)
    return json_list([])


def slice_of_request(sizes: tuple[int, int]) -> tuple[int, int]:
    """How many of a list paged by offset are wanted, and from where on; `sizes` are the default and greatest number."""
    wanted = params.read_query(TrendParameters)
    default, greatest = sizes
    limit = default if wanted.limit is None else min(max(wanted.limit, 1), greatest)
    return limit, min(max(wanted.offset, 0), GREATEST_OFFSET)
