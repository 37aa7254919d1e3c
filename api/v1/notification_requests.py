"""Accounts whose notifications were filtered ask to be heard."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import notification_request
from api.entities.notification_request import NotificationRequest
from api.ids import Id
from api.me import my_id
from api.pagination import ACCOUNTS, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import NotFound
from node.queries import notification_requests
from node.services import notification_requests as request_service

blueprint = Blueprint("notification_requests", __name__)


class RequestIds(msgspec.Struct):
    """Which requests."""

    id: list[Id] = []


class Merged(msgspec.Struct, frozen=True):
    """Whether everything that was accepted is shown by now."""

    merged: bool


@blueprint.get("/api/v1/notifications/requests")
@requires("read:notifications")
@documented(list[NotificationRequest], paged=ACCOUNTS)
async def listed() -> Response:
    """A page of requests, newest first."""
    page = page_of_request(ACCOUNTS)
    rows = await notification_requests.page_of_requests(my_id(), page)
    return json_list(await notification_request.page(rows, my_id()), link_header([row.id for row in rows], page))


@blueprint.get("/api/v1/notifications/requests/merged")
@requires("read:notifications")
@documented(Merged)
async def merged() -> Response:
    """Whether the notifications of accepted requests are shown by now."""
    return json_response(Merged(await request_service.all_merged(my_id())))


@blueprint.get("/api/v1/notifications/requests/<id:request_id>")
@requires("read:notifications")
@documented(NotificationRequest, errors=(404,))
async def show(request_id: int) -> Response:
    """One request to the caller."""
    row = await notification_requests.one(my_id(), request_id)
    shown = await notification_request.page([row], my_id()) if row is not None else []
    if not shown:
        raise NotFound
    return json_response(shown[0])


@blueprint.post("/api/v1/notifications/requests/accept")
@requires("write:notifications")
@documented(Empty, body=RequestIds)
async def accept_several() -> Response:
    """Hear from several accounts from now on; ids that are no requests to the caller are passed over."""
    wanted = await params.read(RequestIds)
    await request_service.accept(await acting_account(), wanted.id)
    return empty()


@blueprint.post("/api/v1/notifications/requests/dismiss")
@requires("write:notifications")
@documented(Empty, body=RequestIds)
async def dismiss_several() -> Response:
    """Forget several requests; ids that are no requests to the caller are passed over."""
    wanted = await params.read(RequestIds)
    await request_service.dismiss(await acting_account(), wanted.id)
    return empty()


@blueprint.post("/api/v1/notifications/requests/<id:request_id>/accept")
@requires("write:notifications")
@documented(Empty, errors=(404,))
async def accept(request_id: int) -> Response:
    """Hear from an account from now on, and show what was filtered."""
    await request_service.accept(await acting_account(), [request_id], all_of_them=True)
    return empty()


@blueprint.post("/api/v1/notifications/requests/<id:request_id>/dismiss")
@requires("write:notifications")
@documented(Empty, errors=(404,))
async def dismiss(request_id: int) -> Response:
    """Forget a request and what was filtered of its account."""
    await request_service.dismiss(await acting_account(), [request_id], all_of_them=True)
    return empty()
