"""Lists over the API, and their timelines."""

from __future__ import annotations

from typing import Any

from api.entities import memory
from node import db
from node.models.accounts import Account
from node.services import blocks, follows, mutes, presence, shares, timelines
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements
from tests.api.test_timelines import ids_of

PATH = "/api/v1/lists"


async def made(client: Client, *members: Account, **values: Any) -> str:
    """The path of a new list with these members."""
    found = await json(await client.post(PATH, json={"title": "Birds", **values}))
    path = f"{PATH}/{found['id']}"
    if members:
        await json(await client.post(f"{path}/accounts", json={"account_ids": [str(one.id) for one in members]}))
    return path


async def shown(client: Client, path: str) -> list[int]:
    """What stands in a list's timeline."""
    return [int(number) for number in await ids_of(client, path.replace("/lists/", "/timelines/list/"))]


async def test_a_list_is_made_changed_and_removed_by_its_owner_alone(node: Node) -> None:
    client, other = [await node.signed_in(await builders.local_account()) for _ in range(2)]
    one = await json(await client.post(PATH, form={"title": " Birds "}))
    assert one == {"id": one["id"], "title": "Birds", "replies_policy": "list", "exclusive": False}
    path = f"{PATH}/{one['id']}"
    wanted = {"title": "Fish", "replies_policy": "none", "exclusive": "true"}
    changed = await json(await client.call("PUT", path, form=wanted))
    assert changed == {"id": one["id"], "title": "Fish", "replies_policy": "none", "exclusive": True}
    assert await json(await client.get(path)) == changed
    assert await json(await client.get(PATH)) == [changed]
    assert await json(await other.get(PATH)) == []
    for method, where in (("GET", path), ("PUT", path), ("DELETE", path), ("GET", f"{path}/accounts")):
        await json(await other.call(method, where), 404)
    await json(await other.get(path.replace("/lists/", "/timelines/list/")), 404)
    for values, error in (
        ({"title": ""}, "Title can't be blank"),
        ({"title": "x" * 257}, "Title is too long (maximum is 256 characters)"),
        ({"title": "x", "replies_policy": "x"}, "Replies policy is not included in the list"),
    ):
        refused = await json(await client.post(PATH, json=values), 422)
        assert refused["error"] == f"Validation failed: {error}"
    assert await json(await client.call("DELETE", path)) == {}
    await json(await client.get(path), 404)
    await json(await node.client().get(PATH), 401)
    await json(
        await (await node.signed_in(await builders.local_account(), "read")).post(PATH, json={"title": "x"}), 403
    )


