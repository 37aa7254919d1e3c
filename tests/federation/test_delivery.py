"""The delivery worker: order, retries, hosts that are slow or dead, and what is left when a process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack

import pytest

from federation import hosts, wiring
from federation.outbound import deliver, queue
from federation.outbound.deliver import DeliveryWorker
from federation.outbound.send import forget_delivered, send
from federation.outbound.slots import LINGERING_PER_PROMPT, Slots
from node.models.accounts import Account
from node.models.federation import Delivery, OutgoingActivity, RemoteHost
from tests import builders
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer, running_peer
from tests.federation.test_received_activities import met


@pytest.fixture(autouse=True)
def _held(held_clock: HeldClock) -> None:
    """Time stands still unless a test moves it."""


@pytest.fixture
async def me(node: Node) -> Account:
    return await builders.local_account()


async def put(me: Account, number: int, *inboxes: str) -> None:
    """Queue an activity that can be told from others."""
    document = {"id": f"{me.uri}#test/{number}", "type": "Like", "actor": me.uri, "object": "https://x.example/1"}
    await send(me.id, document, inboxes)


def numbers(peer: Peer) -> list[int]:
    """Which of those arrived, in order."""
    return [int(activity["id"].rpartition("/")[2]) for activity in peer.received]


async def test_what_has_arrived_is_forgotten_and_its_activity_after_a_while(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    assert numbers(peer) == [1]
    assert await Delivery.all().count() == 0
    held_clock.advance(2 * 86_400)
    await forget_delivered()
    assert await OutgoingActivity.all().count() == 0


async def test_a_delivery_is_signed_when_it_is_sent(node: Node, peer: Peer, me: Account, held_clock: HeldClock) -> None:
    await put(me, 1, f"{peer.origin}/inbox")
    held_clock.advance(3600)
    await node.deliver()
    headers = peer.posted[0].headers
    assert headers["date"] == "Sun, 22 Nov 2026 13:00:00 GMT"
    assert headers["digest"].startswith("SHA-256=")
    assert f'keyId="{me.uri}#main-key"' in headers["signature"]


async def test_an_inbox_gets_everything_in_order_also_after_a_failure(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    inbox = f"{peer.origin}/inbox"
    await put(me, 1, inbox)
    await put(me, 2, inbox)
    peer.inbox_status = 503
    await node.deliver()
    assert numbers(peer) == [1]
    await put(me, 3, inbox)
    peer.inbox_status = 202
    await node.deliver()
    assert numbers(peer) == [1]
    held_clock.advance(60)
    await node.deliver()
    assert numbers(peer) == [1, 1, 2, 3]


async def test_another_sender_does_not_wait_for_the_failure_of_one(node: Node, peer: Peer, me: Account) -> None:
    other = await builders.local_account()
    peer.inbox_status = 503
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    peer.inbox_status = 202
    await put(other, 2, f"{peer.origin}/inbox")
    await node.deliver()
    assert numbers(peer) == [1, 2]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 422, 302])
async def test_a_refusal_is_final(node: Node, peer: Peer, me: Account, status: int) -> None:
    peer.inbox_status = status
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    assert await Delivery.all().count() == 0


@pytest.mark.parametrize("status", [401, 408, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again_later_and_later(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock, status: int
) -> None:
    peer.inbox_status = status
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    delivery = await Delivery.get()
    assert (delivery.attempts, delivery.lease_until, delivery.failed) == (1, None, False)
    assert 12 <= delivery.next_attempt_at.timestamp() - held_clock.seconds <= 20
    held_clock.advance(30)
    await node.deliver()
    assert (await Delivery.get()).attempts == 2


async def test_retry_after_is_honoured_for_the_whole_host(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    peer.inbox_status, peer.inbox_headers = 429, {"Retry_After": "600"}
    await put(me, 1, f"{peer.origin}/inbox")
    await node.deliver()
    peer.inbox_status, peer.inbox_headers = 202, {}
    await put(await builders.local_account(), 2, f"{peer.origin}/users/x/inbox")
    held_clock.advance(590)
    await node.deliver()
    assert numbers(peer) == [1]
    held_clock.advance(20)
    await node.deliver()
    assert sorted(numbers(peer)) == [1, 1, 2]


async def test_an_inbox_that_is_gone_gets_nothing_more(node: Node, peer: Peer, me: Account) -> None:
    account = await met(node, peer.person("ann"))
    await builders.following(account, me)
    await node.deliver()
    peer.inbox_status = 410
    await put(me, 1, account.inbox_url, f"{peer.origin}/inbox")
    await node.deliver()
    account = await builders.fresh(account)
    assert (account.inbox_url, account.shared_inbox_url) == ("", None)
    before = len(peer.posted)
    await builders.post(me)
    await node.deliver()
    assert len(peer.posted) == before


async def test_a_server_that_refuses_one_kind_of_signature_gets_the_other_and_it_is_remembered(
    node: Node, me: Account
) -> None:
    async with running_peer() as peer:
        original = peer._answer

        async def only_rfc9421(asked):  # type: ignore[no-untyped-def]
            peer.inbox_status = 202 if "signature-input" in asked.headers else 401
            return await original(asked)

        peer._answer = only_rfc9421  # type: ignore[method-assign]
        await put(me, 1, f"{peer.origin}/inbox")
        await put(me, 2, f"{peer.origin}/inbox")
        await node.deliver()
        assert numbers(peer) == [1, 1, 2]
        assert await Delivery.all().count() == 0
        assert (await RemoteHost.get(host=peer.host)).signature == "rfc9421"


async def test_ten_failures_pause_a_host_for_longer_and_longer(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    peer.inbox_status = 500
    for number in range(30):
        await put(await builders.local_account() if number < 12 else me, number, f"{peer.origin}/users/p{number}/inbox")
    await node.deliver()
    host = await RemoteHost.get(host=peer.host)
    assert host.failures == hosts.FAILURES_BEFORE_PAUSE
    assert len(peer.posted) == hosts.FAILURES_BEFORE_PAUSE
    assert host.paused_until is not None
    assert host.paused_until.timestamp() - held_clock.seconds == pytest.approx(60)
    held_clock.advance(61)
    await node.deliver()
    assert len(peer.posted) == hosts.FAILURES_BEFORE_PAUSE + 1
    host = await RemoteHost.get(host=peer.host)
    assert host.paused_until is not None
    assert host.paused_until.timestamp() - held_clock.seconds == pytest.approx(120)


async def test_a_host_that_is_back_gets_everything_at_once_in_order(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    peer.inbox_status = 500
    for number in range(14):
        await put(me, number, f"{peer.origin}/inbox")
        held_clock.advance(3600)
        await node.deliver()
    peer.server.asked.clear()
    peer.inbox_status = 202
    ann = peer.person("ann")
    await node.receive(ann.activity("Like", "http://here.example/ap/posts/1"), ann)
    await hosts.settle()
    await node.deliver()
    assert numbers(peer) == list(range(14))
    assert (await RemoteHost.get(host=peer.host)).failures == 0


async def test_a_host_that_failed_for_a_week_is_addressed_no_more_until_it_is_heard_of(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    ann = peer.person("ann")
    account = await met(node, ann)
    await builders.following(account, me)
    await node.deliver()
    peer.inbox_status = 500
    for number in range(60):
        await put(me, number, f"{peer.origin}/inbox")
        held_clock.advance(3 * 3600)
        await node.deliver()
    await queue.give_up_old(72)
    assert (await RemoteHost.get(host=peer.host)).unreachable_at is not None
    waiting = await Delivery.filter(failed=False).count()
    await builders.post(me)
    await node.publish()
    assert await Delivery.filter(failed=False).count() == waiting
    await node.receive(ann.activity("Like", "http://here.example/ap/posts/1"), ann)
    await hosts.settle()
    peer.inbox_status = 202
    await builders.post(me)
    await node.deliver()
    assert peer.received[-1]["type"] == "Create"


async def test_after_three_days_a_delivery_is_kept_as_failed_for_the_admin(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    peer.inbox_status = 401
    await put(me, 1, f"{peer.origin}/inbox")
    held_clock.advance(73 * 3600)
    await node.deliver()
    delivery = await Delivery.get()
    assert (delivery.failed, delivery.error) == (True, "answered 401")
    assert len(peer.posted) == 2


async def test_an_address_that_may_not_be_asked_is_given_up(node: Node, me: Account) -> None:
    await put(me, 1, "http://169.254.169.254/inbox", "ftp://x.example/inbox")
    await node.deliver()
    assert await Delivery.all().count() == 0


async def test_our_own_inboxes_are_never_delivered_to(node: Node, me: Account) -> None:
    await put(me, 1, f"{me.uri}/inbox", "http://here.example/inbox", "")
    assert await Delivery.all().count() == 0


async def test_what_a_killed_worker_had_in_hand_is_sent_by_the_next(
    node: Node, peer: Peer, me: Account, held_clock: HeldClock
) -> None:
    await put(me, 1, f"{peer.origin}/inbox")
    assert len((await queue.claim((), {}, 16)).parcels) == 1
    await node.deliver()
    assert numbers(peer) == []
    await queue.recover()
    await node.deliver()
    assert numbers(peer) == []
    held_clock.advance(queue.LEASE_SECONDS + 1)
    await queue.recover()
    await node.deliver()
    assert numbers(peer) == [1]


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_sent(
    node: Node, peer: Peer, me: Account
) -> None:
    peer.inbox_delay = 30.0
    for number in range(10):
        await put(me, number, f"{peer.origin}/inbox")
    task = asyncio.create_task(wiring.delivery_worker(node.settings).run())
    while not peer.posted:  # noqa: ASYNC110 - the peer is no part of us and tells nobody
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await Delivery.filter(lease_until__isnull=True).count() == 10


@pytest.fixture
async def crowd() -> AsyncIterator[list[Peer]]:
    """Six other servers."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running_peer()) for _ in range(6)]


