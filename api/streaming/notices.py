"""What concerns one person alone: notifications, filters."""

from __future__ import annotations

from api.entities import notification
from api.streaming.channels import NOTIFICATIONS, USER
from api.streaming.frames import Telling
from api.streaming.streams import open_streams
from node.events import FiltersChanged, NotificationCreated, NotificationsMerged
from node.queries import notifications


async def tell_notification(event: NotificationCreated) -> None:
    """Somebody has something new to be told; what they would not be shown in the list is not told either."""
    if not open_streams.at(NOTIFICATIONS, event.account_id):
        return
    row = await notifications.one(event.account_id, event.notification_id)
    shown = await notification.page([row], event.account_id) if row is not None else []
    _tell("notification", NOTIFICATIONS, event.account_id, *shown)


async def tell_merged(event: NotificationsMerged) -> None:
    """The list of notifications is to be read anew."""
    _tell("notifications_merged", NOTIFICATIONS, event.account_id, b"1")


async def tell_filters(event: FiltersChanged) -> None:
    """The filters are to be read anew."""
    _tell("filters_changed", USER, event.account_id, None)


def _tell(name: str, kind: str, account_id: int, *payloads: bytes | None) -> None:
    telling = Telling(name)
    for subscription in tuple(open_streams.at(kind, account_id)):
        for payload in payloads:
            telling.to(subscription, payload)
