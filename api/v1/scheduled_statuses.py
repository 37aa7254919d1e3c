"""Posts that wait for their time."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import scheduled_status
from api.entities.scheduled_status import ScheduledStatus
from api.me import my_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import empty, json_response
from node.errors import Invalid
from node.queries import unposted
from node.services import scheduled_posts

blueprint = Blueprint("scheduled_statuses", __name__)


class NewMoment(msgspec.Struct):
    """When to publish instead; left out, nothing changes."""

    scheduled_at: str | None = None


def moment_of(written: str) -> datetime:
    """The moment in ISO 8601; without a zone in UTC. Raises `Invalid` (scheduled_at)."""
    try:
        moment = datetime.fromisoformat(written.strip())
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("scheduled_at", "is not a moment", sentence="Record invalid") from None


@blueprint.get("/api/v1/scheduled_statuses")
@requires("read:statuses")
@documented(list[ScheduledStatus], paged=STATUSES)
async def listed() -> Response:
    """The caller's scheduled posts, newest first."""
    page = page_of_request(STATUSES)
    rows = await unposted.scheduled_posts(my_id(), page)
    shown = await scheduled_status.scheduled_page(rows)
    return json_response(shown, headers=link_header([row["id"] for row in rows], page))


@blueprint.get("/api/v1/scheduled_statuses/<id:scheduled_id>")
@requires("read:statuses")
@documented(ScheduledStatus, errors=(404,))
async def show(scheduled_id: int) -> Response:
    """One of the caller's scheduled posts."""
    waiting = await scheduled_posts.own(await acting_account(), scheduled_id)
    return json_response(await scheduled_status.scheduled(waiting))


@blueprint.put("/api/v1/scheduled_statuses/<id:scheduled_id>")
@requires("write:statuses")
@documented(ScheduledStatus, body=NewMoment, errors=(404, 422))
async def reschedule(scheduled_id: int) -> Response:
    """Publish it at another moment, at least five minutes ahead."""
    wanted = await params.read(NewMoment)
    account = await acting_account()
    if not wanted.scheduled_at:
        return json_response(await scheduled_status.scheduled(await scheduled_posts.own(account, scheduled_id)))
    waiting = await scheduled_posts.reschedule(account, scheduled_id, moment_of(wanted.scheduled_at))
    return json_response(await scheduled_status.scheduled(waiting))


@blueprint.delete("/api/v1/scheduled_statuses/<id:scheduled_id>")
@requires("write:statuses")
@documented(Empty, errors=(404,))
async def cancel(scheduled_id: int) -> Response:
    """Do not publish it."""
    await scheduled_posts.cancel(await acting_account(), scheduled_id)
    return empty()
