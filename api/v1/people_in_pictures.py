"""People tagged in pictures: their consent, and the posts they are seen in. Ours."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import Empty, documented
from api.entities import status
from api.entities.encoding import encode, iso
from api.entities.status import Status
from api.me import my_id, my_user_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import NotFound
from node.queries import people_in_pictures as rows
from node.queries import relationships, statuses
from node.services import accounts as account_service
from node.services import people_in_pictures

blueprint = Blueprint("people_in_pictures", __name__)


class TagConsent(msgspec.Struct):
    """By whom the caller lets themselves be tagged in pictures: `everybody`, `following` (those they follow),
    `by_hand` (each waits until they agree) or `nobody`."""

    allow: str = ""


class TagRequest(msgspec.Struct, frozen=True):
    """Somebody wants to tag the caller in a picture: which, and where in it."""

    id: str
    created_at: str
    media_id: str
    x: float
    y: float
    status: Status


@blueprint.get("/api/v1/accounts/<id:account_id>/tagged")
@allows("read:statuses")
@documented(list[Status], paged=STATUSES, errors=(404,))
async def posts_with(account_id: int) -> Response:
    """The posts with pictures somebody is tagged in, as far as the caller may see them."""
    viewer, page = viewer_id(), page_of_request(STATUSES)
    shown = await account_service.get(account_id)
    if shown.suspended_at is not None or (viewer is not None and await relationships.blocks(account_id, viewer)):
        raise NotFound
    found = await rows.posts_with(viewer, account_id, page)
    return json_list(await status.page(found, viewer), headers=link_header([row.cursor for row in found], page))


@blueprint.get("/api/v1/picture_tags/consent")
@requires("read:accounts")
@documented(TagConsent)
async def consent() -> Response:
    """By whom the caller lets themselves be tagged."""
    return json_response(TagConsent(await people_in_pictures.wish_of(my_user_id())))


@blueprint.put("/api/v1/picture_tags/consent")
@requires("write:accounts")
@documented(TagConsent, body=TagConsent, errors=(422,))
async def change_consent() -> Response:
    """Say by whom one lets oneself be tagged. What is tagged already stays."""
    wanted = await params.read(TagConsent)
    await people_in_pictures.change_wish(my_user_id(), wanted.allow)
    return json_response(wanted)


@blueprint.get("/api/v1/picture_tags/requests")
@requires("read:statuses")
@documented(list[TagRequest], paged=STATUSES)
async def requests() -> Response:
    """What waits for the caller to agree, newest first."""
    page = page_of_request(STATUSES)
    waiting = await rows.waiting(my_id(), page)
    posts = await statuses.by_ids(my_id(), list({row.post_id for row in waiting}))
    bodies = await status.by_id(posts, my_id())
    found = [
        b'{"id":"%d","created_at":%b,"media_id":"%d","x":%b,"y":%b,"status":%b}'
        % (row.id, encode(iso(row.created_at)), row.media_id, encode(row.x), encode(row.y), bodies[row.post_id])
        for row in waiting
        if row.post_id in bodies
    ]
    return json_list(found, headers=link_header([row.id for row in waiting], page))


@blueprint.post("/api/v1/picture_tags/requests/<id:tag_id>/accept")
@requires("write:statuses")
@documented(Empty, errors=(404,))
async def accept(tag_id: int) -> Response:
    """Agree: the caller is shown in the picture from now on."""
    await people_in_pictures.answer(await acting_account(), tag_id, agrees=True)
    return empty()


@blueprint.post("/api/v1/picture_tags/requests/<id:tag_id>/reject")
@requires("write:statuses")
@documented(Empty, errors=(404,))
async def reject(tag_id: int) -> Response:
    """Refuse: the caller is not shown, and cannot be tagged there again."""
    await people_in_pictures.answer(await acting_account(), tag_id, agrees=False)
    return empty()


@blueprint.post("/api/v1/statuses/<id:status_id>/untag")
@requires("write:statuses")
@documented(Status, errors=(404,))
async def leave(status_id: int) -> Response:
    """Be tagged in no picture of a post any more, for good."""
    me = await acting_account()
    await people_in_pictures.leave(me, status_id)
    return json_response(await status.one(status_id, me.id))
