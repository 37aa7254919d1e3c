"""Accounts under the eyes of moderators: found, judged, let go again; and the log of it."""

from __future__ import annotations

from typing import Any

import pytest

import federation.wiring
from api.entities import memory
from node import clock
from node.events import AccountUpdated
from node.models.accounts import Account, User
from node.models.graph import Follow
from node.models.posts import Post
from node.models.reports import Report
from node.services import reports
from node.services.reports import Complaint
from tests import builders
from tests.api.client import Client, Node, body, json, new_access_token, person
from tests.api.statements import counted_statements

PATH = "/api/v1/admin/accounts"
SCOPES = ("read", "write", "admin:read", "admin:write")


async def staff(node: Node, role: str = "moderator", *scopes: str) -> tuple[Client, Account]:
    """A moderator's or admin's app, and their account."""
    account = await builders.local_account()
    await User.filter(account_id=account.id).update(role=role)
    return await node.signed_in(account, *(scopes or SCOPES)), account


async def names(client: Client, query: str = "", path: str = PATH) -> list[str]:
    """Who is listed."""
    return [one["username"] for one in await json(await client.get(f"{path}?{query}"))]


async def test_nobody_but_staff_with_the_scope_gets_in(node: Node) -> None:
    target = await builders.local_account()
    moderator, me = await staff(node)
    calls = [
        *(("GET", path) for path in (PATH, f"{PATH}/{target.id}", "/api/v2/admin/accounts", "/api/v1/admin/audit_log")),
        *(
            ("POST", f"{PATH}/{target.id}/{action}")
            for action in ("approve", "reject", "enable", "unsilence", "unsuspend", "unsensitive", "action")
        ),
        ("DELETE", f"{PATH}/{target.id}"),
    ]
    member = await node.signed_in(target, *SCOPES)
    unscoped, _ = await staff(node, "admin", "read", "write")
    for method, path in calls:
        refused = await json(await member.call(method, path), 403)
        assert refused == {"error": "This action is not allowed"}
        refused = await json(await unscoped.call(method, path), 403)
        assert refused == {"error": "This action is outside the authorized scopes"}
        await json(await node.client().call(method, path), 401)
    reader, _ = await staff(node, "moderator", "admin:read:accounts")
    await json(await reader.get(PATH))
    await json(await reader.post(f"{PATH}/{target.id}/unsilence"), 403)
    await Account.filter(id=target.id).update(suspended_at=clock.now())
    await json(await moderator.call("DELETE", f"{PATH}/{target.id}"), 403)
    admin, admins_account = await staff(node, "admin")
    for client, other in ((moderator, admins_account), (moderator, me), (admin, admins_account)):
        for kind in ("none", "disable", "sensitive", "silence", "suspend"):
            await json(await client.post(f"{PATH}/{other.id}/action", json={"type": kind}), 403)


