"""Waking an app through its push service: one subscription for each token."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import bearer_token, caller, requires
from api.documentation import Empty, documented
from api.entities import push_subscription
from api.entities.push_subscription import WebPushSubscription
from api.me import my_id
from api.params import InvalidParameter
from api.responses import empty, json_response
from node.services import push_subscriptions
from node.services.notifications import KINDS
from node.services.push_subscriptions import ALL, Destination, Wishes

blueprint = Blueprint("push", __name__)

_FALSE = (False, 0, "0", "f", "F", "false", "FALSE", "off", "OFF")


class Keys(msgspec.Struct):
    """What the browser or app drew for this subscription, in base64url."""

    p256dh: str = ""
    auth: str = ""


class SubscriptionParameters(msgspec.Struct):
    """Where the app is woken; `standard` tells RFC 8291 from the draft before it."""

    endpoint: str = ""
    keys: Keys = msgspec.field(default_factory=Keys)
    standard: bool = False


class Data(msgspec.Struct):
    """For what the app is woken: kinds of notifications (`alerts[mention]=true`), and from whom."""

    alerts: dict[str, Any] = {}
    policy: str | None = None


class WishParameters(msgspec.Struct):
    """For what the app is woken; nothing named is nothing wanted."""

    data: Data | None = None


class NewSubscription(WishParameters):
    """Where the app is woken and for what."""

    subscription: SubscriptionParameters | None = None


@blueprint.post("/api/v1/push/subscription")
@requires("push")
@documented(WebPushSubscription, body=NewSubscription, errors=(422,))
async def subscribe() -> Response:
    """Have this app woken, in place of what it asked before."""
    wanted = await params.read(NewSubscription)
    where = wanted.subscription
    token = bearer_token()
    if where is None or token is None:
        raise InvalidParameter("param is missing or the value is empty or invalid: subscription")
    destination = Destination(where.endpoint.strip(), where.keys.p256dh, where.keys.auth, where.standard)
    made = await push_subscriptions.subscribe(caller().token_id, my_id(), token, destination, _wishes(wanted.data))
    return json_response(push_subscription.render(made))


@blueprint.get("/api/v1/push/subscription")
@requires("push")
@documented(WebPushSubscription, errors=(404,))
async def show() -> Response:
    """The subscription of this app."""
    return json_response(push_subscription.render(await push_subscriptions.of_token(caller().token_id)))


@blueprint.route("/api/v1/push/subscription", methods=["PUT", "PATCH"])
@requires("push")
@documented(WebPushSubscription, body=WishParameters, errors=(404, 422))
async def change() -> Response:
    """Have this app woken for something else."""
    wanted = await params.read(WishParameters)
    changed = await push_subscriptions.change(caller().token_id, _wishes(wanted.data))
    return json_response(push_subscription.render(changed))


@blueprint.delete("/api/v1/push/subscription")
@requires("push")
@documented(Empty)
async def unsubscribe() -> Response:
    """Wake this app no more."""
    await push_subscriptions.unsubscribe(caller().token_id)
    return empty()


def _wishes(data: Data | None) -> Wishes:
    """Kinds nobody knows are passed over, as are those without a value."""
    if data is None:
        return Wishes()
    named = {kind: data.alerts[kind] for kind in KINDS if data.alerts.get(kind) not in (None, "")}
    return Wishes({kind: value not in _FALSE for kind, value in named.items()}, data.policy or ALL)
