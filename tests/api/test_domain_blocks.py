"""Domains that a person wants nothing from."""

from __future__ import annotations

import pytest

from node.errors import Forbidden
from node.models.graph import Follow
from node.services import follows, likes, shares
from tests import builders
from tests.api.client import Node, json

PATH = "/api/v1/domain_blocks"


async def test_nothing_from_a_blocked_domain_is_seen_and_follows_end(node: Node) -> None:
    me, friend = await builders.local_account("me"), await builders.local_account("friend")
    bad, good = (
        await builders.remote_account("bad", "bad.example"),
        await builders.remote_account("good", "good.example"),
    )
    for other in (bad, good, friend):
        await builders.following(me, other)
    await builders.following(bad, me)
    mine = await builders.post(me)
    theirs, kept = await builders.received(bad), await builders.received(good)
    await builders.received(bad, parent_uri=mine.uri)
    await likes.like(bad, mine.id)
    share = await shares.share(friend, theirs.id)
    client = await node.signed_in(me)

    async def ids(path: str) -> set[str]:
        return {item["id"] for item in await json(await client.get(path))}

    assert {str(theirs.id), str(share.id)} <= await ids("/api/v1/timelines/home")
    assert await json(await client.get(f"{PATH}/preview?domain=bad.example")) == {
        "following_count": 1,
        "followers_count": 1,
    }
    assert await json(await client.post(PATH, json={"domain": "BAD.example."})) == {}
    assert await ids("/api/v1/timelines/home") == {str(mine.id), str(kept.id)}
    assert str(theirs.id) not in await ids("/api/v1/timelines/public")
    thread = await json(await client.get(f"/api/v1/statuses/{mine.id}/context"))
    assert thread["descendants"] == []
    assert all(item["account"]["id"] != str(bad.id) for item in await json(await client.get("/api/v1/notifications")))
    assert await ids("/api/v1/accounts/search?q=bad") == set()
    assert await ids("/api/v1/accounts/search?q=bad@bad.example") == {str(bad.id)}
    (seen,) = await json(await client.get(f"/api/v1/accounts/relationships?id[]={bad.id}"))
    assert seen["domain_blocking"] is True
    await builders.run_jobs()
    assert not await Follow.filter(account_id=bad.id).exists()
    assert not await Follow.filter(target_id=bad.id).exists()
    assert await Follow.filter(account_id=me.id, target_id=good.id).exists()
    with pytest.raises(Forbidden):
        await follows.follow(bad, me, uri="https://bad.example/again")
    await json(await client.post(f"/api/v1/accounts/{bad.id}/follow"), 403)
    later = await shares.share(friend, (await builders.received(bad)).id)
    assert later.id not in await builders.home_of(me)
    await likes.like(bad, kept.id)
    assert str(theirs.id) in {item["id"] for item in await json(await node.client().get("/api/v1/timelines/public"))}


async def test_domain_blocks_are_listed_taken_back_and_checked(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    other = await node.signed_in(await builders.local_account())
    for domain in ("one.example", "two.example", "two.example", "bücher.example"):
        await json(await client.post(PATH, form={"domain": domain}))
    answer = await client.get(f"{PATH}?limit=2")
    assert await json(answer) == ["xn--bcher-kva.example", "two.example"]
    following = answer.headers["Link"].partition("<https://here.example")[2].partition(">")[0]
    assert await json(await client.get(following)) == ["one.example"]
    assert await json(await other.get(PATH)) == []
    await json(await client.call("DELETE", f"{PATH}?domain=two.example"))
    await json(await client.call("DELETE", PATH, json={"domain": "never.example"}))
    assert await json(await client.get(PATH)) == ["xn--bcher-kva.example", "one.example"]
    for wrong in ("", "no domain", "a/b"):
        refused = await json(await client.post(PATH, json={"domain": wrong}), 422)
        assert refused["error"].startswith("Validation failed: Domain ")
    narrow = await node.signed_in(await builders.local_account(), "read", "write:statuses")
    await json(await narrow.post(PATH, json={"domain": "one.example"}), 403)
    await json(await node.client().get(PATH), 401)
