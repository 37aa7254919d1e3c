"""The instance actor: there once, whatever process or address the node has."""

from __future__ import annotations

import asyncio

from federation import instance
from node.models.accounts import Account
from node.runtime import Runtime


async def test_processes_that_start_together_make_one_instance_actor(started: Runtime) -> None:
    made = await asyncio.gather(*(instance.ensure_instance_actor() for _ in range(3)))
    assert len({account.id for account in made}) == 1


async def test_a_node_at_another_port_than_before_starts_with_an_actor_of_its_own(started: Runtime) -> None:
    actors = []
    for port in (8001, 8002, 8001):
        object.__setattr__(started.settings, "base_url", f"http://localhost:{port}")
        started.settings.__dict__.pop("domain", None)  # It is worked out once.
        actors.append(await instance.ensure_instance_actor())
    first, second, again = actors
    assert (first.username, second.username, again.id) == ("localhost", "localhost.8002", first.id)
    assert await Account.filter(actor_type="Application").count() == 2
