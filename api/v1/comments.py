"""What authors do with the comments on their posts: pin some, limit others."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import status
from api.entities.status import Status
from api.me import my_id
from api.responses import json_response
from node.services import comment_limits, comment_pins

blueprint = Blueprint("comments", __name__)


class CommentLimits(msgspec.Struct, frozen=True):
    """Which comments on the caller's posts only the caller and those who wrote them see.

    Those that hold one of the `keywords` (as a word of its own, whatever the case), that are by accounts younger than
    so many days, or by accounts that do not follow the caller.
    """

    keywords: list[str]
    min_account_age_days: int
    followers_only: bool


class LimitParameters(msgspec.Struct):
    """What changes; what is left out stays. `keywords` is the whole new list."""

    keywords: list[str] | None = None
    min_account_age_days: int | None = None
    followers_only: bool | None = None


@blueprint.get("/api/v1/comment_limits")
@requires("read:accounts")
@documented(CommentLimits)
async def limits() -> Response:
    """Which comments on the caller's posts are hidden from everybody else."""
    return json_response(_limits(await comment_limits.of_account(my_id())))


@blueprint.put("/api/v1/comment_limits")
@requires("write:accounts")
@documented(CommentLimits, body=LimitParameters, errors=(422,))
async def change_limits() -> Response:
    """Hide comments on the caller's posts by words and by who wrote them; the newest are looked at again."""
    wanted = await params.read(LimitParameters)
    changes = comment_limits.Changes(wanted.keywords, wanted.min_account_age_days, wanted.followers_only)
    return json_response(_limits(await comment_limits.change(await acting_account(), changes)))


def _limits(limits: comment_limits.Limits) -> CommentLimits:
    return CommentLimits(list(limits.keywords), limits.min_account_age_days, limits.followers_only)


@blueprint.post("/api/v1/statuses/<id:status_id>/comments/<id:comment_id>/pin")
@requires("write:statuses")
@documented(Status, errors=(404, 422))
async def pin(status_id: int, comment_id: int) -> Response:
    """Show a comment first under one of the caller's own posts; answers with the comment."""
    actor = await acting_account()
    await comment_pins.pin(actor, status_id, comment_id)
    return json_response(await status.one(comment_id, actor.id))


@blueprint.delete("/api/v1/statuses/<id:status_id>/comments/<id:comment_id>/pin")
@requires("write:statuses")
@documented(Status, errors=(404,))
async def unpin(status_id: int, comment_id: int) -> Response:
    """Show a comment in its turn again; answers with the comment."""
    actor = await acting_account()
    await comment_pins.unpin(actor, status_id, comment_id)
    return json_response(await status.one(comment_id, actor.id))
