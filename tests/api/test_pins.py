"""Pinned posts and muted threads over the API."""

from __future__ import annotations

from node.models.posts import Post
from node.services import shares
from tests import builders
from tests.api.client import Client, Node, json


async def pinned_of(client: Client, account_id: int) -> list[str]:
    """Ids of the posts an account shows first, as they come."""
    shown = await json(await client.get(f"/api/v1/accounts/{account_id}/statuses?pinned=true"))
    return [item["id"] for item in shown]


async def refusal(client: Client, path: str, status: int = 422) -> str:
    """What the API says when it refuses to do something to a post."""
    return str((await json(await client.post(path), status))["error"])


async def test_a_pinned_post_stands_first_on_its_authors_profile_until_it_is_unpinned(node: Node) -> None:
    alice = await builders.local_account("alice")
    posts = [await builders.post(alice, f"post {number}") for number in range(3)]
    client, public = await node.signed_in(alice), node.client()
    for post in (posts[2], posts[0], posts[0]):
        shown = await json(await client.post(f"/api/v1/statuses/{post.id}/pin"))
        assert (shown["id"], shown["pinned"]) == (str(post.id), True)
    hidden = await builders.post(alice, "for followers", visibility="followers")
    await json(await client.post(f"/api/v1/statuses/{hidden.id}/pin"))

    newest_pin_first = [str(posts[0].id), str(posts[2].id)]
    assert await pinned_of(public, alice.id) == newest_pin_first
    assert await pinned_of(client, alice.id) == [str(hidden.id), *newest_pin_first]
    featured = await json(
        await public.get(f"/ap/users/{alice.id}/featured", headers={"Accept": "application/activity+json"})
    )
    assert (featured["totalItems"], featured["orderedItems"]) == (2, [posts[0].uri, posts[2].uri])
    assert "pinned" not in (await json(await public.get(f"/api/v1/statuses/{posts[0].id}")))

    for _ in range(2):
        shown = await json(await client.post(f"/api/v1/statuses/{posts[0].id}/unpin"))
        assert shown["pinned"] is False
    assert await pinned_of(public, alice.id) == [str(posts[2].id)]


async def test_what_cannot_be_pinned_is_refused_in_mastodons_words(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client = await node.signed_in(alice)
    foreign = await builders.post(bob)
    share = await shares.share(alice, foreign.id)
    direct = await builders.post(alice, "@bob", visibility="direct")
    hidden = await builders.post(bob, "hush", visibility="followers")

    def path(post: Post) -> str:
        return f"/api/v1/statuses/{post.id}/pin"

    assert await refusal(client, path(foreign)) == "Validation failed: Someone else's post cannot be pinned"
    assert await refusal(client, path(share)) == "Validation failed: A boost cannot be pinned"
    assert await refusal(client, path(direct)) == (
        "Validation failed: Posts that are only visible to mentioned users cannot be pinned"
    )
    assert await refusal(client, path(hidden), 404) == "Record not found"
    assert await refusal(node.client(), path(foreign), 401) == "The access token is invalid"
    assert "outside" in await refusal(await node.signed_in(alice, "read", "write:statuses"), path(foreign), 403)

    for number in range(5):
        await json(await client.post(path(await builders.post(alice, str(number)))))
    assert await refusal(client, path(await builders.post(alice))) == (
        "Validation failed: You have already pinned the maximum number of posts"
    )
    instance = await json(await client.get("/api/v2/instance"))
    assert instance["configuration"]["accounts"]["max_pinned_statuses"] == 5


async def test_a_muted_thread_notifies_nobody_who_muted_it(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    comment = await builders.post(bob, "@alice fine", parent_id=post.id)
    client, bobs = await node.signed_in(alice), await node.signed_in(bob)
    assert await builders.told(alice) == [("mention", bob.id, comment.id)]

    shown = await json(await client.post(f"/api/v1/statuses/{comment.id}/mute"))
    assert (shown["id"], shown["muted"]) == (str(comment.id), True)
    assert (await json(await client.get(f"/api/v1/statuses/{post.id}")))["muted"] is True
    assert (await json(await bobs.get(f"/api/v1/statuses/{post.id}")))["muted"] is False
    await builders.post(bob, "@alice again", parent_id=comment.id)
    await json(await bobs.post(f"/api/v1/statuses/{post.id}/favourite"))
    await json(await bobs.post(f"/api/v1/statuses/{post.id}/reblog"))
    assert len(await builders.told(alice)) == 1

    for _ in range(2):
        assert (await json(await client.post(f"/api/v1/statuses/{post.id}/unmute")))["muted"] is False
    answer = await builders.post(bob, "@alice and again", parent_id=comment.id)
    assert (await builders.told(alice))[-1] == ("mention", bob.id, answer.id)
    hidden = await builders.post(bob, "hush", visibility="followers")
    assert await refusal(client, f"/api/v1/statuses/{hidden.id}/mute", 404) == "Record not found"
    assert "outside" in await refusal(
        await node.signed_in(alice, "read", "write:statuses"), f"/api/v1/statuses/{post.id}/mute", 403
    )


async def test_a_thread_stays_muted_when_its_beginning_arrives_late(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    later = builders.incoming(bob)
    comment = await builders.received(bob, parent_uri=later.uri, mentions=(alice,))
    client = await node.signed_in(alice)
    await json(await client.post(f"/api/v1/statuses/{comment.id}/mute"))
    beginning = await builders.received(bob, uri=later.uri)
    assert (await json(await client.get(f"/api/v1/statuses/{beginning.id}")))["muted"] is True
