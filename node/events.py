"""What happened: facts that services record in the transaction that makes them true.

A subscriber turns a fact into work. `subscribe` makes that work a durable job, written in the same transaction
(transactional outbox): if the fact is there, so is the job. `listen` is for this moment only (streams, caches): it
rides on the bus after the commit and may be lost.

This module knows no subscriber; `node/app.py` puts them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from node import db, jobs
from node.bus import Unsubscribe
from node.runtime import runtime


class Event(msgspec.Struct, frozen=True):
    """Base of all facts. Fields are plain JSON values; ids rather than models."""


class PostPublished(Event, frozen=True):
    """A post, comment or share of a local author is there."""

    post_id: int


class PostReceived(Event, frozen=True):
    """A post, comment or share of a remote author is there."""

    post_id: int


class PostEdited(Event, frozen=True):
    """A local author changed a post; with a `moment` (milliseconds) something in it changed without an edit."""

    post_id: int
    moment: int = 0


class PersonLeft(Event, frozen=True):
    """A local account is no longer to be tagged in the pictures of a remote post."""

    account_id: int
    post_id: int


class AccessLost(Event, frozen=True):
    """A remote account is among the members of these posts no longer."""

    account_id: int
    post_ids: list[int]


class PostDeleted(Event, frozen=True):
    """A local post is gone; what its deletion must say is in the event, since the row no longer is.

    `share_of_uri` is set when it was a share; `recipients` are inbox urls of remote accounts it had been sent to
    besides the followers.
    """

    post_id: int
    account_id: int
    uri: str
    visibility: str
    share_of_uri: str | None
    share_of_account_id: int | None
    recipients: list[str]


class ReceivedPostEdited(Event, frozen=True):
    """A remote author's server changed a post."""

    post_id: int


class PostGone(Event, frozen=True):
    """A post or share of anybody is no longer here; what the streams that had it must know is in the event.

    `addressed` are ids of local accounts it was addressed to, `shares` the (post, account) ids of the shares that went
    with it; both are cut off at a hundred.
    """

    post_id: int
    account_id: int
    visibility: str
    is_local: bool
    has_media: bool
    is_share: bool
    hashtags: list[str]
    addressed: list[int]
    shares: list[list[int]]


class PostLiked(Event, frozen=True):
    """A local account likes a post."""

    like_id: int


class PostUnliked(Event, frozen=True):
    """A local account no longer likes a post."""

    account_id: int
    post_id: int
    uri: str


class PollVoted(Event, frozen=True):
    """A local account voted in a remote poll."""

    poll_id: int
    account_id: int
    vote_ids: list[int]


class PollTallied(Event, frozen=True):
    """Other servers are to be told how the poll of a local post stands at this moment (milliseconds)."""

    post_id: int
    moment: int


class PostPinned(Event, frozen=True):
    """A local account shows a post of its own first on its profile (`is_pinned`), or no longer does."""

    account_id: int
    post_id: int
    pin_id: int
    is_pinned: bool


class TagFeatured(Event, frozen=True):
    """A local account shows a hashtag on its profile (`is_featured`), or no longer does."""

    account_id: int
    name: str
    featured_id: int
    is_featured: bool


class CollectionChanged(Event, frozen=True):
    """A collection of accounts of a local account is new (`is_new`), different, or gone (`is_gone`)."""

    collection_id: int
    account_id: int
    uri: str
    moment: int
    is_new: bool = False
    is_gone: bool = False


class FeatureRequested(Event, frozen=True):
    """A local account wants somebody elsewhere in a collection."""

    item_id: int


class FeatureRevoked(Event, frozen=True):
    """A local account no longer wants to stand in the collection of somebody elsewhere."""

    item_id: int


class QuoteRequested(Event, frozen=True):
    """A local post quotes a remote one, whose author is to be asked."""

    quote_id: int


class QuoteAnswered(Event, frozen=True):
    """Whoever is quoted by a local post answered its request, or took the approval back."""

    quote_id: int
    post_id: int
    state: str


class QuoteReceived(Event, frozen=True):
    """A remote post says that it quotes another, and perhaps where the approval of that can be read.

    `may_fetch`: what it quotes is fetched if it is not here.
    """

    quote_id: int
    stamp_uri: str | None
    may_fetch: bool


class QuoteRevoked(Event, frozen=True):
    """A local account no longer lets a post quote its own."""

    quote_id: int


class FollowRequested(Event, frozen=True):
    """A local account follows, or asks to follow, a remote one."""

    follow_id: int


class FollowAccepted(Event, frozen=True):
    """A local account accepts a remote follower."""

    account_id: int
    target_id: int
    uri: str


