"""What happened: facts that services record in the transaction that makes them true.

A subscriber turns a fact into work. `subscribe` makes that work a durable job, written in the same transaction
(transactional outbox): if the fact is there, so is the job. `listen` is for this moment only (streams, caches): it
rides on the bus after the commit and may be lost.

This module knows no subscriber; `node/app.py` puts them together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from node import db, jobs
from node.bus import Unsubscribe
from node.runtime import runtime


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts. Fields are plain JSON values; ids rather than models."""


@dataclass(frozen=True, slots=True)
class PostPublished(Event):
    """A post, comment or share of a local author is there."""

    post_id: int


@dataclass(frozen=True, slots=True)
class PostReceived(Event):
    """A post, comment or share of a remote author is there."""

    post_id: int


@dataclass(frozen=True, slots=True)
class PostEdited(Event):
    """A local author changed a post."""

    post_id: int


@dataclass(frozen=True, slots=True)
class PostDeleted(Event):
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


@dataclass(frozen=True, slots=True)
class ReceivedPostEdited(Event):
    """A remote author's server changed a post."""

    post_id: int


@dataclass(frozen=True, slots=True)
class PostGone(Event):
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


@dataclass(frozen=True, slots=True)
class PostLiked(Event):
    """A local account likes a post."""

    like_id: int


@dataclass(frozen=True, slots=True)
class PostUnliked(Event):
    """A local account no longer likes a post."""

    account_id: int
    post_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class PollVoted(Event):
    """A local account voted in a remote poll."""

    poll_id: int
    account_id: int
    vote_ids: list[int]


@dataclass(frozen=True, slots=True)
class PollTallied(Event):
    """Other servers are to be told how the poll of a local post stands at this moment (milliseconds)."""

    post_id: int
    moment: int


@dataclass(frozen=True, slots=True)
class PostPinned(Event):
    """A local account shows a post of its own first on its profile (`is_pinned`), or no longer does."""

    account_id: int
    post_id: int
    pin_id: int
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class TagFeatured(Event):
    """A local account shows a hashtag on its profile (`is_featured`), or no longer does."""

    account_id: int
    name: str
    featured_id: int
    is_featured: bool


@dataclass(frozen=True, slots=True)
class CollectionChanged(Event):
    """A collection of accounts of a local account is new (`is_new`), different, or gone (`is_gone`)."""

    collection_id: int
    account_id: int
    uri: str
    moment: int
    is_new: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class FeatureRequested(Event):
    """A local account wants somebody elsewhere in a collection."""

    item_id: int


@dataclass(frozen=True, slots=True)
class FeatureRevoked(Event):
    """A local account no longer wants to stand in the collection of somebody elsewhere."""

    item_id: int


@dataclass(frozen=True, slots=True)
class QuoteRequested(Event):
    """A local post quotes a remote one, whose author is to be asked."""

    quote_id: int


@dataclass(frozen=True, slots=True)
class QuoteAnswered(Event):
    """The author of a remote post answered the request of a local one to quote it, or took the approval back."""

    quote_id: int
    post_id: int
    state: str


@dataclass(frozen=True, slots=True)
class QuoteReceived(Event):
    """A remote post says that it quotes another, and perhaps where the approval of that can be read.

    `may_fetch`: what it quotes is fetched if it is not here.
    """

    quote_id: int
    stamp_uri: str | None
    may_fetch: bool


@dataclass(frozen=True, slots=True)
class QuoteRevoked(Event):
    """A local account no longer lets a post quote its own."""

    quote_id: int


@dataclass(frozen=True, slots=True)
class FollowRequested(Event):
    """A local account follows, or asks to follow, a remote one."""

    follow_id: int


@dataclass(frozen=True, slots=True)
class FollowAccepted(Event):
    """A local account accepts a remote follower."""

    account_id: int
    target_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class FollowRejected(Event):
    """A local account (`target_id`) turns away or removes a remote follower (`account_id`).

    `is_farewell`: because the follower's domain has been suspended, whose server is told all the same.
    """

    account_id: int
    target_id: int
    uri: str
    is_farewell: bool = False


