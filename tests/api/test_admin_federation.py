"""Lists of domains, relays, and rules about what comes unasked: over the API, each decision in the log."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.domain_lists import DraftEntry, ListSubscription
from node.models.moderation import DomainRule
from node.runtime import Runtime
from node.services import domain_lists, domains, follows, newcomer_rules, remote_media
from node.services.domains import Terms
from node.services.received_posts import IncomingMedia
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_admin_accounts import staff
from tests.api.test_admin_blocks import actions, made
from tests.conftest import HeldClock

IMPORT = "/api/v1/admin/domain_lists/import"
DRAFTS = "/api/v1/admin/domain_list_drafts"
SUBSCRIPTIONS = "/api/v1/admin/domain_list_subscriptions"
RELAYS = "/api/v1/admin/relays"
KEYWORDS = "/api/v1/admin/keyword_rules"
NEWCOMERS = "/api/v1/admin/newcomer_rule"
HEADERS = "/api/v1/admin/header_blocks"
HELD = "/api/v1/admin/held_posts"

LIST = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
evil.example,suspend,true,true,"spam, and worse",true
Bücher.example,silence,False,False,,False
noted.example,noop,TRUE,false,,
hid*en.example,suspend,false,false,,false
here.example,suspend,false,false,,false
known.example,silence,false,false,other words,false
evil.example,noop,false,false,twice,false
odd.example,frown,false,false,,false
"""


async def test_nobody_but_admins_decides_about_federation(node: Node) -> None:
    moderator, _ = await staff(node)
    paths = (DRAFTS, SUBSCRIPTIONS, RELAYS, KEYWORDS, NEWCOMERS, HEADERS, "/api/v1/admin/domain_blocks/export")
    for path in paths:
        await json(await moderator.get(path), 403)
        await json(await node.client().get(path), 401)
    for path in (IMPORT, SUBSCRIPTIONS, RELAYS, KEYWORDS, HEADERS, f"{DRAFTS}/1/approve", f"{DRAFTS}/1/reject"):
        await json(await moderator.post(path, json={}), 403)
    assert await json(await moderator.get(HELD)) == []
    admin, _ = await staff(node, "admin")
    for method, path in (
        *(("GET", f"{path}/1") for path in (DRAFTS, RELAYS)),
        *(("DELETE", f"{path}/1") for path in (SUBSCRIPTIONS, RELAYS, KEYWORDS, HEADERS)),
        *(("POST", f"{DRAFTS}/1/{what}") for what in ("approve", "reject")),
        *(("POST", f"{RELAYS}/1/{what}") for what in ("enable", "disable")),
        *(("POST", f"{HELD}/1/{what}") for what in ("approve", "reject")),
        ("GET", f"{DRAFTS}/1/losses"),
        ("POST", f"{SUBSCRIPTIONS}/1/check"),
    ):
        await json(await admin.call(method, path), 404)


