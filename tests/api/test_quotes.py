"""Quotes over the API: made, shown, listed, revoked."""

from __future__ import annotations

from typing import Any

from api.entities import memory
from node.models.graph import Block, Mute
from node.models.posts import Post
from node.services import posts, shares
from node.services.interaction_policies import Policies
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements

GONE = "The post you are trying to quote does not appear to exist."


async def quoted(client: Client, post: Post, answer: int = 200, **values: Any) -> Any:
    """What the API answers when a post is quoted."""
    return await json(await client.post("/api/v1/statuses", json={"quoted_status_id": str(post.id), **values}), answer)


async def shown(client: Client, post_id: object) -> Any:
    """A post as the caller sees it."""
    return await json(await client.get(f"/api/v1/statuses/{post_id}"))


async def test_a_quote_shows_the_quoted_post_whole_and_what_that_quotes_by_id(node: Node) -> None:
    alice, bob, eve = [await builders.local_account(name) for name in ("alice", "bob", "eve")]
    client = await node.signed_in(bob)
    first = await builders.post(alice, "A heron")
    second = await quoted(client, first)
    assert second["quote"]["state"] == "accepted"
    assert second["quote"]["quoted_status"]["id"] == str(first.id)
    assert second["quote"]["quoted_status"]["quote"] is None
    assert second["quote"]["quoted_status"]["quotes_count"] == 1
    assert (await builders.told(alice)) == [("quote", bob.id, int(second["id"]))]

    share = await shares.share(eve, int(second["id"]))
    third = await quoted(await node.signed_in(eve), share, status="Look")
    for reader in (node.client(), client):
        seen = await shown(reader, third["id"])
        assert seen["quote"]["quoted_status"]["id"] == second["id"]
        assert seen["quote"]["quoted_status"]["quote"] == {"state": "accepted", "quoted_status_id": str(first.id)}
        shared = await shown(reader, share.id)
        assert (shared["quote"], shared["reblog"]["quote"]["quoted_status"]["id"]) == (None, str(first.id))
    listed = await json(await node.client().get(f"/api/v1/statuses/{first.id}/quotes"))
    assert [item["id"] for item in listed] == [second["id"]]


async def test_a_quote_shows_a_viewer_no_more_than_they_may_and_want_to_see(node: Node) -> None:
    alice, bob, eve = [await builders.local_account(name) for name in ("alice", "bob", "eve")]
    post = await builders.post(alice)
    made = await quoted(await node.signed_in(bob), post, status="Look")
    reader = await node.signed_in(eve)

    mute = await Mute.create(account=eve, target=alice)
    muted = (await shown(reader, made["id"]))["quote"]
    assert (muted["state"], muted["quoted_status"]["id"]) == ("muted_account", str(post.id))
    await mute.delete()
    block = await Block.create(account=eve, target=alice, uri="https://here.example/b/1")
    blocked = (await shown(reader, made["id"]))["quote"]
    assert (blocked["state"], blocked["quoted_status"]["id"]) == ("blocked_account", str(post.id))
    await block.delete()
    await Block.create(account=alice, target=eve, uri="https://here.example/b/2")
    assert (await shown(reader, made["id"]))["quote"] == {"state": "unauthorized", "quoted_status": None}
    await Post.filter(id=post.id).update(visibility="followers")
    assert (await shown(node.client(), made["id"]))["quote"] == {"state": "unauthorized", "quoted_status": None}
    await posts.delete(alice, post.id)
    assert (await shown(reader, made["id"]))["quote"] == {"state": "deleted", "quoted_status": None}


async def test_who_may_quote_is_the_authors_to_say(node: Node) -> None:
    alice, bob, fan = [await builders.local_account(name) for name in ("alice", "bob", "fan")]
    await builders.following(fan, alice)
    owner, stranger, follower = [await node.signed_in(account) for account in (alice, bob, fan)]

    async def approval(client: Client, post_id: object) -> Any:
        return (await shown(client, post_id))["quote_approval"]

    made = await json(
        await owner.post("/api/v1/statuses", json={"status": "mine", "quote_approval_policy": "followers"})
    )
    post = await Post.get(id=int(made["id"]))
    assert await approval(follower, post.id) == {"automatic": ["followers"], "manual": [], "current_user": "automatic"}
    assert (await approval(stranger, post.id))["current_user"] == "denied"
    assert (await approval(node.client(), post.id))["current_user"] == "denied"
    assert (await quoted(stranger, post, 404, status="no"))["error"] == GONE
    assert (await quoted(follower, post, status="yes"))["quote"]["state"] == "accepted"

    policy = f"/api/v1/statuses/{post.id}/interaction_policy"
    changed = await json(await owner.call("PUT", policy, json={"quote_approval_policy": "nobody"}))
    assert changed["quote_approval"] == {"automatic": [], "manual": [], "current_user": "automatic"}
    assert changed["edited_at"] is None
    assert (await quoted(follower, post, 404))["error"] == GONE
    assert (await quoted(owner, post, status="my own"))["quote"]["state"] == "accepted"
    await json(await owner.call("PUT", policy, json={"quote_approval_policy": "friends"}), 422)
    await json(await stranger.call("PUT", policy, json={"quote_approval_policy": "public"}), 404)
    edited = await json(
        await owner.call(
            "PUT", f"/api/v1/statuses/{post.id}", json={"status": "anew", "quote_approval_policy": "public"}
        )
    )
    assert edited["quote_approval"]["automatic"] == ["public"]
    assert [kind for kind, _, _ in await builders.told(fan)] == ["quoted_update"]

    await json(
        await owner.call("PATCH", "/api/v1/accounts/update_credentials", json={"source": {"quote_policy": "followers"}})
    )
    me = await json(await owner.get("/api/v1/accounts/verify_credentials"))
    assert me["source"]["quote_policy"] == "followers"
    assert (await json(await owner.get("/api/v1/preferences")))["posting:default:quote_policy"] == "followers"
    later = await json(await owner.post("/api/v1/statuses", json={"status": "as usual"}))
    assert later["quote_approval"]["automatic"] == ["followers"]
    private = await json(await owner.post("/api/v1/statuses", json={"status": "hush", "visibility": "private"}))
    assert private["quote_approval"]["automatic"] == []


