"""What the caller is told, in groups."""

from __future__ import annotations

from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import account, notification_group
from api.entities.account import Account
from api.entities.notification_group import GroupedNotifications
from api.me import my_id
from api.notification_filters import (
    MAX_KINDS,
    UNREAD_LIMIT,
    Count,
    NotificationParameters,
    SupportedTypes,
    condition,
    last_read_id,
    unread_limit,
)
from api.pagination import ACCOUNTS, NOTIFICATIONS, Page, link_header, page_of_request
from api.params import InvalidParameter
from api.responses import empty, json_list, json_response
from node.errors import NotFound
from node.queries import notification_groups
from node.queries.notification_groups import Grouping
from node.services import notifications as notification_service
from node.services.notification_facts import GROUPED

blueprint = Blueprint("grouped_notifications", __name__)

FULL, PARTIAL = "full", "partial_avatars"


class GroupingParameters(NotificationParameters):
    """Which notifications, and which kinds of them are grouped: all that can be unless some are named."""

    grouped_types: list[str] = []


class GroupParameters(GroupingParameters):
    """Which groups, and how they are shown: `expand_accounts` is `full` or `partial_avatars`."""

    supported_types: list[str] | None = None

    expand_accounts: str = FULL


class UnreadGroupParameters(GroupingParameters):
    """How far to count."""

    limit: int = UNREAD_LIMIT


@blueprint.get("/api/v2/notifications")
@requires("read:notifications")
@documented(GroupedNotifications, query=GroupParameters, paged=NOTIFICATIONS)
async def listed() -> Response:
    """A page of groups of notifications, newest first."""
    wanted = params.read_query(GroupParameters)
    page = page_of_request(NOTIFICATIONS)
    body, cursors = await shown_groups(my_id(), page, wanted)
    return json_response(body, headers=link_header(cursors, page))


async def shown_groups(viewer_id: int, page: Page, wanted: GroupParameters) -> tuple[bytes, list[int]]:
    """The groups of a page as JSON, and what it is paged by. Raises `InvalidParameter`."""
    if wanted.expand_accounts not in (FULL, PARTIAL):
        raise InvalidParameter(
            f"Invalid value for 'expand_accounts': '{wanted.expand_accounts[:64]}',"
            f" allowed values are '{FULL}' and '{PARTIAL}'"
        )
    groups = await notification_groups.page_of_groups(viewer_id, page, condition(wanted), _grouping(wanted))
    body = await notification_group.results(
        groups, viewer_id, partial_avatars=wanted.expand_accounts == PARTIAL, supported=wanted.supported_types
    )
    return body, [group.leader.id for group in groups]


@blueprint.get("/api/v2/notifications/unread_count")
@requires("read:notifications")
@documented(Count, query=UnreadGroupParameters)
async def unread_count() -> Response:
    """How many groups have something newer than the notifications marker, counted up to `limit`."""
    wanted = params.read_query(UnreadGroupParameters)
    count = await notification_groups.count_after(
        my_id(), await last_read_id(), unread_limit(wanted.limit), condition(wanted), _grouping(wanted)
    )
    return json_response(Count(count))


@blueprint.post("/api/v2/notifications/clear")
@requires("write:notifications")
@documented(Empty)
async def clear() -> Response:
    """Forget all notifications."""
    await notification_service.clear(await acting_account())
    return empty()


@blueprint.get("/api/v2/notifications/<group_key>")
@requires("read:notifications")
@documented(GroupedNotifications, query=SupportedTypes, errors=(404,))
async def show(group_key: str) -> Response:
    """One group, or the notification that stands alone under this key."""
    wanted = params.read_query(SupportedTypes)
    group = await notification_groups.one_group(my_id(), group_key, Grouping(GROUPED))
    if group is None:
        raise NotFound
    body = await notification_group.results([group], my_id(), is_page=False, supported=wanted.supported_types)
    return json_response(body)


@blueprint.post("/api/v2/notifications/<group_key>/dismiss")
@requires("write:notifications")
@documented(Empty)
async def dismiss(group_key: str) -> Response:
    """Forget the notifications of one group."""
    await notification_service.dismiss_group(await acting_account(), group_key)
    return empty()


@blueprint.get("/api/v2/notifications/<group_key>/accounts")
@requires("read:notifications")
@documented(list[Account], paged=ACCOUNTS)
async def accounts_of_group(group_key: str) -> Response:
    """Whom the notifications of a group came from, newest first."""
    page = page_of_request(ACCOUNTS)
    rows = await notification_groups.accounts_of_group(my_id(), group_key, page)
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))


def _grouping(wanted: GroupingParameters) -> Grouping:
    named = wanted.grouped_types[:MAX_KINDS]
    kinds = tuple(kind for kind in GROUPED if kind in named) if named else GROUPED
    return Grouping(kinds, wanted.account_id)
