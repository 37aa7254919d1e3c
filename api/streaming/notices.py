"""What concerns one person alone, and what the admins tell everybody."""

from __future__ import annotations

from api.entities import announcement, conversation, notification
from api.streaming.channels import DIRECT, NOTIFICATIONS, USER
from api.streaming.frames import Telling
from api.streaming.streams import open_streams
from node.errors import NotFound
from node.events import (
    AnnouncementPublished,
    AnnouncementReactionChanged,
    AnnouncementRemoved,
    ConversationChanged,
    FiltersChanged,
    NotificationCreated,
    NotificationsMerged,
)
from node.queries import conversations, notifications


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


async def tell_conversation(event: ConversationChanged) -> None:
    """A conversation has a new message, or is read."""
    if not open_streams.at(DIRECT, event.account_id):
        return
    row = await conversations.one(event.account_id, event.conversation_id)
    shown = await conversation.page([row], event.account_id) if row is not None else []
    _tell("conversation", DIRECT, event.account_id, *shown)


async def tell_filters(event: FiltersChanged) -> None:
    """The filters are to be read anew."""
    _tell("filters_changed", USER, event.account_id, None)


async def tell_announcement(event: AnnouncementPublished) -> None:
    """Everybody here is told something, or something else than before."""
    if not open_streams.keys(USER):
        return
    try:
        shown = await announcement.for_everybody(event.announcement_id)
    except NotFound:  # Taken back meanwhile, which is told next.
        return
    _tell_all("announcement", shown)


async def tell_reaction(event: AnnouncementReactionChanged) -> None:
    """An announcement is answered with an emoji so many times."""
    if open_streams.keys(USER):
        _tell_all("announcement.reaction", await announcement.changed_reaction(event.announcement_id, event.name))


async def tell_announcement_removed(event: AnnouncementRemoved) -> None:
    """An announcement is not to be seen any more."""
    _tell_all("announcement.delete", str(event.announcement_id).encode())


def _tell_all(name: str, payload: bytes) -> None:
    telling = Telling(name)
    for account_id in tuple(open_streams.keys(USER)):
        for subscription in tuple(open_streams.at(USER, account_id)):
            telling.to(subscription, payload)


def _tell(name: str, kind: str, account_id: int, *payloads: bytes | None) -> None:
    telling = Telling(name)
    for subscription in tuple(open_streams.at(kind, account_id)):
        for payload in payloads:
            telling.to(subscription, payload)
