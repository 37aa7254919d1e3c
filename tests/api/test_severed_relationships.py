"""Follows that decisions end: told, kept for those who lost them, told again when the decision is taken back."""

from __future__ import annotations

from datetime import timedelta

from node import clock
from node.models.accounts import Account, User
from node.models.graph import Follow
from node.models.severances import AccountSeverance, Severance, SeveredFollow
from node.queries import statuses
from node.services import accounts, domain_blocks, domains, follows, moderation
from node.services.moderation import Measure
from tests import builders
from tests.api.client import PASSWORD, Client, Node, json, person

PATH = "/api/v1/severed_relationships"


async def text(client: Client, path: str) -> str:
    """A file."""
    answer = await client.get(path)
    assert answer.status_code == 200 and answer.content_type == "text/csv; charset=utf-8"
    return await answer.get_data(as_text=True)


async def test_what_a_suspension_ends_is_told_kept_and_told_again_when_it_is_over(node: Node) -> None:
    me, other = await builders.local_account("alice"), await builders.local_account("olga")
    bob = await builders.remote_account("bob", "sub.evil.example")
    eve = await builders.remote_account("eve", "evil.example:8443")
    split = await builders.remote_account("split", "nice.example", uri="https://ap.evil.example/users/split")
    like_evil = await builders.remote_account("x", "notevil.example", uri="https://notevil.example/a.evil.example/x")
    made = await builders.following(me, bob)
    await Follow.filter(id=made.id).update(show_shares=False, languages=" de en ")
    for follower, followed in ((bob, me), (eve, me), (me, split), (me, like_evil), (other, like_evil)):
        await builders.following(follower, followed)
    post = await builders.received(bob)
    await domains.block("evil.example")
    await builders.run_jobs()
    assert {(await builders.fresh(one)).suspended_at is None for one in (bob, eve, split)} == {False}
    assert await Follow.filter(account_id=me.id).values_list("target_id", flat=True) == [like_evil.id]
    me = await builders.fresh(me)
    assert (me.followers_count, me.following_count) == (0, 1)

    client, stranger = await node.signed_in(me), await node.signed_in(other)
    (told,) = await json(await client.get("/api/v1/notifications"))
    event = told["event"]
    assert told["type"] == "severed_relationships" and told["account"]["id"] == str(me.id)
    assert event == {
        "id": event["id"],
        "type": "domain_block",
        "purged": False,
        "target_name": "evil.example",
        "followers_count": 2,
        "following_count": 2,
        "created_at": event["created_at"],
        "lifted_at": None,
    }
    assert await json(await stranger.get("/api/v1/notifications")) == [] == await json(await stranger.get(PATH))
    assert (
        await json(await client.get(PATH)) == [event] and await json(await client.get(f"{PATH}/{event['id']}")) == event
    )
    followed = await text(client, f"{PATH}/{event['id']}/following.csv")
    heading, *rows = followed.splitlines()
    assert heading == "Account address,Show boosts,Notify on new posts,Languages"
    assert sorted(rows) == ['bob@sub.evil.example,false,false,"de, en"', "split@nice.example,true,false,"]
    lost = await text(client, f"{PATH}/{event['id']}/followers.csv")
    assert sorted(lost.splitlines()) == ["Account address", "bob@sub.evil.example", "eve@evil.example:8443"]
    for path in (f"{PATH}/{event['id']}", f"{PATH}/{event['id']}/followers.csv", f"{PATH}/{event['id']}/following.csv"):
        await json(await stranger.get(path), 404)
        await json(await node.client().get(path), 401)
    assert await statuses.one(me.id, post.id) is None

    await domains.unblock("evil.example")
    await builders.run_jobs()
    assert {(await builders.fresh(one)).suspended_at for one in (bob, eve, split)} == {None}
    assert await statuses.one(me.id, post.id) is not None
    shown = await json(await client.get("/api/v1/notifications"))
    assert [item["type"] for item in shown] == ["severed_relationships", "follow", "follow"]
    assert shown[0]["event"]["lifted_at"] is not None and shown[0]["event"]["id"] == event["id"]
    assert shown[0]["id"] > told["id"]
    await builders.following(me, bob)


