"""What is talked about, and what of it may be shown; the hashtags there are."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import documented
from api.entities.admin import trend
from api.entities.admin.trend import AdminTag, AdminTrendingStatus
from api.me import my_id
from api.pagination import STATUSES, TAGS, link_header, offset_links, page_of_request
from api.responses import json_list, json_response
from api.v1.admin.guard import READ, WRITE, moderator, staff
from api.v1.trends import HASHTAGS, LINKS, TrendingLink, TrendParameters, slice_of_request
from node.errors import NotFound
from node.queries import hashtag_reviews
from node.queries import hashtags as hashtag_queries
from node.queries import statuses as status_queries
from node.queries import trends as trend_queries
from node.queries.hashtags import HashtagRow
from node.services import audit, hashtags, trends
from node.services.roles import Permission

blueprint = Blueprint("admin_trends", __name__)

_TRENDS: Final = "/api/v1/admin/trends"
_TAGS: Final = "/api/v1/admin/tags"


class TagChanges(msgspec.Struct):
    """Whether a hashtag may be found, trend and be used, and how it is written; what is not named stays."""

    listable: bool | None = None
    trendable: bool | None = None
    usable: bool | None = None
    display_name: str | None = None


class Publisher(msgspec.Struct, frozen=True):
    """A website many posts link to. Pages of others are not looked at here, so there are none."""

    id: str
    domain: str
    trendable: bool | None
    reviewed_at: str | None
    requested_review_at: str | None
    requires_review: bool


@blueprint.get(f"{_TRENDS}/tags")
@staff(Permission.TAXONOMIES, READ)
@documented(list[AdminTag], query=TrendParameters)
async def trending_tags() -> Response:
    """Hashtags more people use than before, also those that are not shown, the strongest first."""
    limit, offset = slice_of_request(HASHTAGS)
    names = await trend_queries.hashtags(needs_review=False, limit=limit, offset=offset, everything=True)
    rows = await hashtag_queries.by_names(my_id(), names)
    return json_list(await trend.hashtags(rows), offset_links(len(names), limit, offset))


@blueprint.post(f"{_TRENDS}/tags/<id:hashtag_id>/approve")
@staff(Permission.TAXONOMIES, WRITE)
@documented(AdminTag, errors=(404,))
async def approve_tag(hashtag_id: int) -> Response:
    """Let a hashtag trend."""
    return await _review(hashtag_id, "approve", TagChanges(trendable=True))


@blueprint.post(f"{_TRENDS}/tags/<id:hashtag_id>/reject")
@staff(Permission.TAXONOMIES, WRITE)
@documented(AdminTag, errors=(404,))
async def reject_tag(hashtag_id: int) -> Response:
    """Let a hashtag not trend."""
    return await _review(hashtag_id, "reject", TagChanges(trendable=False))


@blueprint.get(f"{_TRENDS}/statuses")
@staff(Permission.TAXONOMIES, READ)
@documented(list[AdminTrendingStatus], query=TrendParameters)
async def trending_statuses() -> Response:
    """Posts many like and share just now, also those that are not shown, the strongest first."""
    limit, offset = slice_of_request(STATUSES)
    rows = await trend_queries.posts(my_id(), needs_review=False, limit=limit, offset=offset, everything=True)
    return json_list(await trend.statuses(rows, my_id()), offset_links(len(rows), limit, offset))


@blueprint.post(f"{_TRENDS}/statuses/<id:post_id>/approve")
@staff(Permission.TAXONOMIES, WRITE)
@documented(AdminTrendingStatus, errors=(404,))
async def approve_status(post_id: int) -> Response:
    """Let a post trend."""
    return await _review_post(post_id, "approve", trendable=True)


@blueprint.post(f"{_TRENDS}/statuses/<id:post_id>/reject")
@staff(Permission.TAXONOMIES, WRITE)
@documented(AdminTrendingStatus, errors=(404,))
async def reject_status(post_id: int) -> Response:
    """Let a post not trend."""
    return await _review_post(post_id, "reject", trendable=False)


@blueprint.get(f"{_TRENDS}/links")
@staff(Permission.TAXONOMIES, READ)
@documented(list[TrendingLink], query=TrendParameters)
async def trending_links() -> Response:
    """Pages many posts link to: none, since pages of others are not looked at here."""
    slice_of_request(LINKS)
    return json_list([])


@blueprint.get(f"{_TRENDS}/links/publishers")
@staff(Permission.TAXONOMIES, READ)
@documented(list[Publisher], paged=TAGS)
async def publishers() -> Response:
    """Websites many posts link to: none, since pages of others are not looked at here."""
    page_of_request(TAGS)
    return json_list([])


@blueprint.post(f"{_TRENDS}/links/<id:link_id>/approve")
@blueprint.post(f"{_TRENDS}/links/<id:link_id>/reject")
@staff(Permission.TAXONOMIES, WRITE)
@documented(TrendingLink, errors=(404,))
async def review_link(link_id: int) -> Response:
    """Decide about a page: there are none."""
    raise NotFound


@blueprint.post(f"{_TRENDS}/links/publishers/<id:publisher_id>/approve")
@blueprint.post(f"{_TRENDS}/links/publishers/<id:publisher_id>/reject")
@staff(Permission.TAXONOMIES, WRITE)
@documented(Publisher, errors=(404,))
async def review_publisher(publisher_id: int) -> Response:
    """Decide about a website: there are none."""
    raise NotFound


@blueprint.get(_TAGS)
@staff(Permission.TAXONOMIES, READ)
@documented(list[AdminTag], paged=TAGS)
async def listed() -> Response:
    """Every hashtag known here, newest first."""
    page = page_of_request(TAGS)
    rows = await hashtag_reviews.page_of_hashtags(my_id(), page)
    return json_list(await trend.hashtags(rows), link_header([row.id for row in rows], page))


@blueprint.get(f"{_TAGS}/<id:hashtag_id>")
@staff(Permission.TAXONOMIES, READ)
@documented(AdminTag, errors=(404,))
async def show(hashtag_id: int) -> Response:
    """One hashtag."""
    return await _answer(await _hashtag(hashtag_id))


@blueprint.put(f"{_TAGS}/<id:hashtag_id>")
@staff(Permission.TAXONOMIES, WRITE)
@documented(AdminTag, body=TagChanges, errors=(404, 422))
async def change(hashtag_id: int) -> Response:
    """Decide about a hashtag, and how it is written."""
    return await _review(hashtag_id, "update", await params.read(TagChanges))


async def _review(hashtag_id: int, action: str, changes: TagChanges) -> Response:
    me, row = await moderator(), await _hashtag(hashtag_id)
    async with audit.decision(me.account_id, action, "Tag", row.id, f"#{row.name}"):
        if changes.display_name is not None:
            await hashtags.spell(row.id, changes.display_name)
        await trends.review_hashtag(
            row.name, trendable=changes.trendable, listable=changes.listable, usable=changes.usable
        )
    return await _answer(await _hashtag(hashtag_id))


async def _review_post(post_id: int, action: str, *, trendable: bool) -> Response:
    me = await moderator()
    async with audit.decision(me.account_id, action, "Status", post_id, f"#{post_id}"):
        await trends.review_post(post_id, trendable=trendable)
    shown = await trend.statuses(await status_queries.whoever_looks(me.account_id, [post_id]), me.account_id)
    if not shown:
        raise NotFound
    return json_response(shown[0])


async def _hashtag(hashtag_id: int) -> HashtagRow:
    row = await hashtag_reviews.hashtag(my_id(), hashtag_id)
    if row is None:
        raise NotFound
    return row


async def _answer(row: HashtagRow) -> Response:
    (shown,) = await trend.hashtags([row])
    return json_response(shown)