async def test_a_list_becomes_a_draft_that_says_who_would_lose_whom_and_holds_when_it_is_approved(node: Node) -> None:
    client, _ = await staff(node, "admin")
    me, other = await builders.local_account("alice"), await builders.local_account("olga")
    bob = await builders.remote_account("bob", "sub.evil.example")
    for follower, followed in ((me, bob), (bob, me), (bob, other)):
        await builders.following(follower, followed)
    await domains.lay_down("known.example", Terms(severity="silence", public_comment="ours"))
    await domains.lay_down("noted.example", Terms(severity="silence"))
    draft = await made(client, IMPORT, data=LIST, source="list.csv")
    assert (draft["kind"], draft["source"], draft["state"], draft["unreadable_count"]) == (
        "blocks",
        "list.csv",
        "waiting",
        3,
    )
    entries = {entry["domain"]: entry for entry in draft["entries"]}
    assert {name: (entry["action"], entry["severity"]) for name, entry in entries.items()} == {
        "evil.example": ("add", "suspend"),
        "xn--bcher-kva.example": ("add", "silence"),
        "noted.example": ("change", "silence"),
    }
    evil = entries["evil.example"]
    assert evil["public_comment"] == "spam, and worse" and evil["reject_media"] and evil["obfuscate"]
    impact = {"domain": "evil.example", "accounts_count": 1, "followers_count": 2, "following_count": 1}
    assert evil["impact"] == impact and entries["noted.example"]["impact"] is None
    assert await json(await client.get("/api/v1/admin/domain_blocks/preview?domain=Evil.example.")) == impact
    await json(await client.get("/api/v1/admin/domain_blocks/preview?domain=a%20b"), 422)
    losses = await json(await client.get(f"{DRAFTS}/{draft['id']}/losses"))
    assert sorted((loss["account"], loss["other"], loss["direction"]) for loss in losses) == [
        ("alice", "bob@sub.evil.example", "follower"),
        ("alice", "bob@sub.evil.example", "following"),
        ("olga", "bob@sub.evil.example", "follower"),
    ]
    first = await json(await client.get(f"{DRAFTS}/{draft['id']}/losses?limit=1"))
    rest = await json(await client.get(f"{DRAFTS}/{draft['id']}/losses?min_id={first[0]['id']}"))
    assert [*first, *rest] == losses
    assert not await domains.is_suspended("evil.example") and await DomainRule.all().count() == 2

    chosen = [entries[name]["id"] for name in ("evil.example", "noted.example")]
    await json(await client.post(f"{DRAFTS}/{draft['id']}/approve", json={"entry_ids": ["1"]}), 404)
    answer = await made(client, f"{DRAFTS}/{draft['id']}/approve", entry_ids=chosen)
    assert (answer["state"], answer["entries"]) == ("applying", None)
    await json(await client.post(f"{DRAFTS}/{draft['id']}/reject"), 422)
    await builders.run_jobs()
    assert (await json(await client.get(f"{DRAFTS}/{draft['id']}")))["state"] == "applied"
    assert await domains.is_suspended("evil.example") and await domains.rejects_media("noted.example")
    rule = await domains.rule_for("known.example")
    assert rule is not None and rule.public_comment == "ours" and await domains.rule_for("bücher.example") is None
    assert (await builders.fresh(me)).following_count == 0
    exported = await (await client.get("/api/v1/admin/domain_blocks/export")).get_data(as_text=True)
    assert exported.splitlines() == [
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate",
        'evil.example,suspend,true,true,"spam, and worse",true',
        "known.example,silence,false,false,ours,false",
        "noted.example,silence,true,false,,false",
    ]
    again = await client.post(IMPORT, json={"data": exported})
    assert again.status_code == 204
    assert await actions(client) == [
        "create DomainListDraft list.csv",
        "approve DomainListDraft list.csv",
        "create DomainBlock evil.example",
        "update DomainBlock noted.example",
    ]


@pytest.mark.parametrize(
    "data",
    ["", "#domain,#severity\n", "a,b\nc d,e", "x" * 1_000, 'a.example\n"' + "b" * 200_000, "a.example\n" * 20_001],
)
async def test_what_is_no_list_is_refused(node: Node, data: str) -> None:
    client, _ = await staff(node, "admin")
    refused = await made(client, IMPORT, 422, data=data)
    assert refused["error"].startswith("Validation failed: Data ")
    await made(client, IMPORT, 422, data="a.example", kind="friends")


async def test_allowed_domains_come_and_go_as_lists_too(node: Node) -> None:
    client, _ = await staff(node, "admin")
    draft = await made(client, IMPORT, data="friend.example\nnice.example", kind="allows")
    assert [entry["domain"] for entry in draft["entries"]] == ["friend.example", "nice.example"]
    await made(client, f"{DRAFTS}/{draft['id']}/approve")
    await builders.run_jobs()
    exported = await (await client.get("/api/v1/admin/domain_allows/export")).get_data(as_text=True)
    assert exported == "#domain\nfriend.example\nnice.example\n"


async def drafted(subscription: ListSubscription, text: str) -> list[tuple[str, str, str]]:
    """What a list that says this would change."""
    draft = await domain_lists.draft(
        subscription.kind, domain_lists.read(text), source=subscription.url, subscription_id=subscription.id
    )
    if draft is None:
        return []
    return [(e.action, e.domain, e.severity) for e in await DraftEntry.filter(draft_id=draft.id).order_by("id")]


