"""Private keys in the database, on a node whose secret key stands in its settings."""

from __future__ import annotations

import dataclasses
import json

import pytest
from pydantic import SecretStr

from activitypub.signatures import verify_request
from federation import instance, wiring
from federation.outbound import attempt
from node import clock, db
from node import runtime as node_runtime
from node.errors import KeysUnreadable
from node.models.accounts import Account
from node.services import key_sealing, own_keys
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_knocking import as_received, main_key, put
from tests.federation.test_received_activities import met


def give_secret_key(secret: str) -> None:
    """As after a restart with this secret key in the settings."""
    parts = node_runtime.runtime()
    settings = parts.settings.model_copy(update={"secret_key": SecretStr(secret)})
    node_runtime.start(dataclasses.replace(parts, settings=settings, secret_key=secret.encode()))
    attempt.forget_everything()


async def kept() -> list[str]:
    rows = await db.fetch_all(
        "SELECT private_pem FROM actor_keys WHERE private_pem IS NOT NULL UNION ALL"
        " SELECT signed_with FROM outgoing_activities WHERE signed_with IS NOT NULL"
    )
    return [row[0] for row in rows]


async def all_sealed() -> bool:
    return all(value.startswith("sealed:") and "PRIVATE KEY" not in value for value in await kept())


async def test_keys_written_before_there_was_a_secret_key_are_sealed_and_go_on_signing(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    await builders.following(await met(node, peer.person("ann")), me)
    public, before = await main_key(me), await own_keys.signing_key(me.id)
    assert not await all_sealed()
    await key_sealing.seal_older()
    await node.process()
    assert not await all_sealed(), "a secret key beside them in the database would hide nothing"

    give_secret_key("a secret of the admin's")
    await key_sealing.seal_older()
    await node.process()
    assert await all_sealed()
    assert await own_keys.signing_key(me.id) == before
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    verify_request(as_received(peer.posted[-1], peer), public, clock.now())

    await own_keys.exchange(me)
    assert await all_sealed()
    await node.publish()
    assert await all_sealed(), "the former key, with which the exchange is told"
    await node.deliver()
    assert json.loads(peer.posted[-1].body)["type"] == "Update"
    verify_request(as_received(peer.posted[-1], peer), public, clock.now())


async def test_with_another_secret_key_the_node_does_not_start_until_it_has_new_keys(node: Node) -> None:
    give_secret_key("one")
    me = await builders.local_account()
    await own_keys.exchange_all()
    give_secret_key("another")
    with pytest.raises(KeysUnreadable, match="HELIOGRAPH_SECRET_KEY"):
        async with wiring.connected(node.settings):
            pass
    assert await own_keys.signing_key(me.id) is None
    async with wiring.connected(node.settings, keyless=True):
        assert await own_keys.exchange_all() == 2
    await instance.ensure_instance_actor()
    instance.require_key()
    assert await own_keys.signing_key(me.id) is not None and await all_sealed()


async def test_a_sealed_key_is_its_own_accounts_alone(node: Node) -> None:
    give_secret_key("one")
    ann, eve = await builders.local_account(), await builders.local_account()
    await db.execute(
        "UPDATE actor_keys SET private_pem = (SELECT k.private_pem FROM actor_keys k WHERE k.key_id = ?) WHERE key_id = ?",
        (f"{ann.uri}#main-key", f"{eve.uri}#main-key"),
    )
    assert await own_keys.signing_key(eve.id) is None
    assert await Account.exists(id=eve.id)
