"""Conversations over the API: direct posts among the same people."""

from __future__ import annotations

from typing import Any

from api.entities import memory
from node import events
from node.services import blocks, posts
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements

PATH = "/api/v1/conversations"


async def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The conversations of a page."""
    found: list[dict[str, Any]] = await json(await client.get(f"{PATH}{query}"))
    return found


async def test_direct_posts_make_a_conversation_of_each_who_is_in_it(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    far = await builders.remote_account("carol")
    mine, his = await node.signed_in(alice), await node.signed_in(bob)
    async with builders.hearing(events.ConversationChanged) as heard:
        first = await builders.post(alice, "psst @bob", visibility="direct")
    assert len(heard) == 2
    (one,) = await listed(mine)
    assert one.keys() == {"id", "unread", "accounts", "last_status"}
    assert (one["unread"], one["last_status"]["id"]) == (False, str(first.id))
    assert [item["acct"] for item in one["accounts"]] == ["bob"]
    (other,) = await listed(his)
    assert (other["unread"], [item["acct"] for item in other["accounts"]]) == (True, ["alice"])
    answer = await builders.post(bob, "yes?", visibility="direct", parent_id=first.id)
    (again,) = await listed(mine)
    assert (again["id"], again["unread"], again["last_status"]["id"]) == (one["id"], True, str(answer.id))
    group = await builders.received(far, visibility="direct", mentions=(alice, bob))
    assert [item["last_status"]["id"] for item in await listed(mine)] == [str(group.id), str(answer.id)]
    assert {item["acct"] for item in (await listed(mine))[0]["accounts"]} == {"bob", "carol@remote.example"}
    await builders.post(alice, "for all @bob")
    assert len(await listed(mine)) == 2


async def test_a_conversation_is_read_unread_and_removed_by_its_owner(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    mine, his = await node.signed_in(alice), await node.signed_in(bob)
    first = await builders.post(bob, "psst @alice", visibility="direct")
    (one,) = await listed(mine)
    path = f"{PATH}/{one['id']}"
    assert await json(await mine.post(f"{path}/read")) == {**one, "unread": False}
    assert await json(await mine.post(f"{path}/unread")) == one
    for method, where in (("POST", f"{path}/read"), ("POST", f"{path}/unread"), ("DELETE", path)):
        await json(await his.call(method, where), 404)
        await json(await (await node.signed_in(alice, "read")).call(method, where), 403)
    assert await json(await mine.call("DELETE", path)) == {}
    assert await listed(mine) == []
    second = await builders.post(bob, "@alice again", visibility="direct", parent_id=first.id)
    assert [item["last_status"]["id"] for item in await listed(mine)] == [str(second.id)]
    await posts.delete(bob, second.id)
    assert await listed(mine) == []
    assert [item["last_status"]["id"] for item in await listed(his)] == [str(first.id)]
    await json(await node.client().get(PATH), 401)


async def test_the_blocked_begin_no_conversation_and_vanish_from_one(node: Node) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    client = await node.signed_in(alice)
    await builders.post(carol, "psst @alice", visibility="direct")
    await blocks.block(alice, carol)
    assert [item["last_status"] for item in await listed(client)] == [None]
    await builders.post(carol, "psst @alice", visibility="direct")
    assert len(await listed(client)) == 1
    assert await listed(await node.signed_in(bob)) == []


async def test_conversations_are_paged_by_their_newest_post_in_a_fixed_number_of_statements(node: Node) -> None:
    alice = await builders.local_account("alice")
    made = []
    for _ in range(6):
        made.append(await builders.post(await builders.local_account(), "psst @alice", visibility="direct"))
    client = await node.signed_in(alice)
    newest = [str(post.id) for post in reversed(made)]
    answer = await client.get(f"{PATH}?limit=2")
    assert [item["last_status"]["id"] for item in await json(answer)] == newest[:2]
    assert f"max_id={newest[1]}" in answer.headers["Link"]
    assert [item["last_status"]["id"] for item in await listed(client, f"?max_id={newest[1]}&limit=2")] == newest[2:4]
    assert [item["last_status"]["id"] for item in await listed(client, f"?min_id={newest[3]}&limit=2")] == newest[1:3]
    counts = []
    for limit in (2, 6):
        memory.forget_all()
        with counted_statements() as seen:
            assert len(await listed(client, f"?limit={limit}")) == limit
        counts.append(len(seen))
    assert counts[0] == counts[1]