async def test_a_list_one_follows_proposes_what_is_new_and_gone_but_nothing_twice_that_was_rejected(node: Node) -> None:
    client, _ = await staff(node, "admin")
    made_one = await made(client, SUBSCRIPTIONS, url="https://lists.example/blocks.csv")
    for values in ({"url": "lists"}, {"url": made_one["url"]}, {"url": "https://x.example/", "kind": "odd"}):
        await made(client, SUBSCRIPTIONS, 422, **values)
    subscription = await ListSubscription.get(id=made_one["id"])
    first = "#domain,#severity\none.example,silence\ntwo.example,suspend"
    await drafted(subscription, first)
    assert len(await drafted(subscription, first)) == 2
    (draft,) = await json(await client.get(DRAFTS))
    assert draft["subscription_id"] == made_one["id"] and draft["entries"] is None
    await made(client, f"{DRAFTS}/{draft['id']}/approve")
    await builders.run_jobs()
    assert await drafted(subscription, first) == []
    second = "#domain,#severity\none.example,noop\nthree.example,suspend"
    assert await drafted(subscription, second) == [
        ("change", "one.example", "noop"),
        ("add", "three.example", "suspend"),
        ("remove", "two.example", "suspend"),
    ]
    waiting = (await json(await client.get(DRAFTS)))[0]
    await made(client, f"{DRAFTS}/{waiting['id']}/reject")
    assert await drafted(subscription, second) == [] and await domains.is_suspended("two.example")
    assert await drafted(subscription, second + "\nfour.example,silence") == [("add", "four.example", "silence")]
    await json(await client.call("DELETE", f"{SUBSCRIPTIONS}/{made_one['id']}"))
    assert await domains.is_suspended("two.example")
    assert [one["state"] for one in await json(await client.get(DRAFTS))] == []


async def test_words_hold_reject_or_silence_those_whom_nobody_here_follows(node: Node) -> None:
    client, _ = await staff(node, "admin")
    moderator, _ = await staff(node)
    me = await builders.local_account()
    for word, action in (("casino", "hold"), ("pills now", "reject"), ("loud", "silence")):
        await made(client, KEYWORDS, keyword=word, action=action)
    for values in (
        {"keyword": " "},
        {"keyword": "x" * 201},
        {"keyword": "casino"},
        {"keyword": "x", "action": "frown"},
    ):
        await made(client, KEYWORDS, 422, **values)
    bob, friend = await builders.remote_account("bob"), await builders.remote_account("friend")
    await builders.following(me, friend)
    known = await builders.received(friend, content_html="<p>Casino and pills now</p>")
    with pytest.raises(Exception, match="words that are not taken"):
        await builders.received(bob, content_html="<p>Buy Pills <b>now</b>!</p>")
    fine = await builders.received(bob, content_html="<p>casinos are allowed</p>")
    held = await builders.received(bob, content_html="<p>The <i>CASINO</i> calls</p>", mentions=(me,))
    refused = await builders.received(bob, content_html="<p>ok</p>", spoiler_text="casino")
    reader = await node.signed_in(me)

    async def seen() -> set[str]:
        return {one["id"] for one in await json(await reader.get("/api/v1/timelines/public"))}

    assert await seen() == {str(known.id), str(fine.id)}
    await json(await reader.get(f"/api/v1/statuses/{held.id}"), 404)
    assert await builders.told(me) == []
    second, first = await json(await moderator.get(HELD))
    assert (first["keyword"], first["account"], first["content"]) == ("casino", "bob@remote.example", held.content)
    await json(await moderator.post(f"{HELD}/{first['id']}/approve"))
    await json(await moderator.post(f"{HELD}/{second['id']}/reject"))
    assert await json(await moderator.get(HELD)) == []
    assert await seen() == {str(known.id), str(fine.id), str(held.id)}
    assert [told[0] for told in await builders.told(me)] == ["mention"]
    await json(await reader.get(f"/api/v1/statuses/{refused.id}"), 404)
    await builders.received(bob, content_html="<p>so loud</p>")
    assert (await builders.fresh(bob)).silenced_at is not None and await seen() == {str(known.id)}
    rules = await json(await client.get(KEYWORDS))
    for rule in rules:
        await json(await client.call("DELETE", f"{KEYWORDS}/{rule['id']}"))
    assert (await builders.fresh(bob)).silenced_at is None
    assert "destroy KeywordRule loud" in await actions(client)


async def test_pictures_that_are_there_already_are_not_shown_while_none_are_taken_from_a_domain(node: Node) -> None:
    bob = await builders.remote_account("bob", "pics.example", avatar_url="https://pics.example/bob.png")
    picture = IncomingMedia(url="https://cdn.example/1.jpg", media_type="image/jpeg")
    post = await builders.received(bob, media=(picture,))

    async def shown() -> dict[str, Any]:
        (attachment,) = (await json(await node.client().get(f"/api/v1/statuses/{post.id}")))["media_attachments"]
        return {name: attachment[name] for name in ("type", "url", "preview_url", "remote_url")}

    before = await shown()
    assert before["type"] == "image" and before["url"] is not None
    kept = remote_media.Subject("avatar", bob.id, "https://pics.example/bob.png", "pics.example")
    await remote_media.note_failure(kept, "for the test", first_wait=1.0)
    await domains.block("pics.example", severity="noop", reject_media=True)
    await builders.run_jobs()
    hidden = {"type": "unknown", "url": None, "preview_url": None, "remote_url": picture.url}
    assert await shown() == hidden and await remote_media.copy_of(kept) is None
    await domains.unblock("pics.example")
    await builders.run_jobs()
    assert await shown() == before
    bob = await builders.fresh(bob)
    assert bob.avatar_remote_url is None and bob.fetched_at is None, "it is read again when it is next met"


