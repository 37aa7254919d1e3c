"""What the caller is told."""

from __future__ import annotations

from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import notification
from api.entities.notification import Notification
from api.me import my_id
from api.notification_filters import (
    UNREAD_LIMIT,
    Count,
    NotificationParameters,
    SupportedTypes,
    condition,
    last_read_id,
    unread_limit,
)
from api.pagination import NOTIFICATIONS, Page, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import NotFound
from node.queries import notifications
from node.services import notifications as notification_service

blueprint = Blueprint("notifications", __name__)


class ListParameters(NotificationParameters):
    """Which notifications, and the kinds the app knows."""

    supported_types: list[str] | None = None


class UnreadParameters(NotificationParameters):
    """How far to count."""

    limit: int = UNREAD_LIMIT


@blueprint.get("/api/v1/notifications")
@requires("read:notifications")
@documented(list[Notification], query=ListParameters, paged=NOTIFICATIONS)
async def listed() -> Response:
    """A page of notifications, newest first."""
    wanted = params.read_query(ListParameters)
    page = page_of_request(NOTIFICATIONS)
    shown, cursors = await shown_page(my_id(), page, wanted)
    return json_list(shown, link_header(cursors, page))


async def shown_page(viewer_id: int, page: Page, wanted: ListParameters) -> tuple[list[bytes], list[int]]:
    """The notifications of a page as JSON, and what it is paged by."""
    rows = await notifications.page_of_notifications(viewer_id, page, condition(wanted))
    return await notification.page(rows, viewer_id, wanted.supported_types), [row.id for row in rows]


@blueprint.get("/api/v1/notifications/<id:notification_id>")
@requires("read:notifications")
@documented(Notification, query=SupportedTypes, errors=(404,))
async def show(notification_id: int) -> Response:
    """One of the caller's notifications."""
    wanted = params.read_query(SupportedTypes)
    row = await notifications.one(my_id(), notification_id)
    shown = await notification.page([row], my_id(), wanted.supported_types) if row is not None else []
    if not shown:
        raise NotFound
    return json_response(shown[0])


@blueprint.post("/api/v1/notifications/clear")
@requires("write:notifications")
@documented(Empty)
async def clear() -> Response:
    """Forget all notifications."""
    await notification_service.clear(await acting_account())
    return empty()


@blueprint.post("/api/v1/notifications/<id:notification_id>/dismiss")
@requires("write:notifications")
@documented(Empty, errors=(404,))
async def dismiss(notification_id: int) -> Response:
    """Forget one notification."""
    await notification_service.dismiss(await acting_account(), notification_id)
    return empty()


@blueprint.get("/api/v1/notifications/unread_count")
@requires("read:notifications")
@documented(Count, query=UnreadParameters)
async def unread_count() -> Response:
    """How many came after the notifications marker, counted up to `limit`."""
    wanted = params.read_query(UnreadParameters)
    limit = unread_limit(wanted.limit)
    count = await notifications.count_after(my_id(), await last_read_id(), limit, condition(wanted))
    return json_response(Count(count))
