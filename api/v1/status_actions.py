"""What people do with posts: like, share, keep; and who did."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.entities import account, status
from api.me import my_id
from api.pagination import ACCOUNTS, STATUSES, link_header, page_of_request
from api.responses import json_list, json_response
from api.v1.statuses import audience
from node.errors import NotFound
from node.queries import accounts, statuses, timelines
from node.services import bookmarks, likes, shares

blueprint = Blueprint("status_actions", __name__)


class ShareParameters(msgspec.Struct):
    """Who sees the share; as wide as the post allows when left out."""

    visibility: str | None = None


@blueprint.post("/api/v1/statuses/<id:status_id>/favourite")
@requires("write:favourites")
async def favourite(status_id: int) -> Response:
    """Like a post."""
    actor = await acting_account()
    like = await likes.like(actor, status_id)
    return json_response(await status.one(like.post_id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unfavourite")
@requires("write:favourites")
async def unfavourite(status_id: int) -> Response:
    """Take a like back."""
    actor = await acting_account()
    await likes.unlike(actor, status_id)
    shown = await _original(status_id, actor.id)
    return json_response(await status.one(shown, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/reblog")
@requires("write:statuses")
async def reblog(status_id: int) -> Response:
    """Share a post; answers with the share."""
    wanted = await params.read(ShareParameters)
    actor = await acting_account()
    share = await shares.share(actor, status_id, visibility=audience(wanted.visibility))
    return json_response(await status.one(share.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unreblog")
@requires("write:statuses")
async def unreblog(status_id: int) -> Response:
    """Take a share back; answers with the post that was shared."""
    actor = await acting_account()
    shown = await _original(status_id, actor.id)
    await shares.unshare(actor, shown)
    return json_response(await status.one(shown, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/bookmark")
@requires("write:bookmarks")
async def bookmark(status_id: int) -> Response:
    """Keep a post."""
    actor = await acting_account()
    kept = await bookmarks.keep(actor, status_id)
    return json_response(await status.one(kept.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unbookmark")
@requires("write:bookmarks")
async def unbookmark(status_id: int) -> Response:
    """No longer keep a post."""
    actor = await acting_account()
    await bookmarks.drop(actor, status_id)
    shown = await _original(status_id, actor.id)
    return json_response(await status.one(shown, actor.id))


async def _original(status_id: int, viewer: int | None) -> int:
    """The id of the post, or of the one it shares. Raises `NotFound` when the viewer may not see it."""
    row = await statuses.one(viewer, status_id)
    if row is None:
        raise NotFound
    return row.shared_id or row.id


@blueprint.get("/api/v1/statuses/<id:status_id>/favourited_by")
@allows("read:accounts")
async def favourited_by(status_id: int) -> Response:
    """Who likes a post, newest like first."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.liked_by(viewer_id(), await _original(status_id, viewer_id()), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/statuses/<id:status_id>/reblogged_by")
@allows("read:accounts")
async def reblogged_by(status_id: int) -> Response:
    """Who shared a post, newest share first."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.shared_by(viewer_id(), await _original(status_id, viewer_id()), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/favourites")
@requires("read:favourites")
async def favourites() -> Response:
    """What the caller likes."""
    page = page_of_request(STATUSES)
    rows = await timelines.favourites(my_id(), page)
    return json_list(await status.page(rows, my_id()), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/bookmarks")
@requires("read:bookmarks")
async def kept() -> Response:
    """What the caller keeps."""
    page = page_of_request(STATUSES)
    rows = await timelines.bookmarks(my_id(), page)
    return json_list(await status.page(rows, my_id()), link_header([row.cursor for row in rows], page))
