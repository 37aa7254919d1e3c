"""What the admins tell everybody here."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import announcement
from api.entities.announcement import Announcement
from api.me import my_id
from api.responses import empty, json_response
from node.services import announcements

blueprint = Blueprint("announcements", __name__)


class AnnouncementParameters(msgspec.Struct):
    """`with_dismissed` also brings those the caller has read."""

    with_dismissed: bool = False


@blueprint.get("/api/v1/announcements")
@requires()
@documented(list[Announcement], query=AnnouncementParameters)
async def shown() -> Response:
    """What the admins tell now, in the order of what it is about."""
    wanted = params.read_query(AnnouncementParameters)
    return json_response(await announcement.shown_to(my_id(), with_dismissed=wanted.with_dismissed))


@blueprint.post("/api/v1/announcements/<id:announcement_id>/dismiss")
@requires("write:accounts")
@documented(Empty, errors=(404,))
async def dismiss(announcement_id: int) -> Response:
    """Mark an announcement as read."""
    await announcements.dismiss(await acting_account(), announcement_id)
    return empty()


@blueprint.put("/api/v1/announcements/<id:announcement_id>/reactions/<name>")
@requires("write:favourites")
@documented(Empty, errors=(404, 422))
async def react(announcement_id: int, name: str) -> Response:
    """Answer an announcement with an emoji: a character, or the shortcode of one of this node's own."""
    await announcements.react(await acting_account(), announcement_id, name)
    return empty()


@blueprint.delete("/api/v1/announcements/<id:announcement_id>/reactions/<name>")
@requires("write:favourites")
@documented(Empty, errors=(404,))
async def take_reaction_back(announcement_id: int, name: str) -> Response:
    """Take an answer back."""
    await announcements.take_reaction_back(await acting_account(), announcement_id, name)
    return empty()
