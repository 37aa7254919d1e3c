"""Streams: who is told what, and when a stream ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from api.streaming.frames import THUMP
from api.streaming.heartbeat import BEAT_SECONDS, heart
from api.streaming.streams import MOST_WAITING, open_streams
from node import clock, db, events
from node.models.accounts import Account, User
from node.services import (
    access,
    accounts,
    announcements,
    blocks,
    follows,
    likes,
    members,
    moderation,
    mutes,
    oauth,
    posts,
    quotes,
    shares,
)
from node.services.announcements import Notice
from node.services.interaction_policies import Policies
from node.services.moderation import Measure
from node.services.posts import Draft, Edit
from node.services.received_quotes import IncomingQuote
from tests import builders
from tests.api.client import Node, json, new_access_token
from tests.api.statements import counted_statements
from tests.api.streams import OpenStream, event_stream, socket


async def token_of(account: Account, *scopes: str) -> str:
    return await new_access_token(await User.get(account_id=account.id), *scopes)


def updates(heard: list[tuple[Any, ...]]) -> list[int]:
    """The posts that came, in order, whatever the stream."""
    return [int(told[-1]["id"]) for told in heard if told[-2] == "update"]


async def test_what_is_asked_wrongly_is_refused_in_mastodons_words(node: Node) -> None:
    alice = await builders.local_account()
    token, narrow = await token_of(alice), await token_of(alice, "read:accounts")
    app_token = await new_access_token(None, "read")
    disabled = await builders.local_account()
    disabled_token = await token_of(disabled)
    await User.filter(account_id=disabled.id).update(disabled_at=clock.now())
    for path, who, status, words in (
        ("/user", None, 401, "Missing access token"),
        ("/user", "wrong", 401, "Invalid access token"),
        ("/user", app_token, 401, "Invalid access token"),
        ("/user", disabled_token, 403, "Your login is currently disabled"),
        ("/user", narrow, 401, "Access token does not have the required scopes"),
        ("/user/notification", narrow, 401, "Access token does not have the required scopes"),
        ("/hashtag", token, 400, "Missing tag name parameter"),
        ("/list", token, 400, "Missing list name parameter"),
        ("/list?list=1", token, 401, "Not authorized to stream this list"),
        ("/list?list=x", token, 401, "Not authorized to stream this list"),
        ("/nothing", token, 400, "Unknown channel requested"),
        ("", token, 400, "Unknown channel requested"),
    ):
        async with event_stream(node, path, who) as stream:
            await stream.ended()
            assert (stream.status, orjson.loads(stream.sent[1]["body"])) == (status, {"error": words}), path
    async with socket(node, "access_token=wrong") as stream:
        await stream.ended()
        assert stream.status == 401
        assert (b"x-error-message", b"Invalid access token") in stream.sent[0]["headers"]
    async with event_stream(node, "/public", narrow) as stream:
        assert stream.status == 200
    assert len(open_streams) == 0
    health = await node.client().get("/api/v1/streaming/health")
    assert (health.status_code, await health.get_data()) == (200, b"OK")


async def test_a_home_stream_tells_posts_edits_deletions_and_notifications(node: Node) -> None:
    alice, bob, stranger = [await builders.local_account() for _ in range(3)]
    await builders.following(bob, alice)
    async with event_stream(node, f"/user?access_token={await token_of(bob)}") as stream:
        head = dict(stream.sent[0]["headers"])
        assert (head[b"content-type"], head[b"cache-control"]) == (b"text/event-stream", b"no-store")
        assert head[b"access-control-allow-origin"] == b"*"
        assert stream.sent[1]["body"] == b":)\n"
        post = await builders.post(alice, "A heron at dawn", visibility="followers")
        await builders.post(stranger, "unheard")
        await stream.heard()
        await posts.edit(alice, post.id, Edit(text="A heron at dusk"))
        own = await builders.post(bob, "mine")
        shown = await json(await (await node.signed_in(bob)).get(f"/api/v1/statuses/{own.id}"))
        assert (await stream.heard())[-1] == ("update", shown)
        await likes.like(alice, own.id)
        await posts.delete(alice, post.id)
        heard = await stream.heard()
        assert [event for event, _ in heard] == ["update", "status.update", "update", "notification", "delete"]
        assert heard[0][1]["content"] == "<p>A heron at dawn</p>"
        assert heard[1][1]["content"] == "<p>A heron at dusk</p>"
        assert heard[2][1]["pinned"] is False and "pinned" not in heard[0][1]
        assert (heard[3][1]["type"], heard[3][1]["status"]["id"]) == ("favourite", str(own.id))
        assert heard[4][1] == str(post.id)


async def test_a_quote_that_is_taken_back_goes_from_every_screen(node: Node) -> None:
    alice, bob, reader = [await builders.local_account() for _ in range(3)]
    far = await builders.remote_account("far", "far.example")
    await builders.following(reader, bob)
    await builders.following(reader, far)
    post = await builders.post(alice, "A heron at dawn", policies=Policies(quote="public"))
    quoting = await posts.publish(bob, Draft(text="Look", quoted_post_id=post.id))
    received = await builders.received(far, quote=IncomingQuote(post.uri))
    async with event_stream(node, "/user", await token_of(reader)) as stream:
        for number in (quoting.id, received.id):
            await quotes.revoke(alice, post.id, number)
            event, shown = (await stream.heard())[-1]
            assert (event, shown["id"]) == ("status.update", str(number))
            assert shown["quote"] == {"state": "revoked", "quoted_status": None}


async def test_notifications_need_their_scope_and_filters_no_payload(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    await builders.following(bob, alice)
    both, without = await token_of(bob, "read"), await token_of(bob, "read:statuses")
    alone = await token_of(bob, "read:notifications")
    async with (
        event_stream(node, "/user", without) as home,
        event_stream(node, "/user/notification", alone) as notifications,
        socket(node, f"stream=user&access_token={both}") as everything,
    ):
        await builders.post(alice, f"@{bob.username} look")
        async with db.transaction():
            await events.record(events.FiltersChanged(bob.id))
            await events.record(events.NotificationsMerged(bob.id))
        assert [event for event, _ in await home.heard()] == ["update", "filters_changed"]
        assert (await home.heard())[1] == ("filters_changed", "undefined")
        assert [event for event, _ in await notifications.heard()] == ["notification", "notifications_merged"]
        frames = await everything.heard()
        assert {frame[1] for frame in frames} == {"update", "notification", "filters_changed", "notifications_merged"}
        assert all(frame[0] == ["user"] for frame in frames)
        assert (["user"], "filters_changed", None) in frames


async def test_public_streams_sort_by_origin_and_media_and_leak_nothing(node: Node) -> None:
    alice, reader = await builders.local_account(), await builders.local_account()
    await builders.following(reader, alice)
    bob = await builders.remote_account()
    token = await token_of(reader)
    paths = ("/public", "/public/local", "/public/remote", "/public?only_media=true", "/public/local/media")
    tags = ("/hashtag?tag=%23Heron", "/hashtag/local?tag=heron")
    async with (
        event_stream(node, paths[0], token) as public,
        event_stream(node, paths[1], token) as local,
        event_stream(node, paths[2], token) as remote,
        event_stream(node, paths[3], token) as media,
        event_stream(node, paths[4], token) as local_media,
        event_stream(node, tags[0], token) as tagged,
        event_stream(node, tags[1], token) as tagged_here,
    ):
        top = await builders.post(alice, "one #heron")
        photo = await builders.post(alice, "two", media_ids=((await builders.picture(alice)).id,))
        far = await builders.received(bob, hashtags=("heron",))
        answer = await builders.post(alice, "#heron too", parent_id=far.id)
        await builders.received(bob, published=clock.now() - timedelta(hours=7), hashtags=("heron",))
        for visibility in ("unlisted", "followers", "direct"):
            await builders.post(alice, f"@{reader.username} #heron", visibility=visibility)
        await shares.share(alice, far.id)
        everywhere = {
            public: [top.id, photo.id, far.id],
            local: [top.id, photo.id],
            remote: [far.id],
            media: [photo.id],
            local_media: [photo.id],
            tagged: [top.id, far.id, answer.id],
            tagged_here: [top.id, answer.id],
        }
        for stream, expected in everywhere.items():
            assert updates(await stream.heard()) == expected
        await posts.delete(alice, top.id)
        assert (await tagged_here.heard())[-1] == (await public.heard())[-1] == ("delete", str(top.id))
        assert ("delete", str(top.id)) not in await remote.heard()


async def test_blocks_mutes_and_silence_hold_in_streams_as_in_timelines(node: Node) -> None:
    author, blocker, blocked, muter, calm = [await builders.local_account() for _ in range(5)]
    await blocks.block(blocker, author)
    await blocks.block(author, blocked)
    silent = await builders.local_account(silenced_at=clock.now())
    for reader in (muter, calm):
        await builders.following(reader, author)
    await builders.following(calm, silent)
    async with (
        event_stream(node, "/public", await token_of(blocker)) as of_blocker,
        event_stream(node, "/hashtag?tag=heron", await token_of(blocked)) as of_blocked,
        socket(node, f"stream=public&access_token={await token_of(muter)}") as of_muter,
        event_stream(node, "/public", await token_of(calm)) as of_calm,
    ):
        await of_muter.say(type="subscribe", stream="user")
        await mutes.mute(muter, author)
        post = await builders.post(author, "#heron")
        quiet = await builders.post(silent, "#heron")
        share = await shares.share(calm, post.id)
        for stream in (of_blocker, of_blocked, of_muter):
            assert await stream.heard() == []
        assert updates(await of_calm.heard()) == [post.id, quiet.id]
        assert share.id not in updates(await of_muter.heard())


async def test_a_share_goes_home_and_goes_with_its_original(node: Node) -> None:
    alice, bob, reader = [await builders.local_account() for _ in range(3)]
    await builders.following(reader, bob)
    post = await builders.post(alice)
    async with event_stream(node, "/user", await token_of(reader)) as stream:
        share = await shares.share(bob, post.id)
        ((event, told),) = await stream.heard()
        assert (event, told["id"], told["reblog"]["id"]) == ("update", str(share.id), str(post.id))
        await posts.delete(alice, post.id)
        assert (await stream.heard())[1:] == [("delete", str(share.id))]


async def test_one_socket_carries_many_streams(node: Node) -> None:
    alice = await builders.local_account()
    token = await token_of(alice)
    async with socket(node, "", token, "other") as stream:
        assert stream.sent[0] == {"type": "websocket.accept", "subprotocol": token}
        await stream.say(type="subscribe", stream="hashtag", tag="Heron")
        await stream.say(type="subscribe", stream=["public"])
        await stream.say(type="subscribe", stream="public")
        post = await builders.post(alice, "#heron")
        heard = await stream.heard()
        assert [(name, event) for name, event, _ in heard] == [(["public"], "update"), (["hashtag", "Heron"], "update")]
        assert {payload["id"] for _, _, payload in heard} == {str(post.id)}
        await stream.say(type="unsubscribe", stream="hashtag", tag="heron")
        await stream.say(type="unsubscribe", stream="public:local")
        for wish in (
            {"stream": "nothing"},
            {"stream": 3},
            {"stream": "hashtag", "tag": {}},
            {"stream": "list", "list": 9},
        ):
            await stream.say(type="subscribe", **wish)
        await stream.say(type="unsubscribe", stream="hashtag")
        for nonsense in ("", "[]", "{", "null", '{"type": []}', "[" * 2000):
            await stream.say_raw(text=nonsense)
        await builders.post(alice, "#heron again")
        assert [told[:2] for told in (await stream.heard())[2:]] == [
            ("Unknown stream type", 400),
            ("Unknown stream type", 400),
            ("Missing tag name parameter", 400),
            ("Not authorized to stream this list", 401),
            ("Error unsubscribing from channel", None),
            (["public"], "update"),
        ]
    for frame, code in (({"bytes": b"{}"}, 1003), ({"text": "x" * 9000}, 1009)):
        async with socket(node, f"access_token={token}") as stream:
            await stream.say_raw(**frame)
            assert (await stream.ended())["code"] == code
    assert len(open_streams) == 0


async def test_whoever_loses_access_loses_their_streams_at_once(node: Node) -> None:
    alice, other = await builders.local_account(), await builders.local_account()
    user = await User.get(account_id=alice.id).select_related("account")
    registered = await oauth.register("Weir", ["https://app.example/"], ["read"])
    application = registered.application
    revoked = await new_access_token(user, "read", application=application)
    kept = await token_of(alice)
    async with (
        event_stream(node, "/user", revoked) as of_revoked,
        socket(node, f"stream=user&access_token={kept}") as of_kept,
        event_stream(node, "/user", await token_of(other)) as of_other,
    ):
        await oauth.revoke(application, revoked)
        last = await of_revoked.ended()
        assert (last["body"], last["more_body"]) == (b"", False)
        assert not of_kept.task.done()
        await access.end_access(user)
        assert (await of_kept.ended())["type"] == "websocket.close"
        await members.disable(await User.get(account_id=other.id))
        await of_other.ended()
    suspended = await builders.local_account()
    moderator = await User.get(account_id=(await builders.local_account()).id).select_related("account")
    await User.filter(id=moderator.id).update(role="admin")
    await moderator.refresh_from_db(fields=["role"])
    async with event_stream(node, "/user", await token_of(suspended)) as stream:
        await moderation.take(moderator, suspended.id, Measure("suspend"))
        await stream.ended()
    async with event_stream(node, "/user", await token_of(alice)) as stream:
        await accounts.delete_local(alice)
        await stream.ended()
    assert len(open_streams) == 0


async def test_a_reader_too_slow_is_dropped_and_holds_nothing_up(node: Node) -> None:
    alice = await builders.local_account()
    token = await token_of(alice)
    async with event_stream(node, "/public", token) as slow, event_stream(node, "/public", token) as quick:
        slow.may_send.clear()
        stuck = next(stream for stream in open_streams.all() if stream.send == slow.take)
        for second in range(BEAT_SECONDS):
            heart.thump(second)
        for _ in range(MOST_WAITING + 1):
            stuck.push(THUMP)
        await slow.ended()
        post = await builders.post(alice)
        assert updates(await quick.heard()) == [post.id]
        assert THUMP in quick.sent
        assert len(open_streams) == 1


async def test_one_token_has_only_so_many_streams(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.streaming.streams.MOST_OF_A_TOKEN", 1)
    alice = await builders.local_account()
    token = await token_of(alice)
    async with event_stream(node, "/public", token), socket(node, f"access_token={token}") as second:
        await second.ended()
        assert second.status == 429
    async with event_stream(node, "/public", token) as third:
        assert third.status == 200


async def test_a_post_takes_the_same_statements_for_one_reader_as_for_many(node: Node) -> None:
    alice = await builders.local_account()
    readers = [await builders.local_account() for _ in range(6)]
    for reader in readers:
        await follows.follow(reader, alice)

    async def statements(count: int) -> int:
        opened: list[Any] = []
        for reader in readers[:count]:
            for path in ("/user", "/public", "/hashtag?tag=heron"):
                opened.append(event_stream(node, path, await token_of(reader)))
        streams: list[OpenStream] = [await one.__aenter__() for one in opened]
        post = await builders.post(alice, "#heron")
        with counted_statements() as seen:
            for stream in streams:
                assert updates(await stream.heard()) == [post.id]
        await asyncio.gather(*(one.__aexit__(None, None, None) for one in opened))
        return len(seen)

    assert await statements(1) == await statements(6) <= 10


async def test_a_post_comes_with_the_filters_it_meets_for_one_reader_or_for_many(node: Node) -> None:
    alice = await builders.local_account()
    readers = [await builders.local_account() for _ in range(3)]
    for reader in readers:
        await builders.following(reader, alice)
    for reader in readers[:2]:
        client = await node.signed_in(reader)
        form = {"title": "Birds", "context[]": "home", "keywords_attributes[0][keyword]": "heron"}
        await json(await client.post("/api/v2/filters", form=form))
    streams = [event_stream(node, "/user", await token_of(reader)) for reader in readers]
    async with streams[0] as first, streams[1] as second, streams[2] as third:
        await builders.post(alice, "A heron")
        with counted_statements() as seen:
            for stream, words in ((first, ["heron"]), (second, ["heron"]), (third, None)):
                ((_, told),) = await stream.heard()
                found = [match["keyword_matches"] for match in told["filtered"]]
                assert found == ([words] if words else [])
        assert len(seen) <= 12


async def test_a_list_is_streamed_to_its_owner_alone(node: Node) -> None:
    owner, member, muted, other = [await builders.local_account() for _ in range(4)]
    client = await node.signed_in(owner)
    made = await json(await client.post("/api/v1/lists", form={"title": "Birds"}))
    for account in (member, muted):
        await builders.following(owner, account)
        await json(await client.post(f"/api/v1/lists/{made['id']}/accounts", form={"account_ids[]": str(account.id)}))
    await mutes.mute(owner, muted)
    path = f"/list?list={made['id']}"
    async with (
        event_stream(node, path, await token_of(other)) as refused,
        event_stream(node, path, await token_of(owner)) as stream,
    ):
        assert refused.status == 401
        post = await builders.post(member, "A heron", visibility="followers")
        for unheard in (muted, other):
            await builders.post(unheard)
        await builders.post(member, f"@{owner.username}", visibility="direct")
        assert updates(await stream.heard()) == [post.id]
        await posts.delete(member, post.id)
        assert (await stream.heard())[1:] == [("delete", str(post.id))]


async def test_direct_streams_tell_conversations_and_home_streams_announcements(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    token = await token_of(bob)
    async with event_stream(node, "/direct", token) as direct, event_stream(node, "/user", token) as home:
        post = await builders.post(alice, f"@{bob.username} come by", visibility="direct")
        ((event, told),) = await direct.heard()
        assert (event, told["unread"], told["last_status"]["id"]) == ("conversation", True, str(post.id))
        assert [person["id"] for person in told["accounts"]] == [str(alice.id)]
        announced = await announcements.publish(Notice(text="The node moves tonight"))
        await home.heard()
        await announcements.react(alice, announced.id, "🎉")
        await home.heard()
        await announcements.take_back(announced.id)
        heard = [told for told in await home.heard() if told[0].startswith("announcement")]
        assert [event for event, _ in heard] == ["announcement", "announcement.reaction", "announcement.delete"]
        assert heard[0][1]["content"] == "<p>The node moves tonight</p>"
        assert heard[1][1] == {"name": "🎉", "count": 1, "announcement_id": str(announced.id)}
        assert heard[2][1] == str(announced.id)