async def test_accounts_are_found_by_what_they_are(node: Node) -> None:
    client, me = await staff(node)
    alice, wait, shut, quiet = [await builders.local_account(name) for name in ("alice", "wait", "shut", "quiet")]
    gone, covered = [await builders.local_account(name) for name in ("gone", "covered")]
    await builders.remote_account("bob", "bad.example", display_name="Bobby Tables")
    now = clock.now()
    await User.filter(account_id=wait.id).update(approved_at=None, invited_by_id=alice.id, application_id=77)
    await User.filter(account_id=shut.id).update(disabled_at=now, sign_up_address="192.0.2.7", sign_up_reason="Birds")
    await Account.filter(id=quiet.id).update(silenced_at=now)
    await Account.filter(id=gone.id).update(suspended_at=now)
    await Account.filter(id=covered.id).update(sensitized_at=now)
    mine = me.username
    assert await names(client) == ["covered", "quiet", "shut", "wait", "alice", mine]
    for query, found in (
        ("remote=true", ["bob"]),
        ("pending=true", ["wait"]),
        ("disabled=1", ["shut"]),
        ("silenced=true", ["quiet"]),
        ("suspended=true", ["gone"]),
        ("sensitized=true", ["covered"]),
        ("username=@ALI", ["alice"]),
        ("username=%25", []),
        ("remote=true&display_name=bobby", ["bob"]),
        ("remote=true&by_domain=bad.example", ["bob"]),
        ("remote=true&by_domain=ad.example", []),
        ("email=alice@", ["alice"]),
        ("ip=192.0.2.7", ["shut"]),
        ("ip=192.0.2.0/24", ["shut"]),
        ("ip=198.51.100.0/24", []),
        ("ip=x", []),
        ("staff=true", [mine]),
    ):
        assert await names(client, query) == found, query
    second = "/api/v2/admin/accounts"
    for query, found in (
        ("origin=remote", ["bob"]),
        ("status=suspended", ["gone"]),
        ("permissions=staff", [mine]),
        ("role_ids[]=2", [mine]),
        ("role_ids[]=9", []),
        (f"invited_by={alice.id}", ["wait"]),
    ):
        assert await names(client, query, second) == found, query
    assert (await names(client, "", second))[:2] == ["bob", "covered"]
    assert await json(await client.get(f"{second}?origin=moon"), 400) == {"error": "Unknown origin: moon"}
    assert await json(await client.get(f"{second}?status=odd"), 400) == {"error": "Unknown status: odd"}
    await json(await client.get(f"{second}?invited_by=x"), 400)
    page = await client.get(f"{second}?limit=2&origin=local")
    assert [one["username"] for one in await json(page)] == ["covered", "gone"]
    assert f"max_id={gone.id}" in page.headers["Link"] and "origin=local" in page.headers["Link"]
    assert await names(client, f"limit=2&origin=local&max_id={gone.id}", second) == ["quiet", "shut"]
    assert await names(client, f"limit=1&origin=local&min_id={alice.id}", second) == ["wait"]
    counts = []
    for limit in (2, 8):
        memory.forget_all()
        with counted_statements() as seen:
            await json(await client.get(f"{second}?limit={limit}"))
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_an_account_is_shown_whole(node: Node) -> None:
    client, _ = await staff(node, "admin")
    wait, bob = await builders.local_account("wait"), await builders.remote_account("bob")
    await User.filter(account_id=wait.id).update(
        approved_at=None, invited_by_id=bob.id, application_id=77, sign_up_address="192.0.2.7", sign_up_reason="Birds"
    )
    shown = await json(await client.get(f"{PATH}/{wait.id}"))
    assert shown.pop("account")["acct"] == "wait"
    created = shown["created_at"]
    assert {name: value for name, value in shown.items() if name not in ("created_at", "ips")} == {
        "id": str(wait.id),
        "username": "wait",
        "domain": None,
        "email": "wait@mail.example",
        "ip": "192.0.2.7",
        "confirmed": True,
        "suspended": False,
        "silenced": False,
        "sensitized": False,
        "disabled": False,
        "approved": False,
        "locale": "en",
        "invite_request": "Birds",
        "created_by_application_id": "77",
        "invited_by_account_id": str(bob.id),
        "role": {
            "id": "-99",
            "name": "",
            "color": "",
            "permissions": "65536",
            "highlighted": False,
            "collection_limit": 10,
        },
    }
    assert [one["ip"] for one in shown["ips"]] == ["192.0.2.7"] and created.endswith("Z")
    other = await json(await client.get(f"{PATH}/{bob.id}"))
    assert other["domain"] == "remote.example" and other["account"]["acct"] == "bob@remote.example"
    assert "invited_by_account_id" not in other and "created_by_application_id" not in other
    for name in ("email", "ip", "confirmed", "disabled", "approved", "locale", "invite_request", "ips", "role"):
        assert other[name] is None
    await json(await client.get(f"{PATH}/1"), 404)


async def test_those_at_the_door_are_let_in_or_turned_away(node: Node) -> None:
    client, _ = await staff(node)
    one, other, inside = [await builders.local_account(name) for name in ("one", "other", "inside")]
    await User.filter(account_id__in=(one.id, other.id)).update(approved_at=None)
    assert (await json(await client.post(f"{PATH}/{one.id}/approve")))["approved"] is True
    assert await json(await client.post(f"{PATH}/{other.id}/reject")) == {}
    await builders.run_jobs()
    assert not await Account.exists(id=other.id)
    bob = await builders.remote_account()
    for action in ("approve", "reject"):
        await json(await client.post(f"{PATH}/{inside.id}/{action}"), 403)
        await json(await client.post(f"{PATH}/{bob.id}/{action}"), 403)
        await json(await client.post(f"{PATH}/1/{action}"), 404)
    log = await json(await client.get("/api/v1/admin/audit_log"))
    assert [(entry["action"], entry["target"]) for entry in log] == [
        ("reject", {"type": "User", "id": str(other.id), "label": "other"}),
        ("approve", {"type": "User", "id": str(one.id), "label": "one"}),
    ]


