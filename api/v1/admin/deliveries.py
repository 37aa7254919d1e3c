"""What goes to other servers: what waits for whom, why, and what an admin does about it. Calls of our own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import documented
from api.entities.admin import delivery
from api.entities.admin.delivery import (
    AdminDeliveriesChanged,
    AdminDelivery,
    AdminDeliveryHost,
    AdminQueuedDelivery,
)
from api.pagination import link_header, page_of_request
from api.responses import json_response
from api.v1.admin.guard import READ, WRITE, moderator, staff
from node.services import audit, deliveries, domains
from node.services.roles import Permission

blueprint = Blueprint("admin_deliveries", __name__)

PAGE: Final = (100, 500)
_PATH, _HOSTS = "/api/v1/admin/delivery", "/api/v1/admin/delivery/hosts"


class PauseReason(msgspec.Struct):
    """Why nothing is sent for now."""

    reason: str = deliveries.BY_HAND


class HostPage(msgspec.Struct):
    """Hosts by name: so many, those behind `after`."""

    limit: int = PAGE[0]
    after: str = ""


@blueprint.get(_PATH)
@staff(Permission.FEDERATION, READ)
@documented(AdminDelivery)
async def overview() -> Response:
    """How many deliveries wait, how many were given up, and whether they are paused."""
    return await _overview()


@blueprint.post(f"{_PATH}/pause")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDelivery, body=PauseReason, errors=(422,))
async def pause() -> Response:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    asked = await params.read(PauseReason)
    me = await moderator()
    async with audit.decision(me.account_id, "pause", deliveries.AUDITED, None, asked.reason):
        await deliveries.hold(asked.reason[:500] or deliveries.BY_HAND)
    return await _overview()


@blueprint.post(f"{_PATH}/resume")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDelivery, errors=(404,))
async def resume() -> Response:
    """Send again. Deliveries are also paused when the node notices that its database was restored from a backup."""
    me = await moderator()
    async with audit.decision(me.account_id, "resume", deliveries.AUDITED):
        await deliveries.resume()
    return await _overview()


@blueprint.get(_HOSTS)
@staff(Permission.FEDERATION, READ)
@documented(list[AdminDeliveryHost], query=HostPage)
async def hosts() -> Response:
    """The hosts for which something waits or was given up, by name."""
    asked = await params.read(HostPage)
    found = await deliveries.hosts(min(max(asked.limit, 1), PAGE[1]), after=asked.after)
    return json_response([delivery.host(queue) for queue in found])


@blueprint.get(f"{_HOSTS}/<host>")
@staff(Permission.FEDERATION, READ)
@documented(AdminDeliveryHost, errors=(404, 422))
async def one_host(host: str) -> Response:
    """How delivering to one host goes."""
    return json_response(delivery.host(await deliveries.one_host(domains.normalise(host))))


@blueprint.get(f"{_HOSTS}/<host>/deliveries")
@staff(Permission.FEDERATION, READ)
@documented(list[AdminQueuedDelivery], paged=PAGE, errors=(404, 422))
async def of_host(host: str) -> Response:
    """What waits for a host or was given up, newest first."""
    page = page_of_request(PAGE)
    name = (await deliveries.one_host(domains.normalise(host))).host
    rows = await deliveries.of_host(name, *page.condition("d.id"), page.order("d.id"))
    rows = rows[::-1] if page.upwards else rows
    return json_response([delivery.delivery(row) for row in rows], headers=link_header([r.id for r in rows], page))


@blueprint.post(f"{_HOSTS}/<host>/retry")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDeliveriesChanged, errors=(404, 422))
async def retry(host: str) -> Response:
    """Send all that waits for a host, or was given up, now and as if it were new."""
    return await _decide("retry", host, deliveries.retry)


@blueprint.post(f"{_HOSTS}/<host>/drop")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDeliveriesChanged, errors=(404, 422))
async def drop(host: str) -> Response:
    """Forget all that waits for a host or was given up; what is being sent just now is not stopped."""
    return await _decide("drop", host, deliveries.drop)


async def _decide(word: str, host: str, change: Callable[[str], Awaitable[int]]) -> Response:
    me, name = await moderator(), (await deliveries.one_host(domains.normalise(host))).host
    async with audit.decision(me.account_id, word, deliveries.AUDITED, None, name):
        count = await change(name)
    return json_response(AdminDeliveriesChanged(count))


async def _overview() -> Response:
    waiting, failed = await deliveries.totals()
    return json_response(delivery.overview(waiting, failed, await deliveries.held()))