async def test_what_cannot_be_quoted_is_not_there(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client = await node.signed_in(bob)
    hidden = await builders.post(alice, "hush", visibility="followers")
    direct = await builders.post(alice, "@bob", visibility="direct")
    remote = await builders.received(await builders.remote_account())
    for post in (hidden, direct, remote):
        assert (await quoted(client, post, 404, status="Look"))["error"] == GONE
    await json(await client.post("/api/v1/statuses", json={"quoted_status_id": "x", "status": "a"}), 400)
    assert await Post.filter(account_id=bob.id).count() == 0

    open_elsewhere = await builders.received(await builders.remote_account())
    await Post.filter(id=open_elsewhere.id).update(quote_policy="public")
    waiting = await quoted(client, open_elsewhere, status="May I?")
    assert waiting["quote"] == {"state": "pending", "quoted_status": None}

    own = await builders.post(bob, "for followers", visibility="followers")
    assert (await quoted(client, own, status="again", visibility="public"))["visibility"] == "private"
    post = await builders.post(alice)
    refused = await quoted(client, post, 422, status="to nobody", visibility="direct")
    assert refused["error"] == "Validation failed: Cannot quote a non-mentioned user in a Private Mention post."
    private = await quoted(client, post, status="@alice yours", visibility="direct")
    assert private["quote"]["quoted_status"]["id"] == str(post.id)


async def test_a_revoked_quote_shows_nothing_any_more(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    owner, quoter = await node.signed_in(alice), await node.signed_in(bob)
    post = await builders.post(alice)
    made = [await quoted(quoter, post, status=str(number)) for number in range(3)]
    path = f"/api/v1/statuses/{post.id}/quotes"
    first = await owner.get(f"{path}?limit=2")
    assert [item["id"] for item in await json(first)] == [made[2]["id"], made[1]["id"]]
    assert "max_id=" in first.headers["Link"]
    await json(await quoter.post(f"{path}/{made[0]['id']}/revoke"), 403)
    for _ in range(2):
        revoked = await json(await owner.post(f"{path}/{made[0]['id']}/revoke"))
        assert (revoked["id"], revoked["quote"]) == (made[0]["id"], {"state": "revoked", "quoted_status": None})
    assert (await shown(owner, post.id))["quotes_count"] == 2
    await posts.delete(bob, int(made[1]["id"]))
    assert (await shown(owner, post.id))["quotes_count"] == 1
    assert [item["id"] for item in await json(await owner.get(path))] == [made[2]["id"]]
    await json(await owner.post(f"{path}/{post.id}/revoke"), 404)
    hidden = await builders.post(alice, "hush", visibility="followers")
    await json(await quoter.get(f"/api/v1/statuses/{hidden.id}/quotes"), 404)


async def test_pages_with_quotes_and_shares_take_a_fixed_number_of_statements(node: Node) -> None:
    reader = await builders.local_account("reader")
    top = await builders.post(reader, "top")
    for number in range(6):
        author = await builders.local_account()
        await builders.following(reader, author)
        picture = await builders.picture(author)
        await builders.post(
            author,
            f"#tag{number} @reader",
            media_ids=(picture.id,),
            policies=Policies(quote="followers"),
        )
        quote = await builders.post(author, "Look", quoted_post_id=top.id)
        again = await builders.post(author, "Look again", quoted_post_id=quote.id)
        await builders.post(author, "comment", parent_id=top.id, quoted_post_id=again.id)
        sharer = await builders.local_account()
        await builders.following(reader, sharer)
        await shares.share(sharer, again.id)
    for client in (await node.signed_in(reader), node.client()):
        await client.get("/api/v1/timelines/home")
        for path in ("/api/v1/timelines/home", "/api/v1/timelines/public", f"/api/v1/statuses/{top.id}/context"):
            if client.token is None and path.endswith("home"):
                continue
            await client.get(path)  # A thread is looked after once in a while, whatever is on the page.
            counts = set()
            for limit in (5, 10):
                memory.forget_all()
                with counted_statements() as cold:
                    await json(await client.get(f"{path}?limit={limit}"))
                with counted_statements() as warm:
                    await json(await client.get(f"{path}?limit={limit}"))
                counts.add((len(cold), len(warm)))
            assert len(counts) == 1, (path, counts)
            assert next(iter(counts))[1] <= 6