async def acted(client: Client, target: Account, kind: str, **values: Any) -> None:
    """Take a measure."""
    assert await json(await client.post(f"{PATH}/{target.id}/action", json={"type": kind, **values})) == {}


async def test_a_warning_reaches_the_person_and_closes_its_report(node: Node) -> None:
    client, me = await staff(node)
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(bob)
    one = await reports.file(alice, Complaint(target_id=bob.id, post_ids=(post.id,)))
    two = await reports.file(alice, Complaint(target_id=bob.id))
    await acted(client, bob, "none", text="Be kind.", report_id=str(one.id))
    assert (await Report.get(id=one.id)).action_taken_by_id == me.id
    assert (await Report.get(id=two.id)).action_taken_at is None
    await builders.run_jobs()
    (letter,) = node.letters("bob@mail.example")
    assert "Be kind." in body(letter)
    bobs = await node.signed_in(bob)
    (told,) = await json(await bobs.get("/api/v1/notifications"))
    warning = told["moderation_warning"]
    assert told["type"] == "moderation_warning" and warning["target_account"]["id"] == str(bob.id)
    assert (warning["action"], warning["text"], warning["appeal"]) == ("none", "Be kind.", None)
    assert warning["status_ids"] == [str(post.id)]
    await acted(client, bob, "silence", send_email_notification=False)
    assert (await Report.get(id=two.id)).action_taken_at is not None
    await builders.run_jobs()
    assert len(node.letters("bob@mail.example")) == 1
    assert len(await json(await bobs.get("/api/v1/notifications"))) == 1
    for values, error in (
        ({}, "Validation failed: Type can't be blank, Type is not included in the list"),
        ({"type": "shout"}, "Validation failed: Type is not included in the list"),
    ):
        assert (await json(await client.post(f"{PATH}/{bob.id}/action", json=values), 422))["error"] == error
    for values in ({"report_id": "1"}, {"warning_preset_id": "1"}):
        await json(await client.post(f"{PATH}/{bob.id}/action", json={"type": "none", **values}), 404)
    entries = await json(await client.get("/api/v1/admin/audit_log?limit=1"))
    assert [(entry["action"], entry["account"]["id"]) for entry in entries] == [("silence", str(me.id))]
    older = await json(await client.get(f"/api/v1/admin/audit_log?max_id={entries[0]['id']}"))
    assert [entry["action"] for entry in older] == ["warn"]


async def test_limiting_and_covering_are_seen_by_others_and_taken_back(node: Node) -> None:
    client, _ = await staff(node)
    bob = await builders.local_account("bob")
    post = await builders.post(bob)
    bobs, stranger = await node.signed_in(bob), node.client()

    async def seen(reader: Client) -> bool:
        found: dict[str, Any] = await json(await reader.get(f"/api/v1/statuses/{post.id}"))
        return bool(found["sensitive"])

    assert not await seen(stranger)
    await acted(client, bob, "sensitive")
    await builders.run_jobs()
    assert await seen(stranger) and not await seen(bobs)
    assert (await json(await client.post(f"{PATH}/{bob.id}/unsensitive")))["sensitized"] is False
    await builders.run_jobs()
    assert not await seen(stranger)
    await acted(client, bob, "silence")
    assert (await json(await stranger.get(f"/api/v1/accounts/{bob.id}")))["limited"] is True
    assert await json(await stranger.get("/api/v1/timelines/public")) == []
    assert (await json(await client.post(f"{PATH}/{bob.id}/unsilence")))["silenced"] is False
    assert [one["id"] for one in await json(await stranger.get("/api/v1/timelines/public"))] == [str(post.id)]


