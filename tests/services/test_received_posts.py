"""Posts of remote authors: what is taken in, what is refused, what an edit may change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from node import clock, events
from node.errors import Forbidden, Invalid, NotFound
from node.ids import moment_of
from node.models.accounts import Account
from node.models.media import MediaFile
from node.models.posts import Mention, Post, PostEdit, PostHashtag, Tombstone
from node.queries import places as place_queries
from node.runtime import Runtime
from node.services import blocks, places, posts, shares
from node.services.places import NamedPlace
from node.services.posts import Draft, IncomingMedia
from tests import builders


async def test_a_received_post_carries_all_its_server_said(started: Runtime) -> None:
    bob, alice = await builders.remote_account("bob"), await builders.local_account("alice")
    published = builders.at(2026, 3, 1)
    async with builders.hearing(events.PostReceived) as heard:
        post = await builders.received(
            bob,
            published=published,
            content_html="<p>Hi <script>alert(1)</script><b onclick=x>you</b></p>",
            spoiler_text="cw",
            sensitive=True,
            language="pt-BR",
            mentions=(alice,),
            hashtags=("Kingfisher", "kingfisher"),
            media=(IncomingMedia("https://remote.example/1.jpg", description="a bird", width=4, height=3),),
            place=NamedPlace("Lisbon", "Portugal", 38.7, -9.1),
            comments_disabled=True,
        )
    stored = await Post.get(id=post.id).prefetch_related("place")
    assert stored.content == "<p>Hi <b>you</b></p>"
    assert moment_of(stored.id) == published == stored.created_at
    assert not stored.is_local and stored.comments_disabled and stored.has_media
    assert stored.place is not None and stored.place.country == "Portugal"
    file = await MediaFile.get(post_id=post.id)
    assert (file.remote_url, file.description, file.width) == ("https://remote.example/1.jpg", "a bird", 4)
    assert await PostHashtag.all().count() == 1
    assert await builders.told(alice) == [("mention", bob.id, post.id)]
    assert heard == [events.PostReceived(post.id)]
    assert (await Account.get(id=bob.id)).posts_count == 1


async def test_the_same_post_twice_changes_nothing(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    incoming = builders.incoming(bob)
    first = await posts.receive(incoming)
    again = await posts.receive(builders.incoming(bob, uri=incoming.uri, content_html="<p>other</p>"))
    assert again.id == first.id
    assert (await Post.get(id=first.id)).content == first.content
    assert (await Account.get(id=bob.id)).posts_count == 1


async def test_the_same_post_at_the_same_moment_is_stored_once(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    incoming = builders.incoming(bob)
    copies = await asyncio.gather(*(posts.receive(incoming) for _ in range(6)))
    assert len({post.id for post in copies}) == 1
    assert await Post.all().count() == 1
    assert (await Account.get(id=bob.id)).posts_count == 1


async def test_a_deleted_post_does_not_come_back(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    incoming = builders.incoming(bob)
    await posts.receive(incoming)
    await posts.receive_deletion(incoming.uri, bob)
    await posts.receive_deletion(incoming.uri, bob)
    with pytest.raises(NotFound):
        await posts.receive(incoming)
    assert (await Account.get(id=bob.id)).posts_count == 0


async def test_a_deletion_that_comes_before_its_post_is_remembered(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    incoming = builders.incoming(bob)
    await posts.receive_deletion(incoming.uri, bob)
    with pytest.raises(NotFound):
        await posts.receive(incoming)
    assert not await Post.all().exists()


async def test_nobody_deletes_edits_or_replaces_posts_of_others(started: Runtime) -> None:
    bob, eve = await builders.remote_account("bob"), await builders.remote_account("eve")
    far, alice = await builders.remote_account("far", "far.example"), await builders.local_account("alice")
    post, local = await builders.received(bob), await builders.post(alice)
    for author in (eve, far):
        with pytest.raises(Forbidden):
            await posts.receive_deletion(post.uri, author)
        with pytest.raises(Forbidden):
            await posts.receive_edit(post, builders.incoming(author, uri=post.uri, updated=clock.now()))
        with pytest.raises(Forbidden):
            await posts.receive(builders.incoming(author, uri=post.uri))
        with pytest.raises(Forbidden):
            await posts.receive_deletion(local.uri, author)
    with pytest.raises(Forbidden):
        await posts.receive_edit(local, builders.incoming(bob, uri=local.uri, updated=clock.now()))
    with pytest.raises(Forbidden):
        await posts.receive(builders.incoming(alice))
    assert await Post.all().count() == 2
    assert not await Tombstone.all().exists()


async def test_posts_of_suspended_accounts_are_refused(started: Runtime) -> None:
    bob = await builders.remote_account("bob", suspended=True)
    with pytest.raises(Forbidden):
        await builders.received(bob)


async def test_a_comment_is_counted_told_and_no_wider_than_its_parent(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    await builders.following(bob, alice)
    post = await builders.post(alice, visibility="followers")
    comment = await builders.received(bob, parent=post, visibility="public")
    assert comment.visibility == "followers"
    assert (await Post.get(id=post.id)).comments_count == 1
    assert await builders.told(alice) == [("follow", bob.id, None), ("mention", bob.id, comment.id)]
    assert [(m.account_id, m.silent) for m in await Mention.filter(post_id=comment.id)] == [(alice.id, True)]


async def test_comments_from_those_who_may_not_see_or_comment_are_refused(started: Runtime) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    hidden = await builders.post(alice, visibility="followers")
    closed = await builders.post(alice, comments_disabled=True)
    open_post = await builders.post(alice)
    for parent in (hidden, closed):
        with pytest.raises(Forbidden):
            await builders.received(bob, parent=parent)
    await blocks.block(alice, bob)
    with pytest.raises(Forbidden):
        await builders.received(bob, parent=open_post)
    assert await Post.filter(account_id=bob.id).count() == 0
    assert (await Post.get(id=open_post.id)).comments_count == 0


async def test_a_comment_that_came_before_its_parent_finds_it(started: Runtime) -> None:
    bob, carol = await builders.remote_account("bob"), await builders.remote_account("carol")
    parent = builders.incoming(bob, visibility="unlisted")
    orphan = await builders.received(carol, parent_uri=parent.uri)
    reply = await builders.received(bob, parent=orphan)
    post = await posts.receive(parent)
    comment = await Post.get(id=orphan.id)
    assert (comment.parent_id, comment.parent_uri, comment.parent_account_id) == (post.id, None, bob.id)
    assert comment.visibility == "unlisted"
    assert {(await Post.get(id=each)).conversation_id for each in (post.id, comment.id, reply.id)} == {post.id}
    assert (await Post.get(id=post.id)).comments_count == 1


async def test_the_newest_edit_wins_and_the_old_text_is_kept(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    one, two = IncomingMedia("https://remote.example/1.jpg"), IncomingMedia("https://remote.example/2.jpg")
    post = await builders.received(bob, media=(one,), hashtags=("old",), published=builders.at(2026, 1, 1))
    kept = await MediaFile.get(post_id=post.id)
    newer = builders.incoming(
        bob,
        uri=post.uri,
        content_html="<p>newer</p>",
        media=(two, one),
        hashtags=("new",),
        updated=builders.at(2026, 1, 3),
    )
    older = builders.incoming(bob, uri=post.uri, content_html="<p>older</p>", updated=builders.at(2026, 1, 2))
    edited = await posts.receive_edit(post, newer)
    for late in (older, newer, builders.incoming(bob, uri=post.uri, content_html="<p>undated</p>")):
        assert (await posts.receive_edit(post, late)).content == "<p>newer</p>"
    assert edited.edited_at == builders.at(2026, 1, 3)
    assert edited.version == post.version + 1
    assert [old.content for old in await PostEdit.filter(post_id=post.id)] == [post.content]
    media = await MediaFile.filter(post_id=post.id).order_by("position")
    assert [file.remote_url for file in media] == [two.url, one.url]
    assert media[1].id == kept.id
    assert [link.hashtag.name for link in await PostHashtag.all().prefetch_related("hashtag")] == ["new"]


async def test_an_edit_in_the_second_of_the_post_counts_if_it_says_something_else(started: Runtime) -> None:
    bob, moment = await builders.remote_account("bob"), builders.at(2026, 1, 1)
    post = await builders.received(bob, content_html="<p>frist</p>", published=moment)
    same = builders.incoming(bob, uri=post.uri, content_html="<p>frist</p>", updated=moment)
    assert (await posts.receive_edit(post, same)).edited_at is None
    for text in ("<p>first</p>", "<p>First</p>"):
        edited = await posts.receive_edit(post, builders.incoming(bob, uri=post.uri, content_html=text, updated=moment))
        assert (edited.content, edited.edited_at) == (text, moment)
    assert [old.content for old in await PostEdit.filter(post_id=post.id)] == ["<p>frist</p>", "<p>first</p>"]


async def test_an_edit_from_afar_never_widens_the_audience(started: Runtime) -> None:
    """CVE-2024-37903: a crafted Update added readers to somebody's private post."""
    bob, alice = await builders.remote_account("bob"), await builders.local_account("alice")
    eve = await builders.local_account("eve")
    post = await builders.received(bob, visibility="direct", mentions=(alice,))
    edited = await posts.receive_edit(
        post,
        builders.incoming(
            bob, uri=post.uri, visibility="public", mentions=(alice, eve), updated=clock.now() + timedelta(seconds=1)
        ),
    )
    assert edited.visibility == "direct"
    assert [mention.account_id for mention in await Mention.filter(post_id=post.id)] == [alice.id]