@dataclass(frozen=True, slots=True)
class Unfollowed(Event):
    """A local account ends a follow, or takes a request back. `is_farewell` as in `FollowRejected`."""

    account_id: int
    target_id: int
    uri: str
    is_farewell: bool = False


@dataclass(frozen=True, slots=True)
class AccountBlocked(Event):
    """A local account blocks a remote one."""

    block_id: int


@dataclass(frozen=True, slots=True)
class AccountUnblocked(Event):
    """A local account takes a block of a remote one back."""

    account_id: int
    target_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class AccountUpdated(Event):
    """A local profile changed."""

    account_id: int


@dataclass(frozen=True, slots=True)
class AccountMoved(Event):
    """A local account has moved to another one."""

    move_id: int


@dataclass(frozen=True, slots=True)
class KeysReplaced(Event):
    """An account of ours, or the node itself, has new keys."""

    account_id: int


@dataclass(frozen=True, slots=True)
class ProfileLinksChanged(Event):
    """A profile, local or remote, leads to pages of which it is not known whether they lead back."""

    account_id: int


@dataclass(frozen=True, slots=True)
class AccountDeleted(Event):
    """A local account is gone for good; its row stays as a suspended shell until its deletion has gone out."""

    account_id: int


@dataclass(frozen=True, slots=True)
class NotificationCreated(Event):
    """A local account has something new to be told."""

    notification_id: int
    account_id: int


@dataclass(frozen=True, slots=True)
class NotificationsMerged(Event):
    """Notifications that waited as requests now stand among the others."""

    account_id: int


@dataclass(frozen=True, slots=True)
class FiltersChanged(Event):
    """A local account filters its timelines otherwise than before."""

    account_id: int


@dataclass(frozen=True, slots=True)
class ConversationChanged(Event):
    """A conversation of a local account (`conversation_id` as its API names it) has a new message, or is read."""

    account_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementPublished(Event):
    """An announcement of this node is to be seen, or says something else than before."""

    announcement_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementReactionChanged(Event):
    """Somebody reacted to an announcement with the emoji `name`, or no longer does."""

    announcement_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AnnouncementRemoved(Event):
    """An announcement is no longer to be seen."""

    announcement_id: int


@dataclass(frozen=True, slots=True)
class PushDue(Event):
    """An app wants to be woken for a notification."""

    subscription_id: int
    notification_id: int


@dataclass(frozen=True, slots=True)
class ReportFiled(Event):
    """Somebody here reported an account to the moderators."""

    report_id: int


@dataclass(frozen=True, slots=True)
class ThreadOpened(Event):
    """Somebody here looks at a thread that other servers may know more of, and it is due to be asked for."""

    post_id: int


@dataclass(frozen=True, slots=True)
class ProfileOpened(Event):
    """Somebody here looks at, or follows, a remote account whose older posts are due to be asked for."""

    account_id: int


@dataclass(frozen=True, slots=True)
class RelayJoined(Event):
    """The admins want a relay to let this node in."""

    relay_id: int


@dataclass(frozen=True, slots=True)
class RelayLeft(Event):
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
    payload = asdict(event)
    for name in _subscribers[type(event)]:
        await jobs.enqueue(name, payload)
    channel = _channel(type(event))
    db.after_commit(lambda: runtime().bus.publish(channel, payload))


def listen(event_type: type[EventType], callback: Callable[[EventType], None]) -> Unsubscribe:
    """Have `callback` called after every `event_type`, in every process, for as long as this one lives."""
    return runtime().bus.subscribe(_channel(event_type), lambda payload: callback(event_type(**payload)))


def _channel(event_type: type[Event]) -> str:
    return f"event:{event_type.__name__}"
