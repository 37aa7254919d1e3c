"""Saved posts in folders. Mastodon's bookmarks are all of them, in folders or not."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import status
from api.entities.bookmark_folder import BookmarkFolder, render
from api.entities.status import Status
from api.ids import Id
from api.me import my_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import Invalid, NotFound
from node.queries import bookmark_folders as folders
from node.services import bookmark_folders

blueprint = Blueprint("bookmark_folders", __name__)

MAX_IDS = 40


class FolderParameters(msgspec.Struct):
    """What a folder is called."""

    name: str = ""


class FolderPosts(msgspec.Struct):
    """Which posts, up to 40."""

    status_ids: list[Id] = []

    def checked(self) -> list[Id]:
        """The ids. Raises `Invalid` for too many."""
        if len(self.status_ids) > MAX_IDS:
            raise Invalid("status_ids", f"are more than {MAX_IDS}", code="ERR_TOO_MANY")
        return self.status_ids


@blueprint.get("/api/v1/bookmark_folders")
@requires("read:bookmarks")
@documented(list[BookmarkFolder])
async def index() -> Response:
    """All folders of the caller's saved posts, in the order they were made."""
    return json_response([render(row) for row in await folders.of_account(my_id())])


@blueprint.post("/api/v1/bookmark_folders")
@requires("write:bookmarks")
@documented(BookmarkFolder, body=FolderParameters, errors=(422,))
async def create() -> Response:
    """Make a folder."""
    wanted = await params.read(FolderParameters)
    made = await bookmark_folders.create(await acting_account(), wanted.name)
    return await _shown(made.id)


@blueprint.get("/api/v1/bookmark_folders/<id:folder_id>")
@requires("read:bookmarks")
@documented(BookmarkFolder, errors=(404,))
async def show(folder_id: int) -> Response:
    """One of the caller's folders."""
    return await _shown(folder_id)


@blueprint.put("/api/v1/bookmark_folders/<id:folder_id>")
@requires("write:bookmarks")
@documented(BookmarkFolder, body=FolderParameters, errors=(404, 422))
async def rename(folder_id: int) -> Response:
    """Name a folder anew."""
    wanted = await params.read(FolderParameters)
    await bookmark_folders.rename(await acting_account(), folder_id, wanted.name)
    return await _shown(folder_id)


@blueprint.delete("/api/v1/bookmark_folders/<id:folder_id>")
@requires("write:bookmarks")
@documented(Empty, errors=(404,))
async def delete(folder_id: int) -> Response:
    """Remove a folder; what was in it stays saved."""
    await bookmark_folders.delete(await acting_account(), folder_id)
    return empty()


@blueprint.get("/api/v1/bookmark_folders/<id:folder_id>/statuses")
@requires("read:bookmarks")
@documented(list[Status], paged=STATUSES, errors=(404,))
async def posts(folder_id: int) -> Response:
    """What is in a folder, last put in first."""
    page = page_of_request(STATUSES)
    if await folders.one(my_id(), folder_id) is None:
        raise NotFound
    rows = await folders.posts_in(my_id(), folder_id, page)
    return json_list(await status.page(rows, my_id()), link_header([row.cursor for row in rows], page))


@blueprint.post("/api/v1/bookmark_folders/<id:folder_id>/statuses")
@requires("write:bookmarks")
@documented(Empty, body=FolderPosts, errors=(404, 422))
async def put_in(folder_id: int) -> Response:
    """Put posts into a folder; those that are not saved yet are saved."""
    wanted = await params.read(FolderPosts)
    await bookmark_folders.put_in(await acting_account(), folder_id, wanted.checked())
    return empty()


@blueprint.delete("/api/v1/bookmark_folders/<id:folder_id>/statuses")
@requires("write:bookmarks")
@documented(Empty, body=FolderPosts, errors=(404, 422))
async def take_out(folder_id: int) -> Response:
    """Take posts out of a folder; they stay saved."""
    wanted = await params.read(FolderPosts)
    await bookmark_folders.take_out(await acting_account(), folder_id, wanted.checked())
    return empty()


@blueprint.get("/api/v1/statuses/<id:status_id>/bookmark_folders")
@requires("read:bookmarks")
@documented(list[BookmarkFolder])
async def of_post(status_id: int) -> Response:
    """Which of the caller's folders a post is in."""
    return json_response([render(row) for row in await folders.of_account(my_id(), containing=status_id)])


async def _shown(folder_id: int) -> Response:
    row = await folders.one(my_id(), folder_id)
    if row is None:
        raise NotFound
    return json_response(render(row))
