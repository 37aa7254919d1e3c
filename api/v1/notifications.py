"""What the caller is told."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.entities import notification
from api.ids import Id
from api.me import my_id, my_user_id
from api.pagination import NOTIFICATIONS, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import NotFound
from node.queries import notifications
from node.queries.conditions import EVERYTHING, Condition
from node.services import notifications as notification_service
from node.services import preferences

blueprint = Blueprint("notifications", __name__)

UNREAD_LIMIT, GREATEST_UNREAD_LIMIT = 100, 1000
MAX_KINDS = 50


class NotificationParameters(msgspec.Struct):
    """Which notifications."""

    types: list[str] = []
    exclude_types: list[str] = []
    account_id: Id | None = None


class UnreadParameters(NotificationParameters):
    """How far to count."""

    limit: int = UNREAD_LIMIT


@blueprint.get("/api/v1/notifications")
@requires("read:notifications")
async def listed() -> Response:
    """A page of notifications, newest first."""
    wanted = params.read_query(NotificationParameters)
    page = page_of_request(NOTIFICATIONS)
    rows = await notifications.page_of_notifications(my_id(), page, _condition(wanted))
    return json_list(await notification.page(rows, my_id()), link_header([row.id for row in rows], page))


@blueprint.get("/api/v1/notifications/<id:notification_id>")
@requires("read:notifications")
async def show(notification_id: int) -> Response:
    """One of the caller's notifications."""
    row = await notifications.one(my_id(), notification_id)
    shown = await notification.page([row], my_id()) if row is not None else []
    if not shown:
        raise NotFound
    return json_response(shown[0])


@blueprint.post("/api/v1/notifications/clear")
@requires("write:notifications")
async def clear() -> Response:
    """Forget all notifications."""
    await notification_service.clear(await acting_account())
    return empty()


@blueprint.post("/api/v1/notifications/<id:notification_id>/dismiss")
@requires("write:notifications")
async def dismiss(notification_id: int) -> Response:
    """Forget one notification."""
    await notification_service.dismiss(await acting_account(), notification_id)
    return empty()


@blueprint.get("/api/v1/notifications/unread_count")
@requires("read:notifications")
async def unread_count() -> Response:
    """How many came after the notifications marker, counted up to `limit`."""
    wanted = params.read_query(UnreadParameters)
    limit = min(max(wanted.limit, 1), GREATEST_UNREAD_LIMIT)
    marker = (await preferences.markers(my_user_id())).get("notifications")
    last_read_id = marker.last_read_id if marker is not None else 0
    return json_response({"count": await notifications.count_unread(my_id(), last_read_id, limit, _condition(wanted))})


def _condition(wanted: NotificationParameters) -> Condition:
    where = EVERYTHING
    if wanted.types:
        where = where & notifications.of_kinds(wanted.types[:MAX_KINDS], wanted=True)
    if wanted.exclude_types:
        where = where & notifications.of_kinds(wanted.exclude_types[:MAX_KINDS], wanted=False)
    if wanted.account_id is not None:
        where = where & Condition("n.from_account_id = ?", (wanted.account_id,))
    return where
