"""Home, public, hashtag and link timelines."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import documented
from api.entities import status
from api.entities.status import Status
from api.me import my_id
from api.pagination import STATUSES, Page, link_header, page_of_request
from api.responses import json_list
from node.errors import NotFound
from node.queries import timelines
from node.queries.statuses import StatusRow
from node.services import links, lists, presence
from node.text import clean_line, hashtag_name

blueprint = Blueprint("timelines", __name__)

MAX_TAGS = 4
"""Further hashtags of each kind, as Mastodon allows."""


class TimelineParameters(msgspec.Struct):
    """Which of everybody's posts."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


class TagParameters(TimelineParameters):
    """Further hashtags: any of, all of, none of."""

    any: list[str] = []
    all: list[str] = []
    none: list[str] = []


class LinkParameters(TimelineParameters):
    """Which page the posts link to."""

    url: str = ""


@blueprint.get("/api/v1/timelines/home")
@requires("read:statuses")
@documented(list[Status], paged=STATUSES)
async def home() -> Response:
    """What those the caller follows posted, and the caller's own."""
    page = page_of_request(STATUSES)
    if not presence.is_fresh(my_id()):
        await presence.arrived(await acting_account())
    return await _answer(await timelines.home(my_id(), page), page)


@blueprint.get("/api/v1/timelines/list/<id:list_id>")
@requires("read:lists")
@documented(list[Status], paged=STATUSES, errors=(404,))
async def of_list(list_id: int) -> Response:
    """What those on one of the caller's lists posted."""
    page = page_of_request(STATUSES)
    if not presence.is_fresh(my_id()):
        await presence.arrived(await acting_account())
    rows = await timelines.of_list(my_id(), list_id, page)
    if not rows:
        await lists.own(my_id(), list_id)
    return await _answer(rows, page)


@blueprint.get("/api/v1/timelines/public")
@allows("read:statuses")
@documented(list[Status], query=TimelineParameters, paged=STATUSES)
async def public() -> Response:
    """Everybody's public posts, or only those of this server, or of others."""
    page = page_of_request(STATUSES)
    return await _answer(await public_rows(viewer_id(), params.read_query(TimelineParameters), page), page)


@blueprint.get("/api/v1/timelines/tag/<name>")
@allows("read:statuses")
@documented(list[Status], query=TagParameters, paged=STATUSES)
async def tag(name: str) -> Response:
    """Public posts with a hashtag."""
    page = page_of_request(STATUSES)
    return await _answer(await tag_rows(viewer_id(), name, params.read_query(TagParameters), page), page)


@blueprint.get("/api/v1/timelines/link")
@allows("read:statuses")
@documented(list[Status], query=LinkParameters, paged=STATUSES, errors=(404,))
async def link() -> Response:
    """Public posts that link to a page; 404 when none does."""
    page = page_of_request(STATUSES)
    wanted = params.read_query(LinkParameters)
    origin = timelines.Origin(wanted.local, wanted.remote)
    key = links.address_key(wanted.url)
    rows = await timelines.link(viewer_id(), key, page, origin, only_media=wanted.only_media)
    if not rows and not await links.is_known(wanted.url):
        raise NotFound
    return await _answer(rows, page)


async def public_rows(viewer: int | None, wanted: TimelineParameters, page: Page) -> list[StatusRow]:
    """The rows of a page of the public timeline."""
    origin = timelines.Origin(wanted.local, wanted.remote)
    return await timelines.public(viewer, page, origin, only_media=wanted.only_media)


async def tag_rows(viewer: int | None, name: str, wanted: TagParameters, page: Page) -> list[StatusRow]:
    """The rows of a page of a hashtag's timeline."""
    tagged = timelines.Tagged(
        hashtag_name(clean_line(name)), _names(wanted.any), _names(wanted.all), _names(wanted.none)
    )
    origin = timelines.Origin(wanted.local, wanted.remote)
    return await timelines.hashtag(viewer, tagged, page, origin, only_media=wanted.only_media)


def _names(written: list[str]) -> list[str]:
    return [hashtag_name(name) for name in written[:MAX_TAGS] if hashtag_name(name)]


async def _answer(rows: list[StatusRow], page: Page) -> Response:
    return json_list(await status.page(rows, viewer_id()), link_header([row.cursor for row in rows], page))
