"""What activities of another server do here, through the same services as anybody's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from node import clock
from node.models.accounts import Account, User
from node.models.graph import Block, Follow, Like
from node.models.media import MediaFile
from node.models.posts import Post
from node.services import blocks, follows
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person


async def met(node: Node, person: Person) -> Account:
    """The account of somebody over there, known here because they sent something."""
    answer = await node.receive(person.activity("Like", "http://here.example/ap/posts/1"), person)
    assert answer.status_code == 202
    await node.process()
    return await Account.get(uri=person.uri)


async def followed(node: Node, person: Person, reader: Account) -> Account:
    """`met`, and followed by somebody here."""
    account = await met(node, person)
    await builders.following(reader, account)
    return account


async def test_a_follow_is_accepted_at_once_and_the_follower_told(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    follow = ann.follow(me.uri)
    await node.take(follow, ann)
    assert (await Follow.get(uri=follow["id"])).accepted
    await node.deliver()
    [accept] = peer.received
    assert accept["type"] == "Accept"
    assert accept["object"] == {key: follow[key] for key in ("id", "type", "actor", "object")}
    assert peer.posted[0].target == "/users/ann/inbox"


async def test_a_follow_of_a_private_account_waits_and_is_accepted_when_its_owner_does(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account(is_private=True)
    await node.take(ann.follow(me.uri), ann)
    await node.deliver()
    assert peer.received == []
    await follows.accept(me, (await Account.get(uri=ann.uri)).id)
    await node.deliver()
    assert [activity["type"] for activity in peer.received] == ["Accept"]


async def test_a_repeated_follow_is_accepted_again_with_its_new_id(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    first, second = ann.follow(me.uri), ann.follow(me.uri)
    await node.take(first, ann)
    await node.take(second, ann)
    await node.deliver()
    assert [activity["object"]["id"] for activity in peer.received] == [first["id"], second["id"]]
    assert await node.count("follows") == 1


async def test_a_follow_by_somebody_blocked_is_rejected(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await blocks.block(me, await met(node, ann))
    follow = ann.follow(me.uri)
    await node.take(follow, ann)
    await node.deliver()
    assert [a["type"] for a in peer.received if a["type"] != "Block"] == ["Reject"]
    assert await node.count("follows") == 0


async def test_our_follow_becomes_real_only_by_the_accept_of_the_one_followed(node: Node, peer: Peer) -> None:
    ann, eve, me = peer.person("ann"), peer.person("eve", key=1), await builders.local_account()
    follow = await follows.follow(me, await met(node, ann))
    embedded = {"id": follow.uri, "type": "Follow", "actor": me.uri, "object": ann.uri}
    await node.take(eve.activity("Accept", embedded), eve)
    await node.take(eve.activity("Accept", follow.uri), eve)
    await node.take(eve.activity("Accept", embedded | {"object": eve.uri}), eve)
    assert not (await builders.fresh(follow)).accepted
    await node.take(ann.activity("Accept", embedded), ann)
    assert (await builders.fresh(follow)).accepted


async def test_an_accept_may_name_the_follow_by_its_id_alone(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    follow = await follows.follow(me, await met(node, ann))
    await node.take(ann.activity("Accept", follow.uri), ann)
    assert (await builders.fresh(follow)).accepted


async def test_a_reject_after_the_accept_ends_the_follow(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    follow = await builders.following(me, await met(node, ann))
    await node.take(
        ann.activity("Reject", {"id": follow.uri, "type": "Follow", "actor": me.uri, "object": ann.uri}), ann
    )
    assert await node.count("follows") == 0


@pytest.mark.parametrize("embedded", [True, False])
async def test_a_follow_is_undone_by_its_own_actor(node: Node, peer: Peer, embedded: bool) -> None:
    ann, eve, me = peer.person("ann"), peer.person("eve", key=1), await builders.local_account()
    follow = ann.follow(me.uri)
    await node.take(follow, ann)
    inner = follow if embedded else follow["id"]
    await node.take(eve.activity("Undo", inner), eve)
    assert await node.count("follows") == 1
    await node.take(ann.activity("Undo", inner), ann)
    assert await node.count("follows") == 0


async def test_a_post_of_somebody_followed_reaches_the_home_timeline(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await User.filter(account_id=me.id).update(home_built_at=clock.now())
    await followed(node, ann, me)
    note = ann.note(
        '<p onclick="x()">Hello<script>alert(1)</script></p>',
        attachment=[
            {
                "type": "Document",
                "mediaType": "image/jpeg",
                "url": f"{peer.origin}/1.jpg",
                "name": "A grebe",
                "width": 8,
                "height": 6,
            }
        ],
        tag=[{"type": "Hashtag", "name": "#Grebe", "href": f"{peer.origin}/tags/grebe"}],
        summary="birds",
        sensitive=True,
    )
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert post.content == "<p>Hello</p>"
    assert (post.spoiler_text, post.sensitive, post.visibility, post.is_local) == ("birds", True, "public", False)
    media = await MediaFile.get(post_id=post.id)
    assert (media.remote_url, media.description) == (f"{peer.origin}/1.jpg", "A grebe")
    assert await node.count("post_hashtags", "post_id = ?", post.id) == 1
    assert await builders.home_of(me) == [post.id]


async def test_a_post_that_concerns_nobody_here_is_dropped(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    await node.take(ann.create(ann.note()), ann)
    assert await node.count("posts") == 0


async def test_a_mention_brings_a_post_in_and_tells_the_one_mentioned(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    note = ann.note(tag=[{"type": "Mention", "href": me.uri, "name": f"@{me.username}@here.example"}], cc=[me.uri])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert [(kind, number) for kind, _, number in await builders.told(me)] == [("mention", post.id)]


async def test_a_direct_post_is_seen_by_the_one_it_is_for(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    named = {"type": "Mention", "href": me.uri, "name": "@me"}
    note = ann.note(to=[me.uri], cc=[], tag=[named])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert post.visibility == "direct"
    assert await node.count("mentions", "post_id = ? AND account_id = ?", post.id, me.id) == 1


@pytest.mark.parametrize(
    ("to", "cc", "visibility"),
    [
        ([PUBLIC], ["FOLLOWERS"], "public"),
        (["as:Public"], [], "public"),
        (["FOLLOWERS"], ["Public"], "unlisted"),
        (["FOLLOWERS"], [], "followers"),
    ],
)
async def test_visibility_is_told_from_the_addressing(
    node: Node, peer: Peer, to: list[str], cc: list[str], visibility: str
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note(
        **{
            name: [ann.followers if value == "FOLLOWERS" else value for value in values]
            for name, values in (("to", to), ("cc", cc))
        }
    )
    await node.take(ann.create(note), ann)
    assert (await Post.get(uri=note["id"])).visibility == visibility


async def test_a_comment_counts_and_tells_the_author(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    post = await builders.post(me)
    note = ann.note(inReplyTo=post.uri, cc=[me.uri])
    await node.take(ann.create(note), ann)
    assert (await Post.get(uri=note["id"])).parent_id == post.id
    assert (await builders.fresh(post)).comments_count == 1
    assert [kind for kind, _, _ in await builders.told(me)] == ["mention"]


async def test_the_thread_above_a_comment_is_fetched_from_its_origins(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob, me = peer.person("ann"), stranger.person("bob"), await builders.local_account()
    await followed(node, ann, me)
    top = stranger.serve(bob.note("<p>top</p>"))
    middle = stranger.serve(bob.note("<p>middle</p>", inReplyTo=top["id"]))
    note = ann.note(inReplyTo=middle["id"])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"]).select_related("parent__parent")
    assert post.parent is not None and post.parent.parent is not None
    assert (post.parent.uri, post.parent.parent.uri) == (middle["id"], top["id"])
    assert post.conversation_id == post.parent.parent.id


async def test_a_comment_on_a_post_that_cannot_be_had_is_kept_without_it(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note(inReplyTo=f"{stranger.origin}/notes/gone")
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert (post.parent_id, post.parent_uri) == (None, f"{stranger.origin}/notes/gone")


@pytest.mark.parametrize("kind", ["Article", "Page", "Video", "Event"])
async def test_other_kinds_of_objects_become_a_card_with_a_link(node: Node, peer: Peer, kind: str) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note("<p>" + "long " * 500 + "</p>", type=kind, name="Birds & <i>more</i>", url=f"{peer.origin}/page/1")
    await node.take(ann.create(note), ann)
    content = (await Post.get(uri=note["id"])).content
    assert f'href="{peer.origin}/page/1"' in content
    assert "Birds &amp; &lt;i&gt;more&lt;/i&gt;" in content
    assert "long long" not in content


async def test_an_edit_changes_the_post_and_keeps_its_audience_and_author(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note(to=[ann.followers], cc=[])
    await node.take(ann.create(note), ann)
    later = (clock.now() + timedelta(seconds=1)).isoformat()
    await node.take(ann.activity("Update", note | {"content": "<p>new</p>", "updated": later, "to": [PUBLIC]}), ann)
    post = await Post.get(uri=note["id"])
    assert (post.content, post.visibility) == ("<p>new</p>", "followers")


async def test_an_edit_that_comes_before_its_create_counts_as_one(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note(updated=clock.now().isoformat())
    await node.take(ann.activity("Update", note), ann)
    assert await node.count("posts", "uri = ?", note["id"]) == 1
    days_ago = (clock.now() - timedelta(hours=25)).isoformat()
    await node.take(ann.activity("Update", old := ann.note(published=days_ago, updated=clock.now().isoformat())), ann)
    assert await node.count("posts", "uri = ?", old["id"]) == 0, "its Create was not overtaken, it was not for us"


@pytest.mark.parametrize("embedded", [True, False])
async def test_a_deletion_removes_the_post_and_a_late_create_does_not_bring_it_back(
    node: Node, peer: Peer, embedded: bool
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note()
    await node.take(ann.create(note), ann)
    await node.take(ann.activity("Delete", {"id": note["id"], "type": "Tombstone"} if embedded else note["id"]), ann)
    await node.take(ann.create(note), ann)
    assert await node.count("posts", "uri = ?", note["id"]) == 0


async def test_a_deletion_that_comes_first_keeps_the_post_out(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = ann.note()
    await node.take(ann.activity("Delete", note["id"]), ann)
    await node.take(ann.create(note), ann)
    assert await node.count("posts") == 0


async def test_a_deleted_account_takes_its_posts_and_follows_along(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    account = await followed(node, ann, me)
    await node.take(ann.create(ann.note()), ann)
    await node.take(ann.activity("Delete", ann.uri), ann)
    assert await node.count("posts") == 0
    assert await node.count("follows") == 0
    assert (await builders.fresh(account)).suspended_at is not None


@pytest.mark.parametrize("kind", ["Like", "EmojiReact"])
async def test_a_like_is_counted_once_and_can_be_taken_back(node: Node, peer: Peer, kind: str) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    post = await builders.post(me)
    like = ann.activity(kind, post.uri)
    await node.take(like, ann)
    await node.take(ann.activity(kind, post.uri), ann)
    assert (await builders.fresh(post)).likes_count == 1
    assert (await Like.get(post_id=post.id)).uri == like["id"]
    await node.take(ann.activity("Undo", like), ann)
    assert (await builders.fresh(post)).likes_count == 0


async def test_a_share_of_ours_is_counted_and_told_and_can_be_taken_back(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    post = await builders.post(me)
    announce = ann.activity(
        "Announce", post.uri, to=[PUBLIC], cc=[ann.followers, me.uri], published="2026-11-22T00:00:00Z"
    )
    await node.take(announce, ann)
    assert (await builders.fresh(post)).shares_count == 1
    assert [kind for kind, _, _ in await builders.told(me)] == ["reblog"]
    await node.take(ann.activity("Undo", announce), ann)
    assert (await builders.fresh(post)).shares_count == 0


async def test_what_is_shared_is_read_from_its_origin_not_from_the_share(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob, me = peer.person("ann"), stranger.person("bob"), await builders.local_account()
    await followed(node, ann, me)
    note = stranger.serve(bob.note("<p>true</p>"))
    await node.take(ann.activity("Announce", note | {"content": "<p>forged</p>"}, to=[PUBLIC], cc=[]), ann)
    assert (await Post.get(uri=note["id"])).content == "<p>true</p>"
    assert await node.count("posts", "shared_post_id IS NOT NULL") == 1


async def test_a_share_nobody_here_would_see_fetches_nothing(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob = peer.person("ann"), stranger.person("bob")
    note = stranger.serve(bob.note())
    await node.take(ann.activity("Announce", note["id"], to=[PUBLIC], cc=[]), ann)
    assert stranger.asked == []


async def test_a_followers_only_post_its_author_shares_again_is_read_by_one_of_the_followers(
    node: Node, peer: Peer
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    note = peer.serve(ann.note(to=[ann.followers], cc=[]))
    await node.take(ann.activity("Announce", note["id"], to=[ann.followers], cc=[]), ann)
    shared = await Post.get(shared_post_id__isnull=False).select_related("shared_post")
    assert (shared.visibility, shared.shared_post.uri) == ("followers", note["id"])
    [asked] = [asked for asked in peer.server.asked if asked.target.startswith("/notes/")]
    assert f'keyId="{me.uri}#main-key"' in asked.headers["signature"]


async def test_a_block_ends_follows_and_can_be_taken_back(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    block = ann.activity("Block", me.uri)
    await node.take(block, ann)
    assert await node.count("follows") == 0
    assert await Block.filter(uri=block["id"]).exists()
    await node.take(ann.activity("Undo", block), ann)
    assert await node.count("blocks") == 0


async def test_a_changed_profile_is_read_from_its_origin(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    account = await met(node, ann)
    ann.extra |= {"name": "Ann the true", "memorial": True, "hidesCcPublicFromUnauthedWeb": True}
    ann.extra["attributionDomains"] = ["News.example", "news.example", "no domain", 7]
    await node.take(ann.activity("Update", ann.document() | {"name": "Ann the forged"}), ann)
    account = await builders.fresh(account)
    assert (account.display_name, account.memorial) == ("Ann the true", True)
    assert account.attribution_domains == ["news.example"]
    assert (account.hides_public, account.hides_unlisted) == (False, True)


@pytest.mark.parametrize("kind", ["Listen", "View", "Offer", "Move", "SomethingNew"])
async def test_kinds_unknown_here_are_taken_and_dropped(node: Node, peer: Peer, kind: str) -> None:
    ann = peer.person("ann")
    await node.take(ann.activity(kind, "http://here.example/ap/posts/1"), ann)
    assert await node.count("jobs", "state IN ('failed', 'waiting')") == 0


async def test_stories_and_what_is_said_of_them_leave_nothing_behind(node: Node, peer: Peer) -> None:
    """Pixelfed's: an address that bears its token is not opened, and nobody's post or pin is touched."""
    ann, me = peer.person("ann"), await builders.local_account()
    await followed(node, ann, me)
    ours = await builders.post(me)
    story = f"{peer.origin}/stories/ann/1"
    named = {"id": story, "type": "Story", "object": f"bear:?t={'a' * 64}&u={story}"}
    for activity in (
        ann.activity("Add", named, to=[ann.followers]),
        ann.activity("Add", {**named, "target": f"{ann.uri}/featured"}, to=[ann.followers]),
        ann.activity("View", {"type": "Story", "object": story}, to=me.uri),
        ann.activity("Story:Reply", None, to=me.uri, content="Lovely", inReplyTo=ours.uri),
        ann.activity("Story:Reaction", None, to=me.uri, content="\U0001f60d", inReplyTo=ours.uri),
        ann.activity("Delete", {"id": story, "type": "Story"}),
    ):
        await node.take({key: value for key, value in activity.items() if value is not None}, ann)
    assert [post.uri for post in await Post.all()] == [ours.uri]
    assert await builders.told(me) == []
    assert not any("/stories/" in path for path in peer.asked)


async def test_an_activity_that_fails_does_not_undo_its_neighbours(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    post = await builders.post(me)
    bad = ann.note(inReplyTo=post.uri, attributedTo=ann.uri, id=f"{peer.origin}/notes/x", cc=[me.uri])
    for activity in (
        ann.activity("Like", post.uri),
        ann.activity("Accept", bad),
        ann.create(ann.note(inReplyTo=post.uri)),
    ):
        assert (await node.receive(activity, ann)).status_code == 202
    await node.process()
    post = await builders.fresh(post)
    assert (post.likes_count, post.comments_count) == (1, 1)
    assert await node.count("jobs", "kind = 'receive' AND state <> 'done'") == 0
