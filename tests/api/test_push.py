"""Apps subscribe to be woken, and are."""

from __future__ import annotations

import dataclasses
import json as json_text
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from api import push
from api.entities.push_subscription import WebPushSubscription
from federation import fetching
from node import clock, db, vapid
from node import runtime as node_runtime
from node.models.accounts import Account, User
from node.models.push import PushSubscription
from node.services import access, follows, likes, mutes, notifications
from tests import builders
from tests.api.client import Client, Node, json
from tests.conftest import HeldClock
from tests.push_app import App, PushService, claims_of, push_service

PATH = "/api/v1/push/subscription"


@pytest.fixture
async def service(node: Node) -> AsyncIterator[PushService]:
    """A push service this node may reach, though it is on loopback."""
    settings = node.parts.settings
    federation = settings.federation.model_copy(update={"allow_private_networks": True})
    node_runtime.start(dataclasses.replace(node.parts, vapid_public_key=vapid.public_key(await vapid.private_key())))
    fetching.open_client(settings.model_copy(update={"federation": federation}))
    async with push_service() as running:
        yield running
    await fetching.close_client()


async def subscribed(client: Client, service: PushService, app: App, **data: Any) -> dict[str, Any]:
    """An app that wants to be woken."""
    standard = data.pop("standard", True)
    body = {"subscription": {"endpoint": service.endpoint(), "keys": app.keys, "standard": standard}, "data": data}
    found: dict[str, Any] = await json(await client.post(PATH, json=body))
    return found


async def pushed(service: PushService, app: App) -> list[dict[str, Any]]:
    """What the app reads once the node has sent what is due."""
    await push.worker().run_until_idle()
    return [json_text.loads(app.read(asked.body, asked.headers)) for asked in service.received]


async def test_a_subscription_is_made_shown_changed_and_ended(node: Node, service: PushService) -> None:
    me = await builders.local_account()
    client, app = await node.signed_in(me, "push"), App()
    assert (await json(await client.get(PATH), 404))["error"] == "Record not found"
    await json(await client.call("PUT", PATH, json={"data": {"policy": "all"}}), 404)
    form = {
        "subscription[endpoint]": service.endpoint(),
        "subscription[keys][p256dh]": app.keys["p256dh"],
        "subscription[keys][auth]": app.keys["auth"],
        "data[alerts][mention]": "true",
        "data[alerts][admin.sign_up]": "1",
        "data[alerts][follow]": "false",
        "data[alerts][nonsense]": "true",
    }
    made = await json(await client.post(PATH, form=form))
    msgspec.convert(made, WebPushSubscription)
    instance = await json(await client.get("/api/v2/instance"))
    assert made == {
        "id": made["id"],
        "endpoint": service.endpoint(),
        "standard": False,
        "alerts": {"mention": True, "follow": False, "admin.sign_up": True},
        "server_key": instance["configuration"]["vapid"]["public_key"],
        "policy": "all",
    }
    again = await subscribed(client, service, app, alerts={"poll": True}, policy="followed")
    assert again["id"] != made["id"] and again["standard"] is True
    assert await PushSubscription.all().count() == 1
    changed = await json(await client.call("PUT", PATH, json={"data": {"alerts": {"status": True}}}))
    assert changed == again | {"alerts": {"status": True}, "policy": "all"}
    assert await json(await client.get(PATH)) == changed
    await json(await (await node.signed_in(me)).get(PATH), 404)  # Another token of the same person.
    assert await json(await client.call("DELETE", PATH)) == {}
    assert await json(await client.call("DELETE", PATH)) == {}
    await json(await client.get(PATH), 404)
    await json(await (await node.signed_in(me, "read", "write")).get(PATH), 403)


async def test_what_cannot_be_sent_to_is_refused(node: Node, service: PushService) -> None:
    client, app = await node.signed_in(await builders.local_account(), "push"), App()
    good = {"endpoint": "https://push.example/x", "keys": app.keys}

    async def refused(status: int, **body: Any) -> str:
        return str((await json(await client.post(PATH, json=body), status))["error"])

    assert await refused(400) == "param is missing or the value is empty or invalid: subscription"
    await refused(400, subscription="invalid")
    await refused(400, subscription=good, data="invalid")
    assert await refused(422, subscription=good | {"endpoint": ""}) == "Validation failed: Endpoint can't be blank"
    for endpoint in ("app://example.foo", "https://", "https://[", "/x", "https://push.example:99999/"):
        assert (
            await refused(422, subscription=good | {"endpoint": endpoint}) == "Validation failed: Endpoint is invalid"
        )
    for keys, text in (
        ({}, "Key p256dh can't be blank"),
        ({**app.keys, "p256dh": "not base64"}, "Key p256dh is invalid"),
        ({**app.keys, "auth": "short"}, "Key auth is invalid"),
    ):
        assert await refused(422, subscription=good | {"keys": keys}) == f"Validation failed: {text}"
    text = await refused(422, subscription=good, data={"policy": "some"})
    assert text == "Validation failed: Policy is not included in the list"
    assert await PushSubscription.all().count() == 0


