"""Publishing, editing and deleting posts and comments."""

from __future__ import annotations

import pytest

from node import db, events
from node.errors import Forbidden, Invalid, NotFound
from node.models.accounts import Account
from node.models.graph import Like
from node.models.media import MediaFile
from node.models.posts import Mention, Place, Post, PostEdit, PostHashtag, Tombstone
from node.runtime import Runtime
from node.services import blocks, likes, posts, shares
from node.services.posts import Draft, Edit
from tests import builders


async def _nothing_was_written() -> bool:
    row = await db.fetch_one(
        "SELECT (SELECT COUNT(*) FROM posts) + (SELECT COUNT(*) FROM mentions) + (SELECT COUNT(*) FROM home_entries)"
        " + (SELECT COUNT(*) FROM post_hashtags) + (SELECT COUNT(*) FROM places)"
    )
    return row is not None and row[0] == 0


async def test_a_published_post_carries_all_it_was_given(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    files = [await builders.picture(alice) for _ in range(3)]
    async with builders.hearing(events.PostPublished) as heard:
        post = await posts.publish(
            alice,
            Draft(
                text="A heron with @bob@remote.example at #Dawn",
                media_ids=(files[2].id, files[0].id, files[1].id),
                spoiler_text="birds",
                sensitive=True,
                language="en",
                place_name="Lake Constance",
            ),
        )
    stored = await Post.get(id=post.id).prefetch_related("place")
    assert stored.uri == f"https://here.example/ap/posts/{post.id}"
    assert stored.url == f"https://here.example/@alice/{post.id}"
    assert (stored.spoiler_text, stored.sensitive, stored.language) == ("birds", True, "en")
    assert stored.conversation_id == stored.id and stored.has_media and stored.is_local
    assert stored.created_at == post.created_at
    assert isinstance(stored.place, Place) and stored.place.name == "Lake Constance"
    assert 'href="https://remote.example/@bob"' in stored.content
    in_order = await MediaFile.filter(post_id=post.id).order_by("position").values_list("id", flat=True)
    assert in_order == [files[2].id, files[0].id, files[1].id]
    assert [mention.account_id for mention in await Mention.filter(post_id=post.id, silent=False)] == [bob.id]
    assert [link.hashtag.name for link in await PostHashtag.all().prefetch_related("hashtag")] == ["dawn"]
    assert heard == [events.PostPublished(post.id)]
    assert (await Account.get(id=alice.id)).posts_count == 1


async def test_what_publish_returns_is_what_stands_in_the_database(started: Runtime) -> None:
    alice = await builders.local_account("alice")
    post = await builders.post(alice, spoiler_text="x", language="de")
    stored = await Post.get(id=post.id)
    for name in Post._meta.db_fields:
        field = next(key for key, column in Post._meta.fields_db_projection.items() if column == name)
        assert getattr(stored, field) == getattr(post, field), name


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(), "text"),
        (Draft(text="  \n "), "text"),
        (Draft(text="x" * 2201), "text"),
        (Draft(text="x" * 2200, spoiler_text="y"), "text"),
        (Draft(text="x", visibility="friends"), "visibility"),
        (Draft(text="x", visibility="direct"), "visibility"),
        (Draft(text="x", visibility="direct", parent_id=None, place_name="Here"), "visibility"),
        (Draft(text="x", language="English, please"), "language"),
        (Draft(text="x", place_name=" "), "place"),
        (Draft(text="x", media_ids=(1,)), "media_ids"),
        (Draft(text="x", media_ids=(1, 1)), "media_ids"),
        (Draft(text="x", media_ids=tuple(range(21))), "media_ids"),
    ],
)
async def test_a_bad_draft_is_refused_by_field_and_changes_nothing(started: Runtime, draft: Draft, field: str) -> None:
    alice = await builders.local_account("alice")
    with pytest.raises(Invalid) as refusal:
        await posts.publish(alice, draft)
    assert refusal.value.field == field
    assert await _nothing_was_written()