class FollowRejected(Event, frozen=True):
    """A local account (`target_id`) turns away or removes a remote follower (`account_id`).

    `is_farewell`: because the follower's domain has been suspended, whose server is told all the same.
    """

    account_id: int
    target_id: int
    uri: str
    is_farewell: bool = False


class Unfollowed(Event, frozen=True):
    """A local account ends a follow, or takes a request back. `is_farewell` as in `FollowRejected`."""

    account_id: int
    target_id: int
    uri: str
    is_farewell: bool = False


class AccountBlocked(Event, frozen=True):
    """A local account blocks a remote one."""

    block_id: int


class AccountUnblocked(Event, frozen=True):
    """A local account takes a block of a remote one back."""

    account_id: int
    target_id: int
    uri: str


class AccountUpdated(Event, frozen=True):
    """A local profile changed."""

    account_id: int


class AccountMoved(Event, frozen=True):
    """A local account has moved to another one."""

    move_id: int


class KeysReplaced(Event, frozen=True):
    """An account of ours, or the node itself, has new keys."""

    account_id: int


class ProfileLinksChanged(Event, frozen=True):
    """A profile, local or remote, leads to pages of which it is not known whether they lead back."""

    account_id: int


class AccountDeleted(Event, frozen=True):
    """A local account is gone for good; its row stays as a suspended shell until its deletion has gone out."""

    account_id: int


class NotificationCreated(Event, frozen=True):
    """A local account has something new to be told."""

    notification_id: int
    account_id: int


class NotificationsMerged(Event, frozen=True):
    """Notifications that waited as requests now stand among the others."""

    account_id: int


class FiltersChanged(Event, frozen=True):
    """A local account filters its timelines otherwise than before."""

    account_id: int


class ConversationChanged(Event, frozen=True):
    """A conversation of a local account (`conversation_id` as its API names it) has a new message, or is read."""

    account_id: int
    conversation_id: int


class AnnouncementPublished(Event, frozen=True):
    """An announcement of this node is to be seen, or says something else than before."""

    announcement_id: int


class AnnouncementReactionChanged(Event, frozen=True):
    """Somebody reacted to an announcement with the emoji `name`, or no longer does."""

    announcement_id: int
    name: str


class AnnouncementRemoved(Event, frozen=True):
    """An announcement is no longer to be seen."""

    announcement_id: int


class PushDue(Event, frozen=True):
    """An app wants to be woken for a notification."""

    subscription_id: int
    notification_id: int


class ReportFiled(Event, frozen=True):
    """Somebody here reported an account to the moderators."""

    report_id: int


class ThreadOpened(Event, frozen=True):
    """Somebody here looks at a thread that other servers may know more of, and it is due to be asked for."""

    post_id: int


class ProfileOpened(Event, frozen=True):
    """Somebody here looks at, or follows, a remote account whose older posts are due to be asked for."""

    account_id: int


class RelayJoined(Event, frozen=True):
    """The admins want a relay to let this node in."""

    relay_id: int


class RelayLeft(Event, frozen=True):
    """This node leaves a relay; what it takes to say so is in the event, since the row may be gone."""

    kind: str
    address: str
    inbox_url: str
    follow_uri: str


EventType = TypeVar("EventType", bound=Event)
_subscribers: dict[type[Event], list[str]] = defaultdict(list)


def subscribe(
    event_type: type[EventType],
    name: str,
    handler: Callable[[EventType], Awaitable[None]],
    *,
    queue: str = jobs.DEFAULT_QUEUE,
) -> None:
    """Run `handler` as a durable job for every `event_type` recorded from now on. `name` is the job's kind."""

    async def run(payload: dict[str, Any]) -> None:
        await handler(event_type(**payload))

    jobs.register(name, run, queue=queue)
    if name not in _subscribers[event_type]:
        _subscribers[event_type].append(name)


async def record(event: Event) -> None:
    """State that `event` has happened. Call it inside the transaction that makes it so."""
    if not db.in_a_transaction():
        raise RuntimeError("an event must be recorded in the transaction that makes it true")
    payload = msgspec.structs.asdict(event)
    for name in _subscribers[type(event)]:
        await jobs.enqueue(name, payload)
    channel = _channel(type(event))
    db.after_commit(lambda: runtime().bus.publish(channel, payload))


def listen(event_type: type[EventType], callback: Callable[[EventType], None]) -> Unsubscribe:
    """Have `callback` called after every `event_type`, in every process, for as long as this one lives."""
    return runtime().bus.subscribe(_channel(event_type), lambda payload: callback(event_type(**payload)))


def _channel(event_type: type[Event]) -> str:
    return f"event:{event_type.__name__}"
