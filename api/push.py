"""Waking apps: what they are told, encrypted for each, and sent to their push service as a durable job of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec
import structlog

from api.entities import account
from api.entities.encoding import encode
from api.push_titles import DEFAULT_LOCALE, title_of
from federation import fetching
from federation.client import FetchError, PostResult, Refused
from node import clock, events, jobs, vapid, web_push
from node.models.accounts import User
from node.models.fields import to_milliseconds
from node.models.push import PushSubscription
from node.queries import accounts, content, notifications
from node.queries.notifications import NotificationRow
from node.runtime import runtime
from node.services import push_subscriptions
from node.text import plain_text

log = structlog.get_logger()

QUEUE: Final = "push"
CONCURRENCY: Final = 16
TTL: Final = timedelta(hours=48)
"""How long a push service keeps a message for an app that is not there, and we one for a service that is not."""
URGENCY: Final = "normal"
PASS_LIFETIME: Final = timedelta(hours=12)
LONGEST_PAUSE: Final = 3600.0
BODY_LENGTH, NAME_LENGTH = 140, 100

_TRY_AGAIN: Final = (408, 429)


class PushFailed(Exception):
    """The push service did not take a message, and may take it later."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What an app reads when it is woken. `access_token` tells it for which of its people."""

    access_token: str
    preferred_locale: str
    notification_id: int
    notification_type: str
    icon: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    body: bytes
    headers: dict[str, str]


def connect_subscriber() -> None:
    """Have each `PushDue` sent."""
    events.subscribe(events.PushDue, "push", send, queue=QUEUE)


def worker() -> jobs.Worker:
    """What sends in this process."""
    return jobs.Worker(QUEUE, CONCURRENCY)


async def send(due: events.PushDue) -> None:
    """Send one notification to one app. A subscription its push service no longer knows is forgotten.

    Raises `jobs.Drop` when there is nothing to send any more, and what makes the job try again later.
    """
    subscription = await PushSubscription.get_or_none(id=due.subscription_id)
    row = await notifications.one(subscription.account_id, due.notification_id) if subscription is not None else None
    if subscription is None or row is None or not subscription.alerts.get(row.kind):
        raise jobs.Drop("the subscription or the notification is gone")
    reader = await User.get(account_id=subscription.account_id).select_related("account")
    if reader.disabled_at is not None or reader.account.suspended_at is not None:
        raise jobs.Drop("its person may not read it")
    if row.created_at < to_milliseconds(clock.now() - TTL):
        raise jobs.Drop("the notification is too old to wake anybody")
    token = push_subscriptions.access_token_of(subscription)
    if token is None:
        await push_subscriptions.drop(subscription.id)
        raise jobs.Drop("the subscription was made with another secret key")
    sealed = await _seal(subscription, await _message(row, token, reader.locale or DEFAULT_LOCALE))
    try:
        answer = await fetching.client().post(subscription.endpoint, sealed.body, sealed.headers)
    except Refused as error:
        raise jobs.Drop(str(error)) from error
    except FetchError as error:
        raise PushFailed(str(error)) from error
    await _heed(subscription, answer)


async def _heed(subscription: PushSubscription, answer: PostResult) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        log.info("push_subscription_ended", subscription=subscription.id, status=status)
        await push_subscriptions.drop(subscription.id)
        return
    if answer.retry_after is not None:
        raise jobs.RetryLater(min(answer.retry_after, LONGEST_PAUSE), f"the push service answered {status}")
    raise PushFailed(f"the push service answered {status}")


async def _message(row: NotificationRow, token: str, locale: str) -> Message:
    (shown,) = await account.render(await accounts.details([row.account.id]))
    name = _cut(shown.display_name or shown.username, NAME_LENGTH)
    return Message(
        access_token=token,
        preferred_locale=locale,
        notification_id=row.id,
        notification_type=row.kind,
        icon=shown.avatar_static,
        title=title_of(row.kind, name, locale),
        body=_cut(await _words(row, shown.note), BODY_LENGTH),
    )


async def _words(row: NotificationRow, note: str) -> str:
    """The warning or else the text of the post it is about, or what its sender says of themselves."""
    if row.status is None:
        return plain_text(note)
    post: Any = next(iter(await content.posts([row.status.id])), None)
    return "" if post is None else post["spoiler_text"] or plain_text(post["content"])


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


async def _seal(subscription: PushSubscription, message: Message) -> _Sealed:
    """The encrypted message and its headers, in the way the app understands."""
    plaintext = encode(message)
    if len(plaintext) > web_push.MAX_PLAINTEXT:
        plaintext = encode(msgspec.structs.replace(message, icon=""))
    private_pem = await vapid.private_key()
    own_key = vapid.public_key(private_pem)
    pass_ = web_push.vapid_token(private_pem, subscription.endpoint, _contact(), _pass_ends_at())
    headers = {
        "Content-Type": "application/octet-stream",
        "TTL": str(int(TTL.total_seconds())),
        "Urgency": URGENCY,
    }
    if subscription.standard:
        body = web_push.encrypt(plaintext, subscription.key_p256dh, subscription.key_auth)
        headers |= {"Content-Encoding": "aes128gcm", "Authorization": f"vapid t={pass_},k={own_key}"}
        return _Sealed(body, headers)
    legacy = web_push.encrypt_legacy(plaintext, subscription.key_p256dh, subscription.key_auth)
    headers |= {
        "Content-Encoding": "aesgcm",
        "Encryption": f"salt={legacy.salt}",
        "Crypto-Key": f"dh={legacy.sender_key};p256ecdsa={own_key}",
        "Authorization": f"WebPush {pass_}",
    }
    return _Sealed(legacy.body, headers)


def _contact() -> str:
    """Whom a push service turns to when this node troubles it."""
    settings = runtime().settings
    return f"mailto:{settings.contact_email}" if settings.contact_email else settings.base_url


def _pass_ends_at() -> int:
    return int((clock.now() + PASS_LIFETIME).timestamp())