async def test_who_is_disabled_is_out_until_enabled(node: Node) -> None:
    client, _ = await staff(node)
    user = await person("bob")
    bobs = node.client(await new_access_token(user))
    await json(await bobs.get("/api/v1/accounts/verify_credentials"))
    await acted(client, user.account, "disable")
    await json(await bobs.get("/api/v1/accounts/verify_credentials"), 401)
    assert (await json(await client.post(f"{PATH}/{user.account_id}/enable")))["disabled"] is False
    remote = await builders.remote_account()
    await json(await client.post(f"{PATH}/{remote.id}/enable"), 403)
    await json(await client.post(f"{PATH}/{remote.id}/action", json={"type": "disable"}), 403)


async def test_a_suspension_hides_everything_and_can_be_taken_back(node: Node) -> None:
    client, _ = await staff(node)
    bob, friend = await builders.local_account("bob", display_name="Bob"), await builders.local_account()
    await builders.following(friend, bob)
    post = await builders.post(bob)
    bobs, stranger = await node.signed_in(bob), node.client()
    await json(await bobs.get("/api/v1/timelines/home"))
    actor = {"Accept": "application/activity+json"}
    async with builders.hearing(AccountUpdated) as heard:
        await acted(client, bob, "suspend")
    assert heard == [AccountUpdated(account_id=bob.id)]
    refused = await json(await bobs.get("/api/v1/timelines/home"), 403)
    assert refused == {"error": "Your login is currently disabled"}
    await json(await stranger.get(f"/api/v1/statuses/{post.id}"), 404)
    assert (await json(await stranger.get(f"/api/v1/accounts/{bob.id}")))["suspended"] is True
    document = await json(await stranger.get(f"/ap/users/{bob.id}", headers=actor))
    assert document["suspended"] is True and document["name"] == "bob"
    await json(await stranger.get(f"/ap/users/{bob.id}/outbox", headers=actor), 403)
    shown = await json(await client.post(f"{PATH}/{bob.id}/unsuspend"))
    assert shown["suspended"] is False and shown["account"]["display_name"] == "Bob"
    await json(await bobs.get("/api/v1/timelines/home"))
    await json(await stranger.get(f"/api/v1/statuses/{post.id}"))
    federation.wiring.forget_everything()
    assert "suspended" not in await json(await stranger.get(f"/ap/users/{bob.id}", headers=actor))
    assert await Follow.filter(target_id=bob.id).count() == 1
    await json(await client.post(f"{PATH}/{bob.id}/unsuspend"), 403)


async def test_a_suspended_account_elsewhere_loses_its_follows_and_may_be_emptied(node: Node) -> None:
    client, _ = await staff(node, "admin")
    me, bad = await builders.local_account(), await builders.remote_account("bad")
    await builders.following(bad, me)
    await builders.following(me, bad)
    await builders.received(bad)
    await json(await client.call("DELETE", f"{PATH}/{bad.id}"), 403)
    await acted(client, bad, "suspend")
    await builders.run_jobs()
    assert not await Follow.filter(account_id=bad.id).exists()
    assert await Follow.filter(target_id=bad.id).exists()
    assert await json(await client.call("DELETE", f"{PATH}/{bad.id}")) == {}
    await builders.run_jobs()
    assert not await Post.filter(account_id=bad.id).exists()
    mine = await builders.local_account("mine")
    await acted(client, mine, "suspend")
    assert await json(await client.call("DELETE", f"{PATH}/{mine.id}")) == {}
    await builders.run_jobs()
    assert not await User.filter(account_id=mine.id).exists()
    await json(await client.call("DELETE", f"{PATH}/{mine.id}"), 403)
    await json(await client.post(f"{PATH}/{mine.id}/unsuspend"), 403)


@pytest.mark.parametrize("invited", [True, False])
async def test_where_somebody_came_from_is_kept(node: Node, invited: bool) -> None:
    from node.services import invites, sign_up

    host = await person("host")
    invite = await invites.create(host)
    await sign_up.sign_up(
        sign_up.SignUp(
            username="guest",
            email="guest@mail.example",
            password="a long enough phrase",
            invite_code=invite.code if invited else "",
            address="192.0.2.9",
            application_id=5,
        )
    )
    user = await User.get(email_key="guest@mail.example")
    assert (user.sign_up_address, user.application_id) == ("192.0.2.9", 5)
    assert user.invited_by_id == (host.account_id if invited else None)