@pytest.mark.parametrize("standard", [True, False])
async def test_an_app_reads_what_its_person_is_told(node: Node, service: PushService, standard: bool) -> None:
    me, other = await builders.local_account(), await builders.local_account(display_name="Édith")
    await User.filter(account_id=me.id).update(locale="fr-CA")
    client, app = await node.signed_in(me), App()
    made = await subscribed(client, service, app, alerts={"mention": True, "follow": True}, standard=standard)
    reply = await builders.post(other, f"@{me.username} look & see " + "x" * 200)
    await likes.like(other, (await builders.post(me)).id)
    (message,) = await pushed(service, app)
    (told,) = await json(await client.get("/api/v1/notifications?types[]=mention"))
    assert told["status"]["id"] == str(reply.id)
    assert message == {
        "access_token": client.token,
        "preferred_locale": "fr-CA",
        "notification_id": int(told["id"]),
        "notification_type": "mention",
        "icon": told["account"]["avatar_static"],
        "title": "Édith vous a mentionné·e",
        "body": message["body"],
    }
    assert message["body"].startswith(f"@{me.username} look & see xx") and len(message["body"]) == 140
    (asked,) = service.received
    headers = asked.headers
    assert (headers["ttl"], headers["urgency"]) == ("172800", "normal")
    assert headers["content-type"] == "application/octet-stream"
    if standard:
        scheme, _, rest = headers["authorization"].partition(" ")
        token, _, key = rest.removeprefix("t=").partition(",k=")
        assert (scheme, headers["content-encoding"]) == ("vapid", "aes128gcm")
    else:
        scheme, _, token = headers["authorization"].partition(" ")
        key = headers["crypto-key"].split(";p256ecdsa=")[1]
        assert (scheme, headers["content-encoding"]) == ("WebPush", "aesgcm")
    assert key == made["server_key"]
    claims = claims_of(token, key)
    assert claims["aud"] == service.peer.origin
    assert 0 < claims["exp"] - clock.timestamp() <= 24 * 3600


@pytest.mark.parametrize(("policy", "expected"), [("all", 3), ("followed", 1), ("follower", 1), ("none", 0)])
async def test_an_app_is_woken_for_whom_it_wants_to_hear_of(
    node: Node, service: PushService, policy: str, expected: int
) -> None:
    me, followed, follower, stranger = [await builders.local_account() for _ in range(4)]
    await follows.follow(me, followed)
    await follows.follow(follower, me)
    client, app = await node.signed_in(me), App()
    await subscribed(client, service, app, alerts={"favourite": True, "mention": False}, policy=policy)
    post = await builders.post(me)
    for other in (followed, follower, stranger):
        await likes.like(other, post.id)
        await builders.post(other, f"@{me.username} nice")
    messages = await pushed(service, app)
    assert [message["notification_type"] for message in messages] == ["favourite"] * expected
    assert messages == [] or messages[0]["title"].endswith(" likes your post")
    await pushed(service, app)
    assert len(service.received) == expected  # None is sent twice.


async def one_push_due(node: Node, service: PushService) -> tuple[Account, Account]:
    """An app waits to be woken for a follow; returns its person and the follower."""
    me, other = await builders.local_account(), await builders.local_account()
    await subscribed(await node.signed_in(me), service, App(), alerts={"follow": True})
    await follows.follow(other, me)
    return me, other


async def waiting_jobs() -> int:
    row = await db.fetch_one("SELECT COUNT(*) FROM jobs WHERE kind = 'push' AND state = 'waiting'")
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("status", "headers", "stays", "again"),
    [
        (201, {}, True, False),
        (404, {}, False, False),
        (410, {}, False, False),
        (400, {}, False, False),
        (408, {}, True, True),
        (429, {"Retry_After": "60"}, True, True),
        (503, {}, True, True),
    ],
)
async def test_the_push_service_s_answer_is_heeded(
    node: Node, service: PushService, status: int, headers: dict[str, str], stays: bool, again: bool
) -> None:
    await one_push_due(node, service)
    service.status, service.headers = status, headers
    await push.worker().run_until_idle()
    assert len(service.received) == 1
    assert (await PushSubscription.all().count() == 1, await waiting_jobs() == 1) == (stays, again)


async def test_what_is_gone_or_too_old_wakes_nobody(node: Node, service: PushService, held_clock: HeldClock) -> None:
    me, other = await one_push_due(node, service)
    await mutes.mute(me, other)
    await push.worker().run_until_idle()
    me, _ = await one_push_due(node, service)
    await notifications.clear(me)
    await push.worker().run_until_idle()
    await one_push_due(node, service)
    held_clock.advance(49 * 3600)
    await push.worker().run_until_idle()
    me, _ = await one_push_due(node, service)
    await access.end_access(await User.get(account_id=me.id))
    await push.worker().run_until_idle()
    suspended, _ = await one_push_due(node, service)
    await Account.filter(id=suspended.id).update(suspended_at=clock.now())
    disabled, _ = await one_push_due(node, service)
    await User.filter(account_id=disabled.id).update(disabled_at=clock.now())
    await push.worker().run_until_idle()
    assert (service.received, await waiting_jobs()) == ([], 0)
    assert not await PushSubscription.filter(account_id=me.id).exists()


async def test_filtered_notifications_wake_nobody(node: Node, service: PushService) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(me)
    await subscribed(client, service, App(), alerts={"favourite": True})
    await client.call("PATCH", "/api/v2/notifications/policy", json={"for_not_following": "filter"})
    await likes.like(other, (await builders.post(me)).id)
    assert await waiting_jobs() == 0


async def test_the_token_is_kept_so_that_only_this_node_reads_it(node: Node, service: PushService) -> None:
    await one_push_due(node, service)
    (kept,) = await PushSubscription.all()
    token = push.push_subscriptions.access_token_of(kept)
    assert token is not None and token not in kept.sealed_token
    node_runtime.start(dataclasses.replace(node_runtime.runtime(), secret_key=b"another"))
    await push.worker().run_until_idle()
    assert (service.received, await PushSubscription.all().count()) == ([], 0)


async def test_no_push_goes_to_a_private_address(node: Node, service: PushService) -> None:
    fetching.open_client(node.parts.settings)
    await one_push_due(node, service)
    await push.worker().run_until_idle()
    assert (service.received, await waiting_jobs()) == ([], 0)