async def test_a_slow_host_with_a_long_queue_does_not_hold_up_the_others(
    node: Node, crowd: list[Peer], me: Account
) -> None:
    slow, *brisk = crowd
    slow.inbox_delay = 30.0
    for number in range(300):
        await put(me, number, f"{slow.origin}/users/p{number}/inbox")
    for number in range(300, 310):
        await put(me, number, *(f"{peer.origin}/inbox" for peer in brisk))
    task = asyncio.create_task(wiring.delivery_worker(node.settings).run())
    async with asyncio.timeout(10):
        while any(len(peer.posted) < 10 for peer in brisk):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(slow.posted) <= node.settings.federation.deliveries_per_host
    assert all(numbers(peer) == list(range(300, 310)) for peer in brisk)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_hosts_that_do_not_answer_leave_room_for_those_that_do(
    node: Node, crowd: list[Peer], me: Account
) -> None:
    *hanging, first, second = crowd
    for peer in hanging:
        peer.inbox_delay = 30.0
        for number in range(4):
            await put(me, number, f"{peer.origin}/users/p{number}/inbox")
    for number in range(4, 8):
        await put(me, number, f"{first.origin}/inbox", f"{second.origin}/inbox")
    task = asyncio.create_task(DeliveryWorker(in_flight=2, per_host=1, give_up_after_hours=72).run())
    async with asyncio.timeout(10):
        while len(first.posted) + len(second.posted) < 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert numbers(first) == numbers(second) == [4, 5, 6, 7]
    assert all(len(peer.posted) <= 1 for peer in hanging)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_those_that_linger_are_bounded_too_and_step_aside_in_turn() -> None:
    slots = Slots(prompt=1)
    lingering = [slots.take(lingers=True) for _ in range(LINGERING_PER_PROMPT)]
    assert not slots.has_room(lingers=True)
    stuck = slots.take(lingers=False)
    slots.step_aside(stuck)
    assert not slots.has_room(lingers=False)
    slots.give_back(lingering.pop())
    assert slots.has_room(lingers=False)
    assert not slots.has_room(lingers=True)
    slots.give_back(stuck)
    assert slots.has_room(lingers=True)


async def test_a_host_whose_last_delivery_ends_while_more_is_claimed_gets_that_too(
    node: Node, peer: Peer, me: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_letters = deliver.load_letters
    first_is_over, claims = asyncio.Event(), 0

    async def slowly(parcels: Sequence[queue.Parcel]) -> None:
        nonlocal claims
        claims += bool(parcels)
        await load_letters(parcels)
        if parcels and claims == 2:
            await first_is_over.wait()

    monkeypatch.setattr(deliver, "load_letters", slowly)
    peer.inbox_delay = 0.1
    worker = wiring.delivery_worker(node.settings)
    task = asyncio.create_task(worker.run())
    try:
        await put(me, 1, f"{peer.origin}/inbox")
        await until(lambda: claims == 1)
        await put(me, 2, f"{peer.origin}/inbox")
        await until(lambda: claims == 2)
        await until(lambda: not worker._tasks)
        first_is_over.set()
        await until(lambda: numbers(peer) == [1, 2])
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0.01)
