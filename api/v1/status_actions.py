"""What people do with posts: like, share, keep; and who did."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import documented
from api.entities import account, status
from api.entities.account import Account
from api.entities.status import Status
from api.me import my_id
from api.pagination import ACCOUNTS, STATUSES, link_header, page_of_request
from api.responses import json_list, json_response
from api.v1.statuses import audience
from node.errors import NotFound
from node.queries import accounts, statuses, timelines
from node.services import bookmarks, likes, pins, shares, thread_mutes

blueprint = Blueprint("status_actions", __name__)


class ShareParameters(msgspec.Struct):
    """Who sees the share; as wide as the post allows when left out."""

    visibility: str | None = None


@blueprint.post("/api/v1/statuses/<id:status_id>/favourite")
@requires("write:favourites")
@documented(Status, errors=(404,))
async def favourite(status_id: int) -> Response:
    """Like a post."""
    actor = await acting_account()
    like = await likes.like(actor, status_id)
    return json_response(await status.one(like.post_id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unfavourite")
@requires("write:favourites")
@documented(Status, errors=(404,))
async def unfavourite(status_id: int) -> Response:
    """Take a like back."""
    actor = await acting_account()
    await likes.unlike(actor, status_id)
    shown = await _original(status_id, actor.id)
    return json_response(await status.one(shown, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/reblog")
@requires("write:statuses")
@documented(Status, body=ShareParameters, errors=(404, 422))
async def reblog(status_id: int) -> Response:
    """Share a post; answers with the share."""
    wanted = await params.read(ShareParameters)
    actor = await acting_account()
    share = await shares.share(actor, status_id, visibility=audience(wanted.visibility))
    return json_response(await status.one(share.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unreblog")
@requires("write:statuses")
@documented(Status, errors=(404,))
async def unreblog(status_id: int) -> Response:
    """Take a share back; answers with the post that was shared."""
    actor = await acting_account()
    shown = await _original(status_id, actor.id)
    await shares.unshare(actor, shown)
    return json_response(await status.one(shown, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/bookmark")
@requires("write:bookmarks")
@documented(Status, errors=(404,))
async def bookmark(status_id: int) -> Response:
    """Keep a post."""
    actor = await acting_account()
    kept = await bookmarks.keep(actor, status_id)
    return json_response(await status.one(kept.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unbookmark")
@requires("write:bookmarks")
@documented(Status, errors=(404,))
async def unbookmark(status_id: int) -> Response:
    """No longer keep a post."""
    actor = await acting_account()
    await bookmarks.drop(actor, status_id)
    shown = await _original(status_id, actor.id)
    return json_response(await status.one(shown, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/pin")
@requires("write:accounts")
@documented(Status, errors=(404, 422))
async def pin(status_id: int) -> Response:
    """Show one of the caller's own posts first on their profile."""
    actor = await acting_account()
    pinned = await pins.pin(actor, status_id)
    return json_response(await status.one(pinned.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unpin")
@requires("write:accounts")
@documented(Status, errors=(404,))
async def unpin(status_id: int) -> Response:
    """No longer show a post first."""
    actor = await acting_account()
    post = await pins.unpin(actor, status_id)
    return json_response(await status.one(post.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/mute")
@requires("write:mutes")
@documented(Status, errors=(404,))
async def mute(status_id: int) -> Response:
    """Be told nothing more about the thread of a post."""
    actor = await acting_account()
    post = await thread_mutes.mute(actor, status_id)
    return json_response(await status.one(post.id, actor.id))


@blueprint.post("/api/v1/statuses/<id:status_id>/unmute")
@requires("write:mutes")
@documented(Status, errors=(404,))
async def unmute(status_id: int) -> Response:
    """Be told about the thread of a post again."""
    actor = await acting_account()
    post = await thread_mutes.unmute(actor, status_id)
    return json_response(await status.one(post.id, actor.id))


async def _original(status_id: int, viewer: int | None) -> int:
    """The id of the post, or of the one it shares. Raises `NotFound` when the viewer may not see it."""
    row = await statuses.one(viewer, status_id)
    if row is None:
        raise NotFound
    return row.shared_id or row.id


@blueprint.get("/api/v1/statuses/<id:status_id>/favourited_by")
@allows("read:accounts")
@documented(list[Account], paged=ACCOUNTS, errors=(404,))
async def favourited_by(status_id: int) -> Response:
    """Who likes a post, newest like first; nobody, where its author hides how many do."""
    page, viewer = page_of_request(ACCOUNTS), viewer_id()
    rows = await accounts.liked_by(viewer, await _original(status_id, viewer), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/statuses/<id:status_id>/reblogged_by")
@allows("read:accounts")
@documented(list[Account], paged=ACCOUNTS, errors=(404,))
async def reblogged_by(status_id: int) -> Response:
    """Who shared a post, newest share first."""
    page = page_of_request(ACCOUNTS)
    rows = await accounts.shared_by(viewer_id(), await _original(status_id, viewer_id()), page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/favourites")
@requires("read:favourites")
@documented(list[Status], paged=STATUSES)
async def favourites() -> Response:
    """What the caller likes."""
    page = page_of_request(STATUSES)
    rows = await timelines.favourites(my_id(), page)
    return json_list(await status.page(rows, my_id()), link_header([row.cursor for row in rows], page))


@blueprint.get("/api/v1/bookmarks")
@requires("read:bookmarks")
@documented(list[Status], paged=STATUSES)
async def kept() -> Response:
    """What the caller keeps."""
    page = page_of_request(STATUSES)
    rows = await timelines.bookmarks(my_id(), page)
    return json_list(await status.page(rows, my_id()), link_header([row.cursor for row in rows], page))
