"""Following, requests, blocks and mutes over the API."""

from __future__ import annotations

from node.models.accounts import Account
from node.models.graph import Follow
from node.services import follows, mutes
from tests import builders
from tests.api.client import Node, json
from tests.api.statements import counted_statements
from tests.conftest import HeldClock

KEYS = {
    *("id", "following", "showing_reblogs", "notifying", "languages", "followed_by", "blocking", "blocked_by"),
    *("muting", "muting_notifications", "muting_expires_at", "requested", "requested_by", "domain_blocking"),
    *("endorsed", "note"),
}


async def test_a_relationship_has_all_sixteen_keys_and_none_of_its_answers_is_null(node: Node) -> None:
    one, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(one)
    (shown,) = await json(await client.get(f"/api/v1/accounts/relationships?id[]={other.id}"))
    assert shown.keys() == KEYS
    assert all(value is not None for name, value in shown.items() if name != "muting_expires_at")
    assert not any(value for name, value in shown.items() if name != "id")


async def test_relationships_come_in_the_order_asked_for_and_for_real_accounts_only(node: Node) -> None:
    me, one, two = [await builders.local_account() for _ in range(3)]
    client = await node.signed_in(me)
    path = f"/api/v1/accounts/relationships?id[]={two.id}&id[]=5&id[]={one.id}&id[]={two.id}"
    assert [item["id"] for item in await json(await client.get(path))] == [str(two.id), str(one.id)]
    assert await json(await client.get("/api/v1/accounts/relationships")) == []
    await json(await client.get("/api/v1/accounts/relationships?id[]=x"), 400)


