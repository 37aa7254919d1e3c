"""Threads and profiles of other servers are asked for when somebody who is signed in looks at them."""

from __future__ import annotations

import re

import pytest

from node.models.accounts import Account
from node.services import post_readings
from tests import builders
from tests.api.client import Node, json
from tests.api.test_hot import both_ways

HEADER = "Mastodon-Async-Refresh"


async def test_an_app_that_looks_at_a_remote_thread_is_told_that_more_is_being_fetched(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await builders.local_account()
    post = await builders.received(await builders.remote_account())
    path = f"/api/v1/statuses/{post.id}/context"
    anybody, client = node.client(), await node.signed_in(alice)
    assert HEADER not in (await anybody.get(path)).headers
    answer = await client.get(path)
    named = re.fullmatch(r'id="([0-9a-f]{32})", retry=5, result_count=0', answer.headers[HEADER])
    assert named is not None
    refresh = f"/api/v1_alpha/async_refreshes/{named[1]}"
    running = {"id": named[1], "status": "running", "result_count": 0}
    assert await json(await client.get(refresh)) == {"async_refresh": running}
    front, behind = await both_ways(client, path, monkeypatch)
    assert front == behind
    await post_readings.found_comments(post.id, 3)
    assert "result_count=3" in (await client.get(path)).headers[HEADER]
    await post_readings.filled(post.id, 4)
    assert HEADER not in (await client.get(path)).headers
    finished = {"id": named[1], "status": "finished", "result_count": 4}
    assert await json(await client.get(refresh)) == {"async_refresh": finished}


async def test_refreshes_are_for_people_and_unknown_ones_are_not_found(node: Node) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    for key in ("0" * 32, "nothing", "1"):
        await json(await client.get(f"/api/v1_alpha/async_refreshes/{key}"), 404)
    await json(await node.client().get("/api/v1_alpha/async_refreshes/1"), 401)
    await json(await (await node.signed_in(alice, "write")).get("/api/v1_alpha/async_refreshes/1"), 403)


async def test_counts_of_a_posts_origin_are_shown_when_they_are_higher(node: Node) -> None:
    alice = await builders.local_account()
    post = await builders.received(await builders.remote_account())
    client = await node.signed_in(alice)
    path = f"/api/v1/statuses/{post.id}"
    await client.post(f"{path}/favourite")
    for counts, shown in (
        (post_readings.Counts(likes=12, shares=3, comments=4), (12, 3, 4)),
        (post_readings.Counts(likes=0), (1, 3, 4)),
    ):
        await post_readings.read(post.id, counts)
        status = await json(await client.get(path))
        assert (status["favourites_count"], status["reblogs_count"], status["replies_count"]) == shown


async def test_a_remote_profile_is_read_again_when_a_member_opens_it(node: Node) -> None:
    alice = await builders.local_account()
    bob, carol = await builders.remote_account("bob"), await builders.remote_account("carol")

    async def asked_for(account: Account) -> bool:
        return (await Account.get(id=account.id)).posts_read_at is not None

    await node.client().get(f"/api/v1/accounts/{bob.id}")
    assert not await asked_for(bob)
    client = await node.signed_in(alice)
    await client.get(f"/api/v1/accounts/{bob.id}")
    await client.get("/api/v1/accounts/lookup?acct=carol@remote.example")
    await client.get(f"/api/v1/accounts/{alice.id}")
    assert [await asked_for(account) for account in (bob, carol, alice)] == [True, True, False]
