"""Which apps want to be woken when their person is told something, and for what.

An app subscribes with its own token, one subscription for each; the subscription ends with the token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import orjson

from node import db, events
from node.errors import Invalid, NotFound
from node.models.push import PushSubscription
from node.secrecy import open_sealed, seal
from node.services.notification_facts import Facts
from node.web_push import UnusableKey, check_keys

ALL, FOLLOWED, FOLLOWER, NONE = "all", "followed", "follower", "none"
POLICIES: Final = (ALL, FOLLOWED, FOLLOWER, NONE)
MAX_ENDPOINT: Final = 2_000
MAX_WOKEN: Final = 200

_PURPOSE: Final = "push access token"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an app wants to be woken for: kinds of notifications, and from whom."""

    alerts: Mapping[str, bool] = field(default_factory=dict)
    policy: str = ALL


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an app is woken: the endpoint its push service gave it, and its keys in base64url."""

    endpoint: str
    key_p256dh: str
    key_auth: str
    is_standard: bool


async def subscribe(
    token_id: int, account_id: int, token: str, destination: Destination, wishes: Wishes
) -> PushSubscription:
    """Have the app with this token woken, in place of what it asked before. Raises `Invalid` (endpoint, keys, policy).

    `token` is what the app presents: it is told in each push for whom that is, and kept encrypted until then.
    """
    _check_endpoint(destination.endpoint)
    _check_keys(destination)
    _check_policy(wishes.policy)
    async with db.transaction():
        await unsubscribe(token_id)
        return await PushSubscription.create(
            token_id=token_id,
            account_id=account_id,
            endpoint=destination.endpoint,
            key_p256dh=destination.key_p256dh,
            key_auth=destination.key_auth,
            standard=destination.is_standard,
            alerts=dict(wishes.alerts),
            policy=wishes.policy,
            sealed_token=seal(token, _PURPOSE),
        )


async def of_token(token_id: int) -> PushSubscription:
    """The subscription of the app with this token. Raises `NotFound`."""
    found = await PushSubscription.get_or_none(token_id=token_id)
    if found is None:
        raise NotFound()
    return found


async def change(token_id: int, wishes: Wishes) -> PushSubscription:
    """Let an app want something else from now on. Raises `NotFound`, `Invalid` (policy)."""
    _check_policy(wishes.policy)
    found = await of_token(token_id)
    found.alerts, found.policy = dict(wishes.alerts), wishes.policy
    await found.save(update_fields=["alerts", "policy"])
    return found


async def unsubscribe(token_id: int) -> None:
    """Wake the app with this token no more; nothing happens when it was not."""
    await db.execute("DELETE FROM push_subscriptions WHERE token_id = ?", (token_id,))


async def drop(subscription_id: int) -> None:
    """Forget a subscription whose push service wants no more of it."""
    await db.execute("DELETE FROM push_subscriptions WHERE id = ?", (subscription_id,))


def access_token_of(subscription: PushSubscription) -> str | None:
    """The token the app subscribed with; `None` once the node's secret key is another."""
    return open_sealed(subscription.sealed_token, _PURPOSE)


async def wake(account_id: int, notification_id: int, kind: str, facts: Facts) -> None:
    """Record a `PushDue` for each app of an account that wants to hear of a new notification of this kind."""
    rows = await db.fetch_all(
        "SELECT id, alerts, policy FROM push_subscriptions WHERE account_id = ? ORDER BY id LIMIT ?",
        (account_id, MAX_WOKEN),
    )
    for row in rows:
        if orjson.loads(row[1]).get(kind) and _lets_pass(row[2], facts):
            await events.record(events.PushDue(subscription_id=int(row[0]), notification_id=notification_id))


def _lets_pass(policy: str, facts: Facts) -> bool:
    if policy == FOLLOWED:
        return bool(facts.follows)
    if policy == FOLLOWER:
        return facts.followed_since is not None
    return policy == ALL


def _check_endpoint(endpoint: str) -> None:
    if not endpoint:
        raise Invalid("endpoint", "can't be blank", code="ERR_BLANK")
    try:
        parts = urlsplit(endpoint)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port)
    except ValueError:
        is_address = False
    if not is_address or len(endpoint) > MAX_ENDPOINT:
        raise Invalid("endpoint", "is invalid")


def _check_keys(destination: Destination) -> None:
    for name, value in (("key_p256dh", destination.key_p256dh), ("key_auth", destination.key_auth)):
        if not value:
            raise Invalid(name, "can't be blank", code="ERR_BLANK")
    try:
        check_keys(destination.key_p256dh, destination.key_auth)
    except UnusableKey as error:
        raise Invalid(error.name, "is invalid") from None


def _check_policy(policy: str) -> None:
    if policy not in POLICIES:
        raise Invalid("policy", "is not included in the list", code="ERR_INCLUSION")
