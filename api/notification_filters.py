"""Which notifications a request asks for."""

from __future__ import annotations

import msgspec

from api.ids import Id
from api.me import my_user_id
from node.queries.conditions import EVERYTHING, Condition
from node.queries.notifications import of_kinds
from node.services import preferences

MAX_KINDS = 50
UNREAD_LIMIT, GREATEST_UNREAD_LIMIT = 100, 1000


class NotificationParameters(msgspec.Struct):
    """Which notifications; filtered ones only when asked for, or when one account's are."""

    types: list[str] = []
    exclude_types: list[str] = []
    account_id: Id | None = None
    include_filtered: bool = False


class SupportedTypes(msgspec.Struct):
    """The kinds an app knows; what it does not know gets a `fallback`."""

    supported_types: list[str] | None = None


class Count(msgspec.Struct, frozen=True):
    """How many there are, up to a limit."""

    count: int


def condition(wanted: NotificationParameters) -> Condition:
    """What a notification `n` must be to be wanted."""
    where = EVERYTHING
    if not wanted.include_filtered and wanted.account_id is None:
        where = where & Condition("n.filtered = FALSE")
    if wanted.types:
        where = where & of_kinds(wanted.types[:MAX_KINDS], wanted=True)
    if wanted.exclude_types:
        where = where & of_kinds(wanted.exclude_types[:MAX_KINDS], wanted=False)
    if wanted.account_id is not None:
        where = where & Condition("n.from_account_id = ?", (wanted.account_id,))
    return where


async def last_read_id() -> int:
    """How far the caller has read, by their marker."""
    marker = (await preferences.markers(my_user_id())).get("notifications")
    return marker.last_read_id if marker is not None else 0


def unread_limit(limit: int) -> int:
    """How far to count."""
    return min(max(limit, 1), GREATEST_UNREAD_LIMIT)
