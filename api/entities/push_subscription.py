"""Mastodon's WebPushSubscription."""

from __future__ import annotations

import msgspec

from node.models.push import PushSubscription
from node.runtime import runtime


class WebPushSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where an app is woken and for what; `server_key` is the key the node signs with."""

    id: int
    endpoint: str
    standard: bool
    alerts: dict[str, bool]
    server_key: str
    policy: str


def render(subscription: PushSubscription) -> WebPushSubscription:
    """The entity of a subscription."""
    return WebPushSubscription(
        id=subscription.id,
        endpoint=subscription.endpoint,
        standard=subscription.standard,
        alerts=subscription.alerts,
        server_key=runtime().vapid_public_key,
        policy=subscription.policy,
    )
