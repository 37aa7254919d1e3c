"""The admins' page about federation, as a browser without scripts meets it."""

from __future__ import annotations

from node.models.accounts import User
from node.models.domain_lists import ListSubscription
from node.models.moderation import AuditEntry, DomainAllow
from node.models.received_rules import HeaderBlock, HeldPost, KeywordRule
from node.models.relays import Relay
from node.services import domains, list_drafts, newcomer_rules
from tests import builders
from tests.api.client import PASSWORD, Browser, Node, person

PATH = "/admin/federation"


async def signed_in(node: Node, role: str) -> Browser:
    """Somebody's browser, signed in by way of the page."""
    user = await person(f"{role}here", role=role)
    browser = node.browser()
    await browser.open(PATH)
    assert browser.url.startswith("/sign-in")
    return await browser.submit(login=user.email, password=PASSWORD)


async def test_only_admins_see_the_page_and_only_its_own_forms_do_anything(node: Node) -> None:
    browser = await signed_in(node, "moderator")
    assert browser.status == 403
    admin = await signed_in(node, "admin")
    assert admin.status == 200 and "There are no rules." in admin.text
    assert (
        "script-src" not in admin.response.headers["Content-Security-Policy"]
        or "'none'" in (admin.response.headers["Content-Security-Policy"])
    )
    await admin.send(f"{PATH}/domains", {"domain": "evil.example", "severity": "suspend"})
    assert admin.status == 403 and await domains.rule_for("evil.example") is None
    for path in (f"{PATH}/drafts/1", f"{PATH}/nothing"):
        await admin.open(path)
        assert admin.status == 404


async def test_who_has_signed_out_or_is_no_admin_any_more_decides_nothing(node: Node) -> None:
    admin = await signed_in(node, "admin")
    form = {**admin.hidden(f"{PATH}/domains"), "domain": "evil.example", "severity": "suspend"}
    await User.filter(role="admin").update(role="user")
    await admin.send(f"{PATH}/domains", form)
    assert admin.status == 403
    await User.filter(role="user").update(role="admin")
    kept = dict(admin.cookies)
    await admin.open("/settings")
    await admin.submit(action="/sign-out")
    admin.cookies.update(kept)
    await admin.send(f"{PATH}/domains", form)
    assert admin.location.startswith("/sign-in")
    await admin.open(PATH)
    assert admin.url.startswith("/sign-in") and await domains.rule_for("evil.example") is None


async def test_a_suspension_shows_whom_it_would_part_before_it_holds(node: Node) -> None:
    browser = await signed_in(node, "admin")
    me = await builders.local_account("alice")
    bob = await builders.remote_account("bob", "evil.example")
    await builders.following(bob, me)
    fields = {"domain": "Evil.example", "severity": "suspend", "public_comment": "<spam>", "reject_media": "yes"}
    await browser.submit(action=f"{PATH}/domains", **fields)
    assert "@alice loses the follower @bob@evil.example" in browser.text
    assert not await domains.is_suspended("evil.example")
    await browser.submit(action=f"{PATH}/domains")
    assert "The rule holds from now on." in browser.text and "&lt;spam&gt;" in browser.text
    rule = await domains.rule_for("evil.example")
    assert rule is not None and rule.reject_media and rule.severity == "suspend"
    await browser.open(f"{PATH}?q=nothing")
    assert "No rule about such a domain." in browser.text
    await browser.open(f"{PATH}/domain_blocks.csv")
    assert browser.text.splitlines()[1] == "evil.example,suspend,true,false,<spam>,false"
    await browser.open(PATH)
    await browser.submit(action=f"{PATH}/domains", domain="a b", severity="silence")
    assert browser.status == 422 and "is not a valid domain" in browser.text
    await browser.open(PATH)
    await browser.submit(action=f"{PATH}/domains/{rule.id}/remove")
    assert await domains.rule_for("evil.example") is None
    log = await AuditEntry.all().order_by("id")
    assert [f"{entry.action} {entry.target_label}" for entry in log] == ["create evil.example", "destroy evil.example"]


async def test_everything_else_is_decided_there_too(node: Node) -> None:
    browser = await signed_in(node, "admin")

    async def send(where: str, **fields: str) -> None:
        await browser.open(PATH)
        await browser.send(f"{PATH}/{where}", {**browser.hidden(f"{PATH}/{where}"), **fields})
        assert browser.status == 303, browser.text

    await send("allows", domain="nice.example")
    allow = await DomainAllow.get()
    await send(f"allows/{allow.id}/remove")
    await send("subscriptions", url="https://lists.example/x.csv", kind="blocks")
    await send(f"subscriptions/{(await ListSubscription.get()).id}/remove")
    await send("relays", address="https://relay.example/inbox", kind="mastodon")
    relay = await Relay.get()
    for word, state in (("disable", "idle"), ("enable", "pending")):
        await send(f"relays/{relay.id}/{word}")
        assert (await builders.fresh(relay)).state == state
    await send(f"relays/{relay.id}/remove")
    await send("keywords", keyword="casino", action="hold", whole_word="yes")
    bob = await builders.remote_account("bob")
    for _ in range(2):
        await builders.received(bob, content_html="<p>my casino</p>")
    for word in ("approve", "reject"):
        held = await HeldPost.all().first()
        assert held is not None
        await send(f"held/{held.id}/{word}")
    await send(f"keywords/{(await KeywordRule.get()).id}/remove")
    await send("newcomers", action="limit", days="5")
    assert (found := await newcomer_rules.rule()) is not None and found.days == 5
    await send("newcomers", action="none", days="5")
    await send("headers", header="user-agent", pattern="badbot", place="inbox")
    await send(f"headers/{(await HeaderBlock.get()).id}/remove")
    for model in (DomainAllow, ListSubscription, Relay, KeywordRule, HeldPost, HeaderBlock):
        assert not await model.all().exists()
    assert await newcomer_rules.rule() is None
    draft = await list_drafts.import_list(1, "blocks", "a.example\nb.example", source="mine.csv")
    assert draft is not None
    chosen = (await list_drafts.entries(draft.id))[0]
    await browser.open(f"{PATH}/drafts/{draft.id}")
    assert "b.example" in browser.text
    await browser.submit(action=f"{PATH}/drafts/{draft.id}", decision="approve", entry=str(chosen.id))
    await builders.run_jobs()
    assert await domains.is_suspended("a.example") and not await domains.is_suspended("b.example")
    other = await list_drafts.import_list(1, "blocks", "c.example", source="mine.csv")
    assert other is not None
    await browser.open(f"{PATH}/drafts/{other.id}")
    await browser.submit(action=f"{PATH}/drafts/{other.id}", decision="reject")
    assert (await builders.fresh(other)).state == "rejected"