async def test_a_suspended_account_elsewhere_and_a_domain_blocked_for_oneself_are_told_too(node: Node) -> None:
    me, other = await builders.local_account("alice"), await builders.local_account("olga")
    await User.filter(account_id=other.id).update(role="moderator")
    bob, ann = await builders.remote_account("bob"), await builders.remote_account("ann", "else.example")
    for one in (bob, ann):
        await builders.following(one, me)
        await builders.following(me, one)
    moderator = await User.get(account_id=other.id).select_related("account")
    await moderation.take(moderator, bob.id, Measure("suspend"))
    await domain_blocks.block(me, "else.example")
    await domain_blocks.block(other, "else.example")
    await builders.run_jobs()
    client = await node.signed_in(me)
    found = await json(await client.get(PATH))
    assert {(e["type"], e["target_name"], e["followers_count"], e["following_count"]) for e in found} == {
        ("user_domain_block", "else.example", 1, 1),
        ("account_suspension", "bob@remote.example", 1, 0),
    }
    assert await Severance.all().count() == 2 == await AccountSeverance.all().count()
    assert await Follow.filter(account_id=me.id, target_id=bob.id).exists()
    await moderation.unsuspend(moderator, bob.id)
    await builders.run_jobs()
    lifted = {e["type"]: e["lifted_at"] is not None for e in await json(await client.get(PATH))}
    assert lifted == {"user_domain_block": False, "account_suspension": True}


async def test_lost_connections_have_a_page_with_files(node: Node) -> None:
    user = await person("alice")
    bob = await builders.remote_account("bob", "evil.example")
    await builders.following(bob, user.account)
    browser = node.browser()
    await browser.open("/severed_relationships")
    await browser.submit(login="alice@mail.example", password=PASSWORD)
    assert "You have lost none." in browser.text and browser.url.startswith("/severed_relationships")
    await domains.block("evil.example")
    await builders.run_jobs()
    await browser.open("/severed_relationships")
    assert "evil.example" in browser.text and "1 follower lost, 0 accounts no longer followed" in browser.text
    (loss,) = await AccountSeverance.all()
    await browser.open(f"/severed_relationships/{loss.id}/followers.csv")
    assert browser.text == "Account address\nbob@evil.example\n"
    await browser.open("/severed_relationships/1/following.csv")
    assert browser.status == 404
    await accounts.delete_local(user.account)
    await builders.run_jobs()
    assert not await AccountSeverance.all().exists() and not await SeveredFollow.all().exists()


async def test_the_nearest_rule_counts_and_each_is_undone_alone(node: Node) -> None:
    above, below = await builders.remote_account("a", "x.example"), await builders.remote_account("b", "b.x.example")
    own = await builders.remote_account("c", "b.x.example")
    moment = clock.now() - timedelta(days=1)
    await Account.filter(id=own.id).update(silenced_at=moment)

    async def limits() -> list[str]:
        rows = [await builders.fresh(one) for one in (above, below, own)]
        return ["".join("SL"[at] for at, on in enumerate((row.suspended_at, row.silenced_at)) if on) for row in rows]

    await domains.block("b.x.example", severity="silence")
    assert await limits() == ["", "L", "L"]
    await domains.block("x.example")
    assert await limits() == ["S", "L", "L"]
    await domains.block("b.x.example", severity="noop")
    assert await limits() == ["S", "", "L"]
    await domains.unblock("b.x.example")
    assert await limits() == ["S", "S", "SL"]
    await domains.unblock("x.example")
    assert await limits() == ["", "", "L"]
    assert (await builders.fresh(own)).silenced_at < clock.now() - timedelta(hours=23)


async def test_what_holds_for_a_whole_domain_outlives_what_a_moderator_takes_back_of_one_account(node: Node) -> None:
    judge = await builders.local_account()
    await User.filter(account_id=judge.id).update(role="admin")
    moderator = await User.get(account_id=judge.id).select_related("account")
    bob = await builders.remote_account("bob", "x.example")
    await domains.block("x.example", severity="silence")
    await moderation.take(moderator, bob.id, Measure("silence"))
    await moderation.unsilence(moderator, bob.id)
    assert (await builders.fresh(bob)).silenced_at is not None
    await moderation.take(moderator, bob.id, Measure("suspend"))
    await domains.unblock("x.example")
    bob = await builders.fresh(bob)
    assert bob.silenced_at is None and bob.suspended_at is not None
    await moderation.unsuspend(moderator, bob.id)
    assert (await builders.fresh(bob)).suspended_at is None


async def test_follows_from_a_domain_wait_to_be_let_in_while_the_admins_want_it(node: Node) -> None:
    me, shy = await builders.local_account(), await builders.local_account(is_private=True)
    await domains.block("crowd.example", severity="noop", approve_follows=True)
    bob = await builders.remote_account("bob", "sub.crowd.example")
    for target in (me, shy):
        assert not (await follows.follow(bob, target, uri=f"{bob.uri}#{target.id}")).accepted
    assert [kind for kind, _, _ in await builders.told(me)] == ["follow_request"]
    me = await accounts.update_profile(me, accounts.ProfileChanges(is_private=True))
    await accounts.update_profile(me, accounts.ProfileChanges(is_private=False))
    await builders.run_jobs()
    assert not await Follow.filter(accepted=True).exists()
    await domains.unblock("crowd.example")
    await builders.run_jobs()
    assert await Follow.filter(accepted=True).values_list("target_id", flat=True) == [me.id]
