"""The archive: posts their author put away."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import status
from api.entities.status import Status
from api.me import my_id
from api.pagination import Page
from api.pixelfed.cursor_pages import Cursor, PageLinks, PageMeta, cursor_page
from api.pixelfed.paths import served
from api.responses import json_response
from node.queries import timelines
from node.services import archive

blueprint = Blueprint("pixelfed_archive", __name__)

PAGE = 10


class ArchivePage(msgspec.Struct, frozen=True):
    """Archived posts, newest first."""

    data: list[Status]
    links: PageLinks
    meta: PageMeta


@served(blueprint, "POST", "/archive/add/<id:status_id>")
@requires("write:statuses")
@documented(list[int], errors=(404,))
async def add(status_id: int) -> Response:
    """Put one of the caller's own posts away: nobody else sees it any more. Answers `[200]`."""
    await archive.put_away(await acting_account(), status_id)
    return json_response(b"[200]")


@served(blueprint, "POST", "/archive/remove/<id:status_id>")
@requires("write:statuses")
@documented(list[int], errors=(404,))
async def remove(status_id: int) -> Response:
    """Take a post out of the archive: those who saw it before see it again. Answers `[200]`."""
    await archive.take_out(await acting_account(), status_id)
    return json_response(b"[200]")


@served(blueprint, "GET", "/archive/list")
@requires("read:statuses")
@documented(ArchivePage, query=Cursor)
async def index() -> Response:
    """What the caller put away."""
    rows = await timelines.archive(my_id(), Page(PAGE, max_id=params.read_query(Cursor).cursor))
    return cursor_page(await status.page(rows, my_id()), rows[-1].cursor if len(rows) == PAGE else None, PAGE)