async def test_there_are_fifty_lists_at_most(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    for number in range(50):
        await made(client, title=str(number))
    refused = await json(await client.post(PATH, json={"title": "x"}), 422)
    assert refused["error"] == "Validation failed: You have reached the maximum number of lists"


async def test_only_the_followed_and_oneself_can_be_on_a_list(node: Node) -> None:
    me, followed, asked, stranger = [await builders.local_account() for _ in range(4)]
    await Account.filter(id=asked.id).update(is_private=True)
    await builders.following(me, followed)
    await follows.follow(me, await Account.get(id=asked.id))
    client = await node.signed_in(me)
    path = await made(client, followed, asked, me)
    accounts = f"{path}/accounts"
    for number in (stranger.id, 99):
        refused = await client.post(accounts, json={"account_ids": [str(number)]})
        assert (await json(refused, 404))["error"] == "Record not found"
    again = await json(await client.post(accounts, json={"account_ids": [str(followed.id)]}), 422)
    assert again["error"] == "Validation failed: Account has already been taken"
    newest = sorted((followed.id, asked.id, me.id), reverse=True)
    assert await ids_of(client, f"{accounts}?limit=0") == [str(number) for number in newest]
    first = await client.get(f"{accounts}?limit=2")
    assert [item["id"] for item in await json(first)] == [str(number) for number in newest[:2]]
    assert f"max_id={newest[1]}" in first.headers["Link"]
    assert [item["id"] for item in await json(await client.get(f"/api/v1/accounts/{asked.id}/lists"))] == [
        path.rpartition("/")[2]
    ]
    assert await json(await client.get(f"/api/v1/accounts/{stranger.id}/lists")) == []
    assert await json(await client.call("DELETE", accounts, json={"account_ids": [str(asked.id), "99"]})) == {}
    await follows.unfollow(me, followed)
    assert await ids_of(client, accounts) == [str(me.id)]


async def test_a_list_shows_what_its_members_post(node: Node) -> None:
    me, one, other, stranger = [await builders.local_account() for _ in range(4)]
    for followed in (one, other):
        await builders.following(me, followed)
    client = await node.signed_in(me)
    before = await builders.post(one, "before")
    path = await made(client, one)
    theirs = await builders.post(other)
    after = await builders.post(one, "after", visibility="followers")
    share = await shares.share(one, (await builders.post(stranger)).id)
    await builders.post(one, f"psst @{me.username}", visibility="direct")
    expected = [share.id, after.id, before.id]
    assert await shown(client, path) == expected
    accounts = f"{path}/accounts"
    await json(await client.post(accounts, json={"account_ids": [str(other.id)]}))
    assert await shown(client, path) == [share.id, after.id, theirs.id, before.id]
    await json(await client.call("DELETE", accounts, json={"account_ids": [str(other.id)]}))
    assert await shown(client, path) == expected
    await timelines.rebuild(me)
    assert await shown(client, path) == expected
    await mutes.mute(me, stranger)
    assert await shown(client, path) == expected[1:]
    await blocks.block(me, one)
    assert await shown(client, path) == []


async def test_comments_are_shown_as_the_policy_says(node: Node) -> None:
    me, member, second, followed, stranger = [await builders.local_account() for _ in range(5)]
    for other in (member, second, followed):
        await builders.following(me, other)
    client = await node.signed_in(me)
    paths = {
        policy: await made(client, member, second, replies_policy=policy) for policy in ("followed", "list", "none")
    }
    comments = {}
    for name, author in (("mine", me), ("own", member), ("member", second), ("followed", followed), ("no", stranger)):
        parent = await builders.post(author)
        comments[name] = (await builders.post(member, "a comment", parent_id=parent.id)).id
    names = {number: name for name, number in comments.items()}

    async def seen(policy: str) -> set[str]:
        return {names[number] for number in await shown(client, paths[policy]) if number in names}

    assert await seen("none") == {"mine", "own"}
    assert await seen("list") == {"mine", "own", "member"}
    assert await seen("followed") == {"mine", "own", "member", "followed"}
    await json(await client.call("PUT", paths["none"], json={"replies_policy": "followed"}))
    assert await seen("none") == {"mine", "own", "member", "followed"}


async def test_members_of_an_exclusive_list_stay_out_of_home(node: Node) -> None:
    me, member = await builders.local_account(), await builders.local_account()
    await builders.following(me, member)
    client = await node.signed_in(me)
    first = await builders.post(member)
    mine = await builders.post(me)
    path = await made(client, member, me)
    assert await builders.home_of(me) == [mine.id, first.id]
    await json(await client.call("PUT", path, json={"exclusive": True}))
    assert await builders.home_of(me) == [mine.id]
    second = await builders.post(member)
    assert await builders.home_of(me) == [mine.id]
    assert await shown(client, path) == [second.id, mine.id, first.id]
    await json(await client.call("DELETE", f"{path}/accounts", json={"account_ids": [str(member.id)]}))
    assert await builders.home_of(me) == [second.id, mine.id, first.id]
    await json(await client.post(f"{path}/accounts", json={"account_ids": [str(member.id)]}))
    assert await builders.home_of(me) == [mine.id]
    await json(await client.call("DELETE", path))
    assert await builders.home_of(me) == [second.id, mine.id, first.id]


async def test_a_list_of_somebody_long_away_is_rebuilt_on_return(node: Node) -> None:
    me, member = await builders.local_account(), await builders.local_account()
    await builders.following(me, member)
    client = await node.signed_in(me)
    path = await made(client, member)
    await db.execute("UPDATE users SET home_built_at = 1, last_active_at = NULL WHERE account_id = ?", (me.id,))
    assert await timelines.drop_quiet() == 1
    post = await builders.post(member)
    assert (await db.fetch_all("SELECT 1 FROM list_entries")) == []
    presence.forget_all()
    assert await shown(client, path) == [post.id]


async def test_a_page_of_a_list_is_one_statement_when_all_is_kept(node: Node) -> None:
    me = await builders.local_account()
    members = [await builders.local_account() for _ in range(4)]
    for member in members:
        await builders.following(me, member)
    client = await node.signed_in(me)
    path = (await made(client, *members)).replace("/lists/", "/timelines/list/")
    for number in range(12):
        await builders.post(members[number % 4], f"#tag{number}")
    counts = []
    for limit in (3, 12):
        memory.forget_all()
        await presence.arrived(me)
        with counted_statements() as cold:
            assert len(await json(await client.get(f"{path}?limit={limit}"))) == limit
        with counted_statements() as warm:
            await client.get(f"{path}?limit={limit}")
        counts.append((len(cold), len(warm)))
    assert counts[0] == counts[1]
    assert counts[0][1] == 1
