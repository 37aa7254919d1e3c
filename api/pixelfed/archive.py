"""The archive: posts their author put away."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import status
from api.entities.status import Status
from api.me import my_id
from api.pagination import Page
from api.pixelfed.paths import served
from api.responses import json_response
from node.queries import timelines
from node.runtime import runtime
from node.services import archive

blueprint = Blueprint("pixelfed_archive", __name__)

PAGE = 10


class ArchiveCursor(msgspec.Struct):
    """`cursor` as the page before gave it."""

    cursor: int | None = None


class ArchiveLinks(msgspec.Struct, frozen=True):
    """Where the next page is."""

    first: str | None = None
    last: str | None = None
    prev: str | None = None
    next: str | None = None


class ArchiveMeta(msgspec.Struct, frozen=True):
    """Which page this is."""

    path: str
    per_page: int
    next_cursor: str | None
    prev_cursor: str | None = None


class ArchivePage(msgspec.Struct, frozen=True):
    """Archived posts, newest first."""

    data: list[Status]
    links: ArchiveLinks
    meta: ArchiveMeta


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
@documented(ArchivePage, query=ArchiveCursor)
async def index() -> Response:
    """What the caller put away."""
    wanted = params.read_query(ArchiveCursor)
    rows = await timelines.archive(my_id(), Page(PAGE, max_id=wanted.cursor))
    following = str(rows[-1].cursor) if len(rows) == PAGE else None
    path = f"{runtime().settings.base_url}{request.path}"
    return json_response(
        b'{"data":[%b],"links":%b,"meta":%b}'
        % (
            b",".join(await status.page(rows, my_id())),
            msgspec.json.encode(ArchiveLinks(next=f"{path}?cursor={following}" if following else None)),
            msgspec.json.encode(ArchiveMeta(path, PAGE, following)),
        )
    )