async def test_following_and_ending_it(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client, theirs = await node.signed_in(me), await node.signed_in(other)
    path = f"/api/v1/accounts/{other.id}"
    shown = await json(await client.post(f"{path}/follow", json={"reblogs": False, "notify": True}))
    assert (shown["following"], shown["showing_reblogs"], shown["notifying"]) == (True, False, True)
    (seen,) = await json(await theirs.get(f"/api/v1/accounts/relationships?id[]={me.id}"))
    assert seen["followed_by"] is True
    assert [item["id"] for item in await json(await node.client().get(f"{path}/followers"))] == [str(me.id)]
    assert [item["id"] for item in await json(await node.client().get(f"/api/v1/accounts/{me.id}/following"))] == [
        str(other.id)
    ]
    assert (await json(await client.post(f"{path}/follow", json={"reblogs": True})))["showing_reblogs"] is True
    assert (await json(await client.post(f"{path}/unfollow")))["following"] is False
    await json(await client.post(f"{path}/follow"))
    removed = await json(await theirs.post(f"/api/v1/accounts/{me.id}/remove_from_followers"))
    assert removed["followed_by"] is False
    assert await Follow.all().count() == 0


async def test_nobody_follows_themselves_or_nobody(node: Node) -> None:
    me = await builders.local_account()
    client = await node.signed_in(me)
    await json(await client.post(f"/api/v1/accounts/{me.id}/follow"), 403)
    for deed in ("block", "mute"):
        shown = await json(await client.post(f"/api/v1/accounts/{me.id}/{deed}"))
        assert (shown["blocking"], shown["muting"]) == (False, False)
    await json(await client.post("/api/v1/accounts/5/follow"), 404)
    await json(await client.post("/api/v1/accounts/x/follow"), 404)
    await json(await client.post(f"/api/v1/accounts/{me.id}/follow", json={"reblogs": "maybe"}), 400)


async def test_a_private_account_accepts_and_turns_away(node: Node) -> None:
    owner = await builders.local_account(is_private=True)
    one, two = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(owner)
    for asking in (one, two):
        shown = await json(await (await node.signed_in(asking)).post(f"/api/v1/accounts/{owner.id}/follow"))
        assert (shown["following"], shown["requested"]) == (False, True)
    waiting = await json(await client.get("/api/v1/follow_requests"))
    assert [item["id"] for item in waiting] == [str(two.id), str(one.id)]
    assert (await json(await client.get("/api/v1/accounts/verify_credentials")))["source"]["follow_requests_count"] == 2
    accepted = await json(await client.post(f"/api/v1/follow_requests/{one.id}/authorize"))
    assert (accepted["followed_by"], accepted["requested_by"]) == (True, False)
    await json(await client.post(f"/api/v1/follow_requests/{two.id}/reject"))
    assert await json(await client.get("/api/v1/follow_requests")) == []
    await json(await client.post(f"/api/v1/follow_requests/{two.id}/authorize"), 404)


async def test_blocking_ends_everything_between_two(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    await builders.following(other, me)
    client, theirs = await node.signed_in(me), await node.signed_in(other)
    shown = await json(await client.post(f"/api/v1/accounts/{other.id}/block"))
    assert (shown["blocking"], shown["followed_by"]) == (True, False)
    assert [item["id"] for item in await json(await client.get("/api/v1/blocks"))] == [str(other.id)]
    (seen,) = await json(await theirs.get(f"/api/v1/accounts/relationships?id[]={me.id}"))
    assert seen["blocked_by"] is True
    await json(await theirs.post(f"/api/v1/accounts/{me.id}/follow"), 403)
    assert (await json(await client.post(f"/api/v1/accounts/{other.id}/unblock")))["blocking"] is False


async def test_muting_for_a_while(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(me)
    shown = await json(
        await client.post(f"/api/v1/accounts/{other.id}/mute", form={"notifications": "false", "duration": "3600"})
    )
    assert (shown["muting"], shown["muting_notifications"]) == (True, False)
    assert shown["muting_expires_at"]
    (listed,) = await json(await client.get("/api/v1/mutes"))
    assert listed["id"] == str(other.id)
    assert listed["mute_expires_at"] == shown["muting_expires_at"]
    assert (await json(await client.post(f"/api/v1/accounts/{other.id}/unmute")))["muting"] is False
    assert await json(await client.get("/api/v1/mutes")) == []


async def test_each_deed_needs_its_scope(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(me, "read", "write:statuses")
    for deed in ("follow", "unfollow", "block", "unblock", "mute", "unmute", "remove_from_followers"):
        await json(await client.post(f"/api/v1/accounts/{other.id}/{deed}"), 403)
        await json(await node.client().post(f"/api/v1/accounts/{other.id}/{deed}"), 401)


async def test_a_list_of_followers_is_paged_by_the_follow_not_the_account(node: Node) -> None:
    star = await builders.local_account()
    fans = [await builders.local_account() for _ in range(5)]
    for fan in reversed(fans):
        await builders.following(fan, star)
    path, seen = f"/api/v1/accounts/{star.id}/followers?limit=2", []
    while path:
        answer = await node.client().get(path)
        page = await json(answer)
        seen += [item["id"] for item in page]
        link = answer.headers.get("Link", "")
        path = link.partition("<https://here.example")[2].partition(">")[0] if 'rel="next"' in link else ""
    assert seen == [str(fan.id) for fan in fans]


async def test_a_follow_brings_the_languages_it_names(node: Node) -> None:
    me, author = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(me)
    path = f"/api/v1/accounts/{author.id}/follow"
    shown = await json(await client.post(path, json={"languages": ["ga", "EN", "ga"]}))
    assert shown["languages"] == ["en", "ga"]
    assert (await json(await client.post(path, json={"notify": True})))["languages"] == ["en", "ga"]
    wanted = [(await builders.post(author, language=language)).id for language in ("en", None, "ga")]
    await builders.post(author, language="de")
    assert await builders.home_of(me) == wanted[::-1]
    for wrong in (["no language"], [f"a{letter}" for letter in "abcdefghijklmnopqrstu"]):
        await json(await client.post(path, json={"languages": wrong}), 422)
    assert (await json(await client.post(path, form={"languages[]": ""})))["languages"] == []
    assert (await builders.post(author, language="de")).id in await builders.home_of(me)


async def test_notes_are_for_their_author_alone(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    client, theirs = await node.signed_in(me), await node.signed_in(other)
    path = f"/api/v1/accounts/{other.id}/note"
    assert (await json(await client.post(path, json={"comment": "Met at the weir"})))["note"] == "Met at the weir"
    assert (await json(await client.post(path, json={"comment": "Or the mill"})))["note"] == "Or the mill"
    for viewer, target in ((theirs, me), (theirs, other)):
        (seen,) = await json(await viewer.get(f"/api/v1/accounts/relationships?id[]={target.id}"))
        assert seen["note"] == ""
    refused = await json(await client.post(path, json={"comment": "x" * 2001}), 422)
    assert refused["error"] == "Validation failed: Comment is too long (maximum is 2000 characters)"
    assert (await json(await client.post(path)))["note"] == ""
    await json(await client.post("/api/v1/accounts/5/note", json={"comment": "x"}), 404)


async def test_endorsing_needs_a_follow_and_ends_with_it(node: Node) -> None:
    me, one, two = [await builders.local_account() for _ in range(3)]
    client = await node.signed_in(me)
    refused = await json(await client.post(f"/api/v1/accounts/{one.id}/endorse"), 422)
    assert refused["error"] == "Validation failed: You must be already following the person you want to endorse"
    for target, deed in ((one, "endorse"), (two, "pin"), (two, "endorse")):
        await builders.following(me, target)
        assert (await json(await client.post(f"/api/v1/accounts/{target.id}/{deed}")))["endorsed"] is True
    public = f"/api/v1/accounts/{me.id}/endorsements"
    assert [item["id"] for item in await json(await node.client().get(public))] == [str(two.id), str(one.id)]
    answer = await client.get("/api/v1/endorsements?limit=1")
    assert [item["id"] for item in await json(answer)] == [str(two.id)]
    assert 'rel="next"' in answer.headers["Link"]
    assert len(await json(await client.get("/api/v1/endorsements?limit=0"))) == 2
    assert (await json(await client.post(f"/api/v1/accounts/{two.id}/unendorse")))["endorsed"] is False
    await json(await client.post(f"/api/v1/accounts/{one.id}/unfollow"))
    assert await json(await client.get("/api/v1/endorsements")) == []


async def test_familiar_followers_are_those_one_follows_and_who_do_not_hide_it(node: Node) -> None:
    me, friend, shy, stranger, star, private = [await builders.local_account() for _ in range(6)]
    for known in (friend, shy):
        await builders.following(me, known)
    for follower in (friend, shy, stranger):
        await builders.following(follower, star)
        await builders.following(follower, private)
    await Account.filter(id__in=(shy.id, private.id)).update(hide_collections=True)
    client = await node.signed_in(me)
    path = f"/api/v1/accounts/familiar_followers?id[]={star.id}&id[]={private.id}&id[]=5"
    with counted_statements() as seen:
        shown = await json(await client.get(path))
    assert len(seen) <= 6
    found = {item["id"]: [account["id"] for account in item["accounts"]] for item in shown}
    assert found == {str(star.id): [str(friend.id)], str(private.id): []}
    as_body = await json(await client.get("/api/v1/accounts/familiar_followers", json={"id": [str(star.id)]}))
    assert [item["id"] for item in as_body] == [str(star.id)]


async def test_relationships_with_suspended_accounts_are_told_when_asked_for(node: Node) -> None:
    me, bad = await builders.local_account(), await builders.local_account(suspended_at=1)
    client = await node.signed_in(me)
    path = f"/api/v1/accounts/relationships?id[]={bad.id}"
    assert await json(await client.get(path)) == []
    assert len(await json(await client.get(f"{path}&with_suspended=true"))) == 1


async def test_a_mute_whose_time_is_over_gives_back_what_it_hid(node: Node, held_clock: HeldClock) -> None:
    me, author = await builders.local_account(), await builders.local_account()
    await builders.following(me, author)
    post = await builders.post(author)
    await mutes.mute(me, author, duration=60)
    assert await builders.home_of(me) == []
    held_clock.advance(59)
    assert await mutes.remove_expired() == 0
    held_clock.advance(1)
    client = await node.signed_in(me)
    (shown,) = await json(await client.get(f"/api/v1/accounts/relationships?id[]={author.id}"))
    assert shown["muting"] is False
    assert await mutes.remove_expired() == 1
    assert await builders.home_of(me) == [post.id]


async def test_whoever_is_private_no_longer_lets_in_those_who_waited(node: Node) -> None:
    owner, asking = await builders.local_account(is_private=True), await builders.local_account()
    await follows.follow(asking, owner)
    client = await node.signed_in(owner)
    await json(await client.call("PATCH", "/api/v1/profile", json={"locked": False}))
    await builders.run_jobs()
    assert [item["id"] for item in await json(await client.get(f"/api/v1/accounts/{owner.id}/followers"))] == [
        str(asking.id)
    ]
