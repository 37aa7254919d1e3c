"""What authors do with the comments on their posts: pin some, limit others."""

from __future__ import annotations

from typing import Any

from node.models.accounts import Account
from node.models.posts import Post
from node.services import posts
from tests import builders
from tests.api.client import Client, Node, json
from tests.conftest import HeldClock


async def below(client: Client, post: Post) -> list[str]:
    """Ids of the comments below a post, as they are read."""
    context = await json(await client.get(f"/api/v1/statuses/{post.id}/context"))
    return [item["id"] for item in context["descendants"]]


async def count(client: Client, post: Post) -> int:
    """How many comments the post says it has."""
    return int((await json(await client.get(f"/api/v1/statuses/{post.id}")))["replies_count"])


async def limit(client: Client, **limits: Any) -> Any:
    """Set the limits for comments."""
    return await json(await client.call("PUT", "/api/v1/comment_limits", json=limits))


async def test_pinned_comments_stand_first_under_their_post(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    owner, other = await node.signed_in(alice), await node.signed_in(bob)
    post = await builders.post(alice)
    comments = [await builders.post(bob, str(number), parent_id=post.id) for number in range(5)]
    answer = await builders.post(alice, "thanks", parent_id=comments[3].id)

    def path(comment: Post) -> str:
        return f"/api/v1/statuses/{post.id}/comments/{comment.id}/pin"

    for comment in (comments[3], comments[1], comments[1]):
        shown = await json(await owner.post(path(comment)))
        assert (shown["id"], shown["comment_pinned"]) == (str(comment.id), True)
    expected = [comments[3], answer, comments[1], comments[0], comments[2], comments[4]]
    for client in (owner, other, node.client()):
        assert await below(client, post) == [str(each.id) for each in expected]

    assert (await json(await owner.post(path(answer)), 404))["error"] == "Record not found"
    await json(await other.post(path(comments[0])), 403)
    await json(await owner.post(path(comments[0])))
    full = await json(await owner.post(path(comments[2])), 422)
    assert full["error"] == "Validation failed: You have already pinned the maximum number of comments"
    for _ in range(2):
        assert (await json(await owner.call("DELETE", path(comments[3]))))["comment_pinned"] is False
    assert (await below(owner, post))[:3] == [str(each.id) for each in (comments[1], comments[0], comments[2])]
    await posts.delete(bob, comments[1].id)
    await json(await owner.post(path(comments[2])))


async def test_a_comment_with_an_unwanted_word_is_seen_by_its_author_and_the_posts_alone(node: Node) -> None:
    alice, bob, eve = [await builders.local_account(name) for name in ("alice", "bob", "eve")]
    owner, writer, reader = [await node.signed_in(each) for each in (alice, bob, eve)]
    limits = await limit(owner, keywords=["buy now", "buy now", " "])
    assert limits == {"keywords": ["buy now"], "min_account_age_days": 0, "followers_only": False}
    assert await json(await owner.get("/api/v1/comment_limits")) == limits
    post = await builders.post(alice)
    spam = await builders.post(bob, "@eve BUY  now".replace("  ", " "), parent_id=post.id)
    fine = await builders.post(bob, "buy nowhere", parent_id=post.id)
    assert (await json(await owner.get(f"/api/v1/statuses/{spam.id}")))["comment_hidden"] is True
    for client, seen in (
        (owner, [spam, fine]),
        (writer, [spam, fine]),
        (reader, [fine]),
        (node.client(), [fine]),
    ):
        assert await below(client, post) == [str(each.id) for each in seen]
    await json(await reader.get(f"/api/v1/statuses/{spam.id}"), 404)
    assert await count(reader, post) == 1
    assert [told[2] for told in await builders.told(alice)] == [fine.id]
    assert await builders.told(eve) == []

    await posts.edit(bob, spam.id, posts.Edit(text="Lovely"))
    await posts.edit(bob, fine.id, posts.Edit(text="Buy now!"))
    assert await below(reader, post) == [str(spam.id)]
    await limit(owner, keywords=["lovely"])
    assert await below(reader, post) == [str(fine.id)]
    await limit(owner, keywords=[])
    assert (await below(reader, post), await count(reader, post)) == ([str(spam.id), str(fine.id)], 2)
    await limit(owner, keywords=["lovely"])
    await posts.delete(bob, spam.id)
    assert await count(reader, post) == 1


async def test_comments_of_young_accounts_and_of_strangers_can_be_limited(node: Node, held_clock: HeldClock) -> None:
    alice, fan, far = (
        await builders.local_account("alice"),
        await builders.local_account("fan"),
        await builders.remote_account("far"),
    )
    await builders.following(fan, alice)
    held_clock.advance(3 * 86_400)
    young = await builders.local_account("young")
    owner, public = await node.signed_in(alice), node.client()
    await limit(owner, min_account_age_days=2)
    post = await builders.post(alice)

    async def comments(*authors: Account) -> list[str]:
        held_clock.advance(1)
        return [str((await builders.post(author, "Hm", parent_id=post.id)).id) for author in authors]

    by_young, by_fan = await comments(young, fan)
    by_far = str((await builders.received(far, parent=post)).id)
    assert set(await below(public, post)) == {by_fan, by_far}
    await limit(owner, followers_only=True, min_account_age_days=0)
    assert await below(public, post) == [by_fan]
    assert set(await below(owner, post)) == {by_young, by_fan, by_far}

    for wrong, status in (
        ({"min_account_age_days": -1}, 422),
        ({"min_account_age_days": "soon"}, 400),
        ({"keywords": ["x" * 101]}, 422),
        ({"keywords": [str(number) for number in range(201)]}, 422),
    ):
        await json(await owner.call("PUT", "/api/v1/comment_limits", json=wrong), status)
    await json(await (await node.signed_in(alice, "read")).call("PUT", "/api/v1/comment_limits", json={}), 403)
    await json(await public.get("/api/v1/comment_limits"), 401)
