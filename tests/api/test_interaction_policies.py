"""Who may comment on a post and share it, and who sees how many like it."""

from __future__ import annotations

import pytest

from node.errors import Forbidden
from node.models.posts import Post
from node.services import likes, shares
from tests import builders
from tests.api.client import Client, Node, json


async def comment(client: Client, post_id: int, status: int = 200) -> str:
    """Comment on a post; what the API says when it refuses."""
    answer = await client.post("/api/v1/statuses", json={"status": "Nice", "in_reply_to_id": str(post_id)})
    return str((await json(answer, status)).get("error"))


async def test_comments_and_shares_are_for_those_the_author_lets(node: Node) -> None:
    alice, fan, friend, bob = [await builders.local_account(name) for name in ("alice", "fan", "friend", "bob")]
    await builders.following(fan, alice)
    await builders.following(alice, friend)
    owner, fans, friends, strangers = [await node.signed_in(each) for each in (alice, fan, friend, bob)]
    made = await json(
        await owner.post(
            "/api/v1/statuses",
            json={"status": "mine", "comment_policy": "followers", "share_policy": "following"},
        )
    )
    post_id = int(made["id"])
    assert (made["comment_policy"], made["share_policy"], made["comments_disabled"]) == (
        "followers",
        "following",
        False,
    )
    await comment(fans, post_id)
    await comment(owner, post_id)
    assert await comment(friends, post_id, 403) == "The author has limited who can comment"
    comment_of_fan = await Post.get(account_id=fan.id)
    assert await comment(strangers, comment_of_fan.id, 403) == "The author has limited who can comment"
    await json(await friends.post(f"/api/v1/statuses/{post_id}/reblog"))
    await json(await fans.post(f"/api/v1/statuses/{post_id}/reblog"), 403)

    far = await builders.remote_account("far")
    post = await Post.get(id=post_id)
    with pytest.raises(Forbidden):
        await builders.received(far, parent=post)
    with pytest.raises(Forbidden):
        await shares.share(far, post.id, uri="https://remote.example/shares/1")

    policy = f"/api/v1/statuses/{post_id}/interaction_policy"
    shown = await json(await owner.call("PUT", policy, json={"comments_disabled": True, "share_policy": "nobody"}))
    assert (shown["comments_disabled"], shown["comment_policy"], shown["share_policy"]) == (True, "nobody", "nobody")
    assert await comment(fans, comment_of_fan.id, 403) == "The author has turned comments off"
    await json(await owner.post(f"/api/v1/statuses/{post_id}/reblog"))
    shown = await json(await owner.call("PUT", policy, json={"comment_policy": "public"}))
    assert (shown["comments_disabled"], shown["comment_policy"]) == (False, "public")
    await comment(strangers, post_id)
    for wrong in ({"comment_policy": "friends"}, {"share_policy": "x"}):
        await json(await owner.call("PUT", policy, json=wrong), 422)
    await json(await owner.call("PUT", policy, json={"hide_like_counts": "perhaps"}), 400)
    await json(await (await node.signed_in(alice, "read")).call("PUT", policy, json={}), 403)


async def test_a_hidden_number_of_likes_is_shown_to_the_author_alone(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    owner, others = await node.signed_in(alice), await node.signed_in(bob)
    defaults = {"hide_like_counts": True, "comment_policy": "nobody", "share_policy": "followers"}
    me = await json(await owner.call("PATCH", "/api/v1/accounts/update_credentials", json={"source": defaults}))
    assert me["source"].items() >= defaults.items()
    made = await json(await owner.post("/api/v1/statuses", json={"status": "mine"}))
    assert (made["comment_policy"], made["share_policy"], made["hide_like_counts"]) == ("nobody", "followers", True)
    await likes.like(bob, int(made["id"]))
    numbers = []
    for client in (owner, others, node.client()):
        shown = await json(await client.get(f"/api/v1/statuses/{made['id']}"))
        who = await json(await client.get(f"/api/v1/statuses/{made['id']}/favourited_by"))
        numbers.append((shown["favourites_count"], len(who)))
    assert numbers == [(1, 1), (0, 0), (0, 0)]
    collection = await json(
        await node.client().get(f"/ap/posts/{made['id']}/likes", headers={"Accept": "application/activity+json"})
    )
    assert "totalItems" not in collection
    await json(
        await owner.call("PUT", f"/api/v1/statuses/{made['id']}/interaction_policy", json={"hide_like_counts": False})
    )
    shown = await json(await others.get(f"/api/v1/statuses/{made['id']}"))
    assert (shown["favourites_count"], shown["hide_like_counts"]) == (1, False)