async def test_pictures_of_others_or_already_used_are_refused(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    foreign, own = await builders.picture(bob), await builders.picture(alice)
    with pytest.raises(Invalid):
        await posts.publish(alice, Draft(text="mine now", media_ids=(own.id, foreign.id)))
    assert await _nothing_was_written()
    assert (await MediaFile.get(id=own.id)).post_id is None
    await posts.publish(alice, Draft(media_ids=(own.id,)))
    with pytest.raises(Invalid):
        await posts.publish(alice, Draft(text="again", media_ids=(own.id,)))


async def test_a_suspended_or_remote_author_publishes_nothing(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    await Account.filter(id=alice.id).update(suspended_at=alice.created_at)
    for author in (await builders.fresh(alice), bob):
        with pytest.raises(Forbidden):
            await builders.post(author)
    assert await _nothing_was_written()


async def test_a_private_account_publishes_to_its_followers_unless_told_otherwise(started: Runtime) -> None:
    alice = await builders.local_account("alice", is_private=True)
    assert (await builders.post(alice)).visibility == "followers"
    assert (await builders.post(alice, visibility="public")).visibility == "public"


async def test_a_comment_is_counted_addressed_and_told(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    comment = await builders.post(bob, "lovely", parent_id=post.id)
    stored = await Post.get(id=post.id)
    assert (comment.parent_id, comment.parent_account_id) == (post.id, alice.id)
    assert comment.conversation_id == post.id
    assert (stored.comments_count, stored.version) == (1, post.version + 1)
    assert [(m.account_id, m.silent) for m in await Mention.filter(post_id=comment.id)] == [(alice.id, True)]
    assert await builders.told(alice) == [("mention", bob.id, comment.id)]
    assert (await Account.get(id=bob.id)).posts_count == 0


@pytest.mark.parametrize("parent_visibility", ["unlisted", "followers"])
async def test_a_comment_never_has_a_wider_audience_than_its_parent(started: Runtime, parent_visibility: str) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(bob, alice)
    post = await builders.post(alice, visibility=parent_visibility)
    comment = await builders.post(bob, "for all?", parent_id=post.id, visibility="public")
    assert comment.visibility == parent_visibility
    assert (await Post.get(id=post.id)).comments_count == 1


async def test_a_comment_narrower_than_its_parent_is_not_counted(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    comment = await builders.post(bob, "psst", parent_id=post.id, visibility="direct")
    assert (await Post.get(id=post.id)).comments_count == 0
    await posts.delete(bob, comment.id)
    assert (await Post.get(id=post.id)).comments_count == 0


async def test_who_may_not_see_a_post_may_not_comment_on_it(started: Runtime) -> None:
    alice, stranger, blocked = [await builders.local_account(name) for name in ("alice", "stranger", "blocked")]
    hidden, open_post = await builders.post(alice, visibility="followers"), await builders.post(alice)
    await blocks.block(alice, blocked)
    for commenter, post in ((stranger, hidden), (blocked, open_post)):
        with pytest.raises(NotFound):
            await builders.post(commenter, "hm", parent_id=post.id)
    assert await Post.all().count() == 2


async def test_comments_can_be_turned_off_for_all_but_the_author(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice, comments_disabled=True)
    with pytest.raises(Forbidden):
        await builders.post(bob, "but", parent_id=post.id)
    assert (await builders.post(alice, "and", parent_id=post.id)).parent_id == post.id


async def test_a_comment_on_a_share_is_one_on_what_it_shares(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    share = await shares.share(bob, post.id)
    assert (await builders.post(bob, "look", parent_id=share.id)).parent_id == post.id


async def test_an_edit_changes_the_post_and_keeps_what_it_was(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    first, second = await builders.picture(alice, description="one"), await builders.picture(alice)
    post = await builders.post(alice, "before #old", media_ids=(first.id,))
    async with builders.hearing(events.PostEdited) as heard:
        edited = await posts.edit(
            alice,
            post.id,
            Edit(text="after #new @bob", media_ids=(second.id, first.id), media_descriptions={first.id: "changed"}),
        )
    assert edited.text == "after #new @bob" and edited.edited_at is not None
    assert edited.version == post.version + 1
    history = await PostEdit.filter(post_id=post.id)
    assert [(old.content, old.media, old.created_at) for old in history] == [
        (post.content, [{"id": str(first.id), "description": "one"}], post.created_at)
    ]
    assert [link.hashtag.name for link in await PostHashtag.all().prefetch_related("hashtag")] == ["new"]
    media = await MediaFile.filter(post_id=post.id).order_by("position")
    assert [(file.id, file.description) for file in media] == [(second.id, ""), (first.id, "changed")]
    assert await builders.told(bob) == [("mention", alice.id, post.id)]
    assert heard == [events.PostEdited(post.id)]
    await posts.edit(alice, post.id, Edit(text="again"))
    times = [old.created_at for old in await PostEdit.filter(post_id=post.id).order_by("id")]
    assert times == [post.created_at, edited.edited_at]


async def test_an_edit_never_widens_the_audience(started: Runtime) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    post = await builders.post(alice, "for @bob", visibility="direct")
    edited = await posts.edit(alice, post.id, Edit(text="for @bob and @carol"))
    assert edited.visibility == "direct"
    assert {mention.account_id for mention in await Mention.filter(post_id=post.id)} == {bob.id}
    assert await builders.told(carol) == []


async def test_nobody_edits_or_deletes_posts_of_others(started: Runtime) -> None:
    alice, bob, remote = (
        await builders.local_account("alice"), await builders.local_account("bob"), await builders.remote_account()
    )  # fmt: skip
    post, foreign = await builders.post(alice), await builders.received(remote)
    for actor, target in ((bob, post), (remote, foreign)):
        with pytest.raises(NotFound):
            await posts.edit(actor, target.id, Edit(text="hacked"))
        with pytest.raises(NotFound):
            await posts.delete(actor, target.id)
    assert await Post.all().count() == 2
    assert not await PostEdit.all().exists()


async def test_a_bad_edit_changes_nothing(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    own, foreign = await builders.picture(alice), await builders.picture(bob)
    post = await builders.post(alice, "", media_ids=(own.id,))
    for changes in (Edit(media_ids=()), Edit(media_ids=(own.id, foreign.id)), Edit(text="x" * 2201)):
        with pytest.raises(Invalid):
            await posts.edit(alice, post.id, changes)
    assert (await Post.get(id=post.id)).version == post.version
    assert (await MediaFile.get(id=own.id)).post_id == post.id
    assert not await PostEdit.all().exists()


async def test_those_who_shared_a_post_learn_of_its_edit(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    await shares.share(bob, post.id)
    await posts.edit(alice, post.id, Edit(text="different"))
    assert ("update", alice.id, post.id) in await builders.told(bob)


async def test_a_deleted_post_takes_everything_with_it_but_its_comments(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    remote = await builders.remote_account("remote")
    file = await builders.picture(alice)
    post = await builders.post(alice, "@bob #tag @remote@remote.example", media_ids=(file.id,))
    comment = await builders.post(bob, "hm", parent_id=post.id)
    await likes.like(bob, post.id)
    async with builders.hearing(events.PostDeleted) as heard:
        deleted = await posts.delete(alice, post.id)
    assert deleted.text == post.text
    assert (await Post.get(id=comment.id)).parent_id is None
    assert not await Like.all().exists() and not await PostHashtag.all().exists()
    assert (await MediaFile.get(id=file.id)).post_id is None
    assert await builders.told(bob) == []
    assert await Tombstone.filter(uri=post.uri).exists()
    assert (await Account.get(id=alice.id)).posts_count == 0
    assert heard == [
        events.PostDeleted(post.id, alice.id, post.uri, "public", None, None, [remote.shared_inbox_url or ""])
    ]


async def test_a_deleted_comment_is_counted_back(started: Runtime) -> None:
    alice = await builders.local_account("alice")
    post = await builders.post(alice)
    comment = await builders.post(alice, "more", parent_id=post.id)
    await posts.delete(alice, comment.id)
    assert (await Post.get(id=post.id)).comments_count == 0
    with pytest.raises(NotFound):
        await posts.delete(alice, comment.id)
