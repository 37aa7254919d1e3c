"""What Pixelfed's apps read in posts beside Mastodon's members."""

from __future__ import annotations

from node.services import likes
from tests import builders
from tests.api.client import Node, json


async def test_posts_and_pictures_say_what_pixelfeds_apps_look_for(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    pictures = [await builders.picture(alice, width=800, height=600) for _ in range(2)]
    ids = tuple(picture.id for picture in pictures)
    post = await builders.post(alice, "A heron", media_ids=ids, sensitive=True)
    await likes.like(bob, post.id)
    shown = await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
    assert shown["shortcode"] == str(post.id)
    assert shown["liked_by"] == {"username": None, "others": False, "total_count": 1, "total_count_pretty": "1"}
    assert shown["pf_type"] == "photo:album"
    for picture in shown["media_attachments"]:
        assert (picture["is_nsfw"], picture["mime"]) == (True, "image/jpeg")
        assert {picture[key] for key in ("license", "filter_name", "filter_class", "hls_manifest")} == {None}
    client = await node.signed_in(alice)
    hidden = await json(await client.call("PUT", f"/api/v1/statuses/{post.id}", json={"hide_like_counts": True}))
    assert hidden["liked_by"]["total_count"] == 1
    shown = await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
    assert (shown["favourites_count"], shown["liked_by"]["total_count"]) == (0, 0)


async def test_comments_are_switched_off_and_on_by_editing_a_post(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice, "A heron")
    client, other = await node.signed_in(alice), await node.signed_in(bob)
    path, comment = f"/api/v1/statuses/{post.id}", {"status": "Fine", "in_reply_to_id": str(post.id)}
    for changes, status in (
        ({"comments_disabled": "1"}, 403),
        ({"comments_disabled": "0"}, 200),
        ({"comment_policy": "nobody"}, 403),
        ({"status": "Two herons"}, 403),
        ({"comments_disabled": False}, 200),
    ):
        edited = await json(await client.call("PUT", path, json={"status": "A heron", **changes}))
        assert edited["comments_disabled"] is (status == 403)
        await json(await other.post("/api/v1/statuses", json=comment), status)