async def test_a_date_in_the_future_counts_as_now(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    post = await builders.received(bob, published=clock.now() + timedelta(days=365))
    assert post.created_at <= clock.now()
    assert moment_of(post.id) <= clock.now()


async def test_too_many_pictures_are_cut_off(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    post = await builders.received(
        bob, media=tuple(IncomingMedia(f"https://remote.example/{number}.jpg") for number in range(30))
    )
    assert await MediaFile.filter(post_id=post.id).count() == 20


async def test_open_streams_hear_of_edits_and_of_all_that_goes_with_a_post(started: Runtime) -> None:
    bob, alice = await builders.remote_account("bob"), await builders.local_account("alice")
    an_hour_ago = clock.now() - timedelta(hours=1)
    incoming = builders.incoming(bob, published=an_hour_ago, mentions=(alice,), hashtags=("Kingfisher",))
    post = await posts.receive(incoming)
    share = await shares.share(alice, post.id)
    async with builders.hearing(events.ReceivedPostEdited, events.PostGone) as heard:
        edit = builders.incoming(bob, uri=post.uri, updated=an_hour_ago + timedelta(minutes=5), hashtags=("Heron",))
        await posts.receive_edit(post, edit)
        await posts.receive_edit(post, edit)
        await posts.receive_deletion(post.uri, bob)
        await posts.receive_deletion(post.uri, bob)
    assert heard == [
        events.ReceivedPostEdited(post.id),
        events.PostGone(
            post.id,
            bob.id,
            "public",
            is_local=False,
            has_media=False,
            is_share=False,
            hashtags=["heron"],
            addressed=[alice.id],
            shares=[[share.id, alice.id]],
        ),
    ]


async def test_a_place_without_a_country_is_its_authors_own_until_they_hide_where_it_is(started: Runtime) -> None:
    far, near = await builders.remote_account("far"), await builders.remote_account("near")
    hut = places.NamedPlace("Hut", "", 60.5, 8.25)
    incoming = builders.incoming(far, place=hut)
    post = await posts.receive(incoming)
    other = await builders.received(near, place=places.NamedPlace("Hut", "", 1.0, 2.0))
    shown = [await place_queries.one_seen(None, made.place_id or 0) for made in (post, other)]
    assert [(row.country, row.latitude, row.longitude) for row in shown if row] == [("", 60.5, 8.25), ("", 1.0, 2.0)]
    with pytest.raises(Invalid):
        await posts.publish(await builders.local_account(), Draft(text="mine", place_id=post.place_id))
    moved = replace(incoming, place=places.NamedPlace("Hut", "", 60.75, 8.25))
    assert (await posts.receive_edit(post, moved)).place_id == post.place_id
    row = await place_queries.one_seen(None, post.place_id or 0)
    assert row is not None and row.latitude == 60.75
    hidden = await builders.fresh(await posts.receive_edit(post, replace(incoming, place=places.NamedPlace("Hut"))))
    row = await place_queries.one_seen(None, hidden.place_id or 0)
    assert row is not None and (row.name, row.latitude, hidden.version > post.version) == ("Hut", None, True)
    marked = await places.ensure(places.NamedPlace("Hut", f"@{near.id}", 5.0, 5.0))
    assert marked != other.place_id
