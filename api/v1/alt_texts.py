"""Reminders of alt texts, and the posts that lack them. Ours."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import requires
from api.documentation import documented
from api.entities import status
from api.entities.status import Status
from api.ids import Id
from api.me import my_id, my_user_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import json_list, json_response
from node.queries import alt_texts as pictures
from node.runtime import runtime
from node.services import alt_texts

blueprint = Blueprint("alt_texts", __name__)


class AltTextWish(msgspec.Struct):
    """What is to happen when a picture has no alt text: `off` (nothing), `warn` (apps say so before they post) or
    `require` (the post is refused)."""

    remind: str = ""


class PicturesToPost(msgspec.Struct):
    """What is about to be posted."""

    media_ids: list[Id] = []


class AltTextReminder(msgspec.Struct, frozen=True):
    """What the caller wants, and those of the files asked about that have no alt text."""

    remind: str
    missing: list[str] = []


@blueprint.get("/api/v1/alt_text_reminders")
@requires("read:accounts")
@documented(AltTextReminder, query=PicturesToPost)
async def show() -> Response:
    """Whether the caller wants to be reminded, and of what: `media_ids[]` are files about to be posted."""
    wanted = params.read_query(PicturesToPost).media_ids[: runtime().settings.media.max_attachments]
    missing = [str(media_id) for media_id in await pictures.missing(my_id(), wanted)]
    return json_response(AltTextReminder(await alt_texts.wish_of(my_user_id()), missing))


@blueprint.put("/api/v1/alt_text_reminders")
@requires("write:accounts")
@documented(AltTextReminder, body=AltTextWish, errors=(422,))
async def change() -> Response:
    """Say whether to be reminded."""
    wanted = await params.read(AltTextWish)
    await alt_texts.change_wish(my_user_id(), wanted.remind)
    return json_response(AltTextReminder(wanted.remind))


@blueprint.get("/api/v1/alt_text_reminders/statuses")
@requires("read:statuses")
@documented(list[Status], paged=STATUSES)
async def posts_without() -> Response:
    """The caller's posts with pictures or films that have no alt text, newest first."""
    page = page_of_request(STATUSES)
    rows = await pictures.posts_without(my_id(), page)
    return json_list(await status.page(rows, my_id()), headers=link_header([row.cursor for row in rows], page))