async def rule(client: Client, **values: Any) -> None:
    """Treat new servers so."""
    await json(await client.call("PUT", NEWCOMERS, json=values))


@pytest.fixture(autouse=True)
def nobody_known() -> None:
    """No server is known from another test."""
    newcomer_rules.forget_everything()


async def test_new_servers_wait_or_are_limited_until_they_are_known(node: Node) -> None:
    client, _ = await staff(node, "admin")
    me = await builders.local_account()
    assert await json(await client.get(NEWCOMERS)) == {"days": 0, "action": "none"}
    for values in ({"days": 0}, {"days": 91}, {"days": 3, "action": "frown"}):
        await json(await client.call("PUT", NEWCOMERS, json=values), 422)
    await rule(client, days=3, action="hold")
    bob = await builders.remote_account("bob", "new.example")
    assert not (await follows.follow(bob, me, uri=f"{bob.uri}#1")).accepted
    await builders.received(bob, mentions=(me,))
    reader = await node.signed_in(me)
    assert [one["type"] for one in await json(await reader.get("/api/v1/notifications"))] == ["follow_request"]
    assert len(await json(await reader.get("/api/v1/notifications/requests"))) == 1
    await rule(client, days=2, action="limit")
    ann = await builders.remote_account("ann", "newer.example")
    assert {(await builders.fresh(one)).silenced_at is None for one in (bob, ann)} == {False}
    assert (await follows.follow(ann, me, uri=f"{ann.uri}#1")).accepted
    await json(await client.call("DELETE", NEWCOMERS))
    assert {(await builders.fresh(one)).silenced_at for one in (bob, ann)} == {None}
    assert await actions(client) == [
        "update NewcomerRule hold 3",
        "update NewcomerRule limit 2",
        "destroy NewcomerRule limit 2",
    ]


async def test_a_server_is_new_for_so_many_days(started: Runtime, held_clock: HeldClock) -> None:
    judge = await builders.local_account()
    await newcomer_rules.lay_down(judge.id, 3, "limit")
    bob = await builders.remote_account("bob", "new.example")
    held_clock.advance(2 * 86_400)
    await newcomer_rules.free_settled()
    assert (await builders.fresh(bob)).silenced_at is not None
    held_clock.advance(2 * 86_400)
    assert (await builders.remote_account("ann", "new.example")).silenced_at is None
    assert (await builders.remote_account("eve", "newer.example")).silenced_at is not None
    await newcomer_rules.free_settled()
    assert (await builders.fresh(bob)).silenced_at is None


async def test_requests_are_refused_for_what_stands_in_their_headers(node: Node) -> None:
    client, _ = await staff(node, "admin")
    await made(client, HEADERS, pattern="BadBot", place="api")
    for values in (
        {"pattern": "ab"},
        {"pattern": "badbot", "place": "api"},
        {"pattern": "x" * 201},
        {"pattern": "abc", "header": "Cookie"},
        {"pattern": "abc", "header": "a b"},
        {"pattern": "abc", "place": "moon"},
    ):
        await made(client, HEADERS, 422, **values)
    me = await builders.local_account()
    post = await builders.post(me)
    for path in ("/api/v1/instance", f"/api/v1/statuses/{post.id}", f"/api/v1/accounts/{me.id}", "/about"):
        await node.client().get(path)
        assert (await node.client().get(path, headers={"User-Agent": "Mozilla badbot/1"})).status_code == 403
        assert (await node.client().get(path, headers={"User-Agent": "Mozilla"})).status_code == 200
    await node.client().get("/api/v1/instance", headers={"X-Else": "badbot"})
    inbox = await node.client().post("/inbox", json={}, headers={"User-Agent": "badbot"})
    assert inbox.status_code != 403
    (block,) = await json(await client.get(HEADERS))
    await json(await client.call("DELETE", f"{HEADERS}/{block['id']}"))
    assert (await node.client().get("/api/v1/instance", headers={"User-Agent": "badbot"})).status_code == 200
