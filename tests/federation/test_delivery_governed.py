"""Deliveries as the admin governs them: paused, also after a restored backup; why something failed; tried again, dropped."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from federation import wiring
from node import db
from node.errors import NotFound
from node.models.accounts import Account
from node.models.federation import Delivery, DeliveryState
from node.services import deliveries
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_delivery import numbers, put, until


@pytest.fixture
async def me(node: Node) -> Account:
    return await builders.local_account()


async def test_while_it_is_paused_nothing_is_sent_and_then_everything_in_order(
    node: Node, peer: Peer, me: Account
) -> None:
    inbox = f"{peer.origin}/inbox"
    await put(me, 1, inbox)
    await deliveries.hold("moving house")
    await deliveries.hold("twice")
    for number in (2, 3):
        await put(me, number, inbox)
    await node.deliver()
    assert (numbers(peer), await deliveries.totals()) == ([], (3, 0))
    hold = await deliveries.held()
    assert hold is not None
    assert hold.reason == "moving house"
    await deliveries.resume()
    await node.deliver()
    assert numbers(peer) == [1, 2, 3]
    with pytest.raises(NotFound):
        await deliveries.resume()


async def test_a_pause_stops_a_worker_in_the_middle_and_its_end_wakes_it(node: Node, peer: Peer, me: Account) -> None:
    for number in range(20):
        await put(me, number, f"{peer.origin}/inbox")
    peer.inbox_delay = 0.05
    worker = asyncio.create_task(wiring.delivery_worker(node.settings).run())
    try:
        await until(lambda: len(peer.posted) >= 3)
        await deliveries.hold()
        async with asyncio.timeout(20):
            while await Delivery.filter(lease_until__isnull=False).exists():
                await deliveries.totals()
        assert 3 <= len(peer.posted) < 20
        assert await Delivery.filter(attempts__gt=0).count() == 0
        peer.inbox_delay = 0.0
        await deliveries.resume()
        await until(lambda: len(peer.posted) == 20)
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
    assert numbers(peer) == list(range(20))


async def test_a_database_restored_from_a_backup_sends_nothing_until_an_admin_says_so(
    node: Node, peer: Peer, me: Account
) -> None:
    folder = node.settings.data_dir
    before = (await DeliveryState.get(id=1)).mark
    await deliveries.notice_restored(folder)
    assert await deliveries.held() is None, "started again: nothing unusual"
    await deliveries.move_mark(folder)
    await put(me, 1, f"{peer.origin}/inbox")
    await db.execute("UPDATE delivery_state SET mark = ?", (before,))
    await deliveries.notice_restored(folder)
    await node.deliver()
    hold = await deliveries.held()
    assert (peer.posted, hold is not None and hold.reason) == ([], deliveries.RESTORED)
    await deliveries.notice_restored(folder)
    await deliveries.resume()
    await deliveries.notice_restored(folder)
    assert await deliveries.held() is None, "said once, it is settled"
    (folder / deliveries.MARK_FILE).write_text("nonsense")
    await deliveries.notice_restored(folder)
    await node.deliver()
    assert numbers(peer) == [1]


async def test_the_admin_sees_why_and_has_it_tried_again_or_dropped(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    inbox, began = f"{peer.origin}/inbox", int(held_clock.seconds * 1000)
    peer.inbox_status = 503
    await put(me, 1, inbox)
    await node.deliver()
    queue = await deliveries.one_host(peer.host)
    assert (queue.waiting, queue.failed, queue.failures, queue.last_error) == (1, 0, 1, "answered 503")
    assert (queue.failing_since, queue.last_error_at, queue.oldest_at) == (began, began, began)
    assert queue.next_try_at is not None
    assert queue.next_try_at > began
    held_clock.advance(80 * 3600)
    await node.deliver()
    assert await deliveries.totals() == (0, 1)
    peer.inbox_status = 202
    assert await deliveries.retry(peer.host) == 1
    await node.deliver()
    assert (numbers(peer), await deliveries.totals()) == ([1, 1, 1], (0, 0))
    healed = await deliveries.one_host(peer.host)
    assert (healed.failures, healed.failing_since, healed.last_error) == (0, None, "answered 503")
    peer.inbox_status = 500
    await put(me, 2, inbox)
    await node.deliver()
    assert await deliveries.drop(peer.host) == 1
    assert await deliveries.totals() == (0, 0)
    peer.inbox_status = 404
    await put(me, 3, inbox)
    await node.deliver()
    assert (await deliveries.one_host(peer.host)).last_error == "answered 404"
