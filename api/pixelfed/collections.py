"""Collections of posts: albums."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import documented
from api.entities import album, status
from api.entities.album import Collection
from api.entities.status import Status
from api.ids import Id
from api.me import my_id
from api.pixelfed.paths import served
from api.responses import json_list, json_response
from node.errors import NotFound
from node.queries import albums as album_queries
from node.queries import statuses
from node.services import albums
from node.services.albums import AlbumChanges

blueprint = Blueprint("pixelfed_collections", __name__)

ALBUMS_A_PAGE = 9
POSTS_A_PAGE = 10
ALBUMS_OF_POST = 20
LAST_PAGE = 60


class PageNumber(msgspec.Struct):
    """Which page, from 1."""

    page: int = 1

    def offset(self, size: int) -> int:
        """How many come before this page."""
        return size * (min(max(self.page, 1), LAST_PAGE) - 1)


class CollectionParameters(msgspec.Struct):
    """`title` of up to 50 characters, `description` of up to 500; what is left out stays. `visibility`: `public`,
    `private` or `draft`. `cover_media_id`, ours, is an attachment of a post in the album; 0 has the first stand for it."""

    title: str | None = None
    description: str | None = None
    visibility: str | None = None
    cover_media_id: Id | None = None

    def changes(self) -> AlbumChanges:
        """In our words."""
        return AlbumChanges(self.title, self.description, self.visibility or None, self.cover_media_id)


class CollectionPost(msgspec.Struct):
    """A post and an album."""

    collection_id: Id
    post_id: Id


class CollectionOrder(msgspec.Struct):
    """The posts in the order they are to be shown."""

    post_ids: list[Id] = []


@served(blueprint, "GET", "/collections/accounts/<id:account_id>")
@allows("read:statuses")
@documented(list[Collection], query=PageNumber)
async def of_account(account_id: int) -> Response:
    """An account's albums, as far as the caller may see them, newest first: nine a page."""
    offset = params.read_query(PageNumber).offset(ALBUMS_A_PAGE)
    rows = await album_queries.of_account(viewer_id(), account_id, limit=ALBUMS_A_PAGE, offset=offset)
    return json_response(await album.render(rows, viewer_id()))


@served(blueprint, "GET", "/collections/self")
@requires("read:statuses")
@documented(list[Collection], query=PageNumber)
async def own() -> Response:
    """The caller's albums, newest first: nine a page."""
    offset = params.read_query(PageNumber).offset(ALBUMS_A_PAGE)
    rows = await album_queries.of_account(my_id(), my_id(), limit=ALBUMS_A_PAGE, offset=offset)
    return json_response(await album.render(rows, viewer_id()))


@served(blueprint, "GET", "/collections/view/<id:collection_id>")
@allows("read:statuses")
@documented(Collection, errors=(404,))
async def show(collection_id: int) -> Response:
    """One album."""
    return await _shown(collection_id)


@served(blueprint, "GET", "/collections/items/<id:collection_id>")
@allows("read:statuses")
@documented(list[Status], query=PageNumber, errors=(404,))
async def items(collection_id: int) -> Response:
    """The posts of an album in its order: ten a page."""
    offset = params.read_query(PageNumber).offset(POSTS_A_PAGE)
    if await album_queries.one(viewer_id(), collection_id) is None:
        raise NotFound
    rows = await album_queries.posts_in(viewer_id(), collection_id, limit=POSTS_A_PAGE, offset=offset)
    return json_list(await status.page(rows, viewer_id()))


@served(blueprint, "POST", "/collections/create")
@requires("write:statuses")
@documented(Collection, body=CollectionParameters, errors=(422,))
async def create() -> Response:
    """Make an album."""
    wanted = await params.read(CollectionParameters)
    made = await albums.create(await acting_account(), wanted.changes())
    return await _shown(made.id)


@served(blueprint, "POST", "/collections/update/<id:collection_id>")
@requires("write:statuses")
@documented(Collection, body=CollectionParameters, errors=(404, 422))
async def update(collection_id: int) -> Response:
    """Change one of the caller's albums."""
    wanted = await params.read(CollectionParameters)
    await albums.change(await acting_account(), collection_id, wanted.changes())
    return await _shown(collection_id)


@served(blueprint, "DELETE", "/collections/delete/<id:collection_id>")
@requires("write:statuses")
@documented(int, errors=(404,))
async def delete(collection_id: int) -> Response:
    """Remove an album; its posts stay. Answers `200`."""
    await albums.delete(await acting_account(), collection_id)
    return json_response(b"200")


@served(blueprint, "POST", "/collections/add")
@requires("write:statuses")
@documented(Status, body=CollectionPost, errors=(404, 422))
async def add() -> Response:
    """Put a post with pictures into one of the caller's albums, of up to a hundred: one of theirs, or somebody else's public
    one whose author lets them share it."""
    wanted = await params.read(CollectionPost)
    owner = await acting_account()
    post = await albums.add(owner, wanted.collection_id, wanted.post_id)
    return json_response(await status.one(post.id, owner.id))


@served(blueprint, "POST", "/collections/remove")
@requires("write:statuses")
@documented(int, body=CollectionPost, errors=(404,))
async def remove() -> Response:
    """Take a post out of one of the caller's albums, or a post of the caller's out of anybody's, for good. Answers `200`."""
    wanted = await params.read(CollectionPost)
    await albums.remove(await acting_account(), wanted.collection_id, wanted.post_id)
    return json_response(b"200")


@served(blueprint, "POST", "/collections/order/<id:collection_id>")
@requires("write:statuses")
@documented(Collection, body=CollectionOrder, errors=(404,))
async def order(collection_id: int) -> Response:
    """Put the posts of one of the caller's albums in order; those not named come after the others."""
    wanted = await params.read(CollectionOrder)
    await albums.put_in_order(await acting_account(), collection_id, wanted.post_ids)
    return await _shown(collection_id)


@blueprint.get("/api/v1/statuses/<id:status_id>/albums")
@allows("read:statuses")
@documented(list[Collection], errors=(404,))
async def of_post(status_id: int) -> Response:
    """The albums a post is in, as far as the caller may see them: the newest twenty."""
    if await statuses.one(viewer_id(), status_id) is None:
        raise NotFound
    rows = await album_queries.with_post(viewer_id(), status_id, limit=ALBUMS_OF_POST)
    return json_response(await album.render(rows, viewer_id()))


async def _shown(collection_id: int) -> Response:
    row = await album_queries.one(viewer_id(), collection_id)
    if row is None:
        raise NotFound
    return json_response((await album.render([row], viewer_id()))[0])
