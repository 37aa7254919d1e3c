"""Received activities are done in order, and nobody waits for a host that somebody else's activity needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from federation import newcomers
from federation.inbound.sequencer import Sequencer
from federation.resolve_errors import TryLater
from node.models.posts import Post
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer
from tests.federation.test_received_activities import followed, met


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(10):
        while not await is_so():  # noqa: ASYNC110 - a row in the database tells nobody
            await asyncio.sleep(0.01)


async def test_an_activity_that_needs_a_slow_host_holds_up_its_actor_alone(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bea, bob = peer.person("ann"), peer.person("bea", key=1), stranger.person("bob", key=2)
    me = await builders.local_account()
    await followed(node, ann, me)
    await met(node, bea)
    ours = await builders.post(me)
    shared = stranger.serve(bob.note())
    note = ann.note()
    stranger.gate.clear()
    for person, activity in (
        (ann, ann.activity("Announce", shared["id"], to=[PUBLIC])),
        (ann, ann.activity("Delete", note["id"])),
        (bea, bea.activity("Like", ours.uri)),
    ):
        assert (await node.receive(activity, person)).status_code == 202

    processing = asyncio.create_task(node.process())

    async def is_liked() -> bool:
        return (await builders.fresh(ours)).likes_count == 1

    await until(is_liked)
    assert await node.count("taken_back") == 0
    stranger.gate.set()
    await processing
    assert await Post.filter(uri=shared["id"]).exists()
    assert await node.count("posts", "shared_post_id IS NOT NULL") == 1
    assert await node.count("taken_back", "uri = ?", note["id"]) == 1


async def test_what_fails_is_undone_and_its_neighbours_are_done_again(node: Node) -> None:
    road, done = Sequencer(), []

    def work(name: str) -> Callable[[], Awaitable[None]]:
        async def do() -> None:
            await builders.local_account(name)
            done.append(name)
            if name == "bad":
                raise ValueError(name)

        return do

    results = await asyncio.gather(
        *(road.run(name, work(name)) for name in ("one", "bad", "two")), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert await node.count("accounts", "username IN ('one', 'two')") == 2
    assert await node.count("accounts", "username = 'bad'") == 0
    assert done.index("one") < done.index("bad") < done.index("two")


class TestNewcomers:
    """On the open internet a domain cannot bring any number of new hosts at once."""

    @pytest.fixture
    def federation_options(self) -> dict[str, object]:
        return {"allow_private_networks": False}

    async def test_only_so_many_new_hosts_of_one_domain_at_a_time(self, node: Node) -> None:
        for number in range(newcomers.HOSTS_IN_WINDOW):
            newcomers.admit(f"host{number}.bad.example")
        with pytest.raises(TryLater):
            newcomers.admit("another.bad.example")
        newcomers.admit("host1.bad.example")
        newcomers.admit("another.good.example")
        newcomers.admit("bad.example")

    @pytest.mark.parametrize(
        ("host", "domain"),
        [
            ("a.b.example", "b.example"),
            ("b.example", "b.example"),
            ("x.y.co.uk", "y.co.uk"),
            ("a.b.c.d.example:8443", "d.example"),
        ],
    )
    async def test_the_domain_somebody_registered(self, host: str, domain: str) -> None:
        assert newcomers.registrable(host) == domain
