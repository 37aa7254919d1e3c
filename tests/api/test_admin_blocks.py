"""What admins refuse: domains and their pictures, e-mail and IP addresses."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from federation import policy
from node import clock
from node.errors import Forbidden, Invalid
from node.models.accounts import Account, User
from node.models.sign_up_blocks import IpBlock
from node.services import accounts, email_blocks, ip_blocks, sign_up
from node.services.received_media import IncomingMedia
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_admin_accounts import acted, staff

BLOCKS = "/api/v1/admin/domain_blocks"
ALLOWS = "/api/v1/admin/domain_allows"
EMAIL_DOMAINS = "/api/v1/admin/email_domain_blocks"
EMAILS = "/api/v1/admin/canonical_email_blocks"
IPS = "/api/v1/admin/ip_blocks"


async def made(client: Client, path: str, status: int = 200, **values: Any) -> dict[str, Any]:
    """What POST answers."""
    found: dict[str, Any] = await json(await client.post(path, json=values), status)
    return found


async def actions(client: Client) -> list[str]:
    """What the log says, oldest first."""
    log = await json(await client.get("/api/v1/admin/audit_log"))
    return [f"{entry['action']} {entry['target']['type']} {entry['target']['label']}" for entry in reversed(log)]


async def test_moderators_may_not_refuse_anything(node: Node) -> None:
    moderator, _ = await staff(node)
    admin, _ = await staff(node, "admin", "read", "write", "admin:read:accounts", "admin:write:accounts")
    for path in (BLOCKS, ALLOWS, EMAIL_DOMAINS, EMAILS, IPS):
        for client in (moderator, admin):
            for method, where in (("GET", path), ("POST", path), ("GET", f"{path}/1"), ("DELETE", f"{path}/1")):
                await json(await client.call(method, where), 403)
    whole, _ = await staff(node, "admin")
    for path in (BLOCKS, ALLOWS, EMAIL_DOMAINS, EMAILS, IPS):
        assert await json(await whole.get(path)) == []
        for method in ("GET", "DELETE"):
            assert await json(await whole.call(method, f"{path}/1"), 404) == {"error": "Record not found"}
        await json(await whole.post(path, json={}), 422)


async def test_a_domain_is_blocked_changed_and_freed(node: Node) -> None:
    client, _ = await staff(node, "admin")
    bob = await builders.remote_account("bob", "bad.example", avatar_url="https://bad.example/bob.png")
    rule = await made(client, BLOCKS, domain="Bad.Example", public_comment="spam")
    assert rule == {
        "id": rule["id"],
        "domain": "bad.example",
        "digest": hashlib.sha256(b"bad.example").hexdigest(),
        "created_at": rule["created_at"],
        "severity": "silence",
        "reject_media": False,
        "reject_reports": False,
        "private_comment": None,
        "public_comment": "spam",
        "obfuscate": False,
        "approve_follows": False,
    }
    path = f"{BLOCKS}/{rule['id']}"
    assert (await builders.fresh(bob)).silenced_at is not None
    for again in ({"domain": "bad.example", "severity": "suspend"}, {"domain": "sub.bad.example", "severity": "noop"}):
        refused = await made(client, BLOCKS, 422, **again)
        assert refused["error"] == "You have already imposed stricter limits on bad.example."
        assert refused["existing_domain_block"] == rule
    await made(client, BLOCKS, domain="sub.bad.example", severity="suspend")
    for values, error in (
        ({}, "Domain can't be blank"),
        ({"domain": "x y"}, "Domain is not a valid domain"),
        ({"domain": "z.example", "severity": "hard"}, "Severity is not included in the list"),
    ):
        assert (await made(client, BLOCKS, 422, **values))["error"] == f"Validation failed: {error}"
    wanted = {"severity": "noop", "reject_media": "true", "obfuscate": "1", "private_comment": "pictures"}
    changed = await json(await client.call("PUT", path, form=wanted))
    assert changed == rule | {
        "severity": "noop",
        "reject_media": True,
        "obfuscate": True,
        "private_comment": "pictures",
    }
    assert await json(await client.get(path)) == changed
    bob = await Account.get(id=bob.id)
    assert (bob.silenced_at, bob.avatar_remote_url) == (None, None)
    again_bob = await accounts.receive_profile(
        builders.profile("bob", "bad.example", avatar_url="https://bad.example/new.png", display_name="Bob")
    )
    assert (again_bob.display_name, again_bob.avatar_remote_url) == ("Bob", None)
    picture = IncomingMedia(url="https://bad.example/1.jpg")
    post = await builders.received(bob, media=(picture,))
    assert not post.has_media
    public = await json(await client.get("/api/v1/instance/domain_blocks"))
    assert [one["domain"] for one in public] == ["sub.bad.example"]
    await json(await client.call("PUT", path, json={"severity": "suspend"}))
    public = await json(await client.get("/api/v1/instance/domain_blocks"))
    assert (public[0]["domain"], public[0]["digest"]) == ("bad.*****le", rule["digest"])
    assert (await builders.fresh(bob)).suspended_at is not None
    await json(await client.call("PUT", path, json={"severity": "odd"}), 422)
    assert await json(await client.call("DELETE", path)) == {}
    assert (await builders.fresh(bob)).suspended_at is None
    assert [one["domain"] for one in await json(await client.get(f"{BLOCKS}?limit=1"))] == ["sub.bad.example"]
    assert await actions(client) == [
        "create DomainBlock bad.example",
        "create DomainBlock sub.bad.example",
        "update DomainBlock bad.example",
        "update DomainBlock bad.example",
        "destroy DomainBlock bad.example",
    ]


def set_up(node: Node, **values: Any) -> None:
    """Run the node with other settings."""
    object.__setattr__(node.parts, "settings", node.parts.settings.model_copy(update=values))


async def test_a_node_that_keeps_to_few_talks_to_the_allowed_alone(node: Node) -> None:
    client, _ = await staff(node, "admin")
    allowed = await made(client, ALLOWS, domain="Good.example")
    assert allowed["domain"] == "good.example" and allowed["created_at"].endswith("Z")
    assert await made(client, ALLOWS, domain="good.example") == allowed
    assert await json(await client.get(ALLOWS)) == [allowed]
    assert not await policy.is_refused("other.example")
    set_up(node, federation=node.parts.settings.federation.model_copy(update={"only_allowed": True}))
    assert not await policy.is_refused("good.example:443") and await policy.is_refused("other.example")
    assert await json(await client.call("DELETE", f"{ALLOWS}/{allowed['id']}")) == {}
    assert await policy.is_refused("good.example")
    assert await actions(client) == ["create DomainAllow good.example", "destroy DomainAllow good.example"]


async def joined(name: str, email: str, address: str = "192.0.2.1") -> User:
    """Somebody signs up."""
    return await sign_up.sign_up(sign_up.SignUp(name, email, "a long enough phrase", address=address))


async def test_blocked_email_addresses_open_no_account(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def exchangers(domain: str) -> list[str]:
        return ["mx.throwaway.example"] if domain == "hidden.example" else []

    monkeypatch.setattr(email_blocks, "mail_exchangers", exchangers)
    client, _ = await staff(node, "admin")
    block = await made(client, EMAIL_DOMAINS, domain="throwaway.example")
    assert block["allow_with_approval"] is False and len(block["history"]) == 7
    watched = await made(client, EMAIL_DOMAINS, domain="odd.example", allow_with_approval=True)
    taken = await made(client, EMAIL_DOMAINS, 422, domain="odd.example")
    assert taken["error"] == "Validation failed: Domain has already been taken"
    for email in ("one@mail.throwaway.example", "one@hidden.example"):
        with pytest.raises(Invalid, match="Email uses a disallowed e-mail provider"):
            await joined("one", email)
    assert (await joined("two", "two@odd.example")).approved_at is None
    assert (await joined("three", "three@fine.example")).approved_at is not None
    shown = await json(await client.get(f"{EMAIL_DOMAINS}/{block['id']}"))
    assert shown["history"][0] == {"day": shown["history"][0]["day"], "accounts": "1", "uses": "2"}
    assert [one["id"] for one in await json(await client.get(EMAIL_DOMAINS))] == [watched["id"], block["id"]]
    address = await made(client, EMAILS, email="Some.Body+news@mail.example")
    assert address["canonical_email_hash"] == hashlib.sha256(b"somebody@mail.example").hexdigest()
    again = await made(client, EMAILS, 422, canonical_email_hash=address["canonical_email_hash"])
    assert again["error"] == "Validation failed: Canonical email hash has already been taken"
    with pytest.raises(Invalid, match="Email has already been taken"):
        await joined("four", "s.omebody@mail.example")
    tested = await json(await client.post(f"{EMAILS}/test", json={"email": "SOMEBODY+x@mail.example"}))
    assert tested == [address] == await json(await client.get(EMAILS))
    missing = await json(await client.post(f"{EMAILS}/test", json={}), 400)
    assert missing["error"] == "param is missing or the value is empty or invalid: email"
    for path, found in ((EMAIL_DOMAINS, block), (EMAILS, address)):
        assert await json(await client.call("DELETE", f"{path}/{found['id']}")) == {}
    await joined("five", "somebody@mail.example")
    bad = await builders.local_account("bad")
    await acted(client, bad, "suspend")
    with pytest.raises(Invalid, match="already been taken"):
        await joined("six", "b.ad+2@mail.example")
    await json(await client.post(f"/api/v1/admin/accounts/{bad.id}/unsuspend"))
    assert await json(await client.get(EMAILS)) == []


async def test_blocked_ip_addresses_may_not_join_or_not_come(node: Node) -> None:
    client, _ = await staff(node, "admin")
    block = await made(client, IPS, ip="192.0.2.77", severity="sign_up_block", comment="bots", expires_in=3600)
    assert (block["ip"], block["severity"], block["comment"]) == ("192.0.2.77/32", "sign_up_block", "bots")
    assert block["expires_at"] > block["created_at"]
    watched = await made(client, IPS, ip="2001:db8::1/48", severity="sign_up_requires_approval")
    assert (watched["ip"], watched["expires_at"]) == ("2001:db8::/48", None)
    for values, error in (
        ({"ip": "x", "severity": "no_access"}, "Ip can't be blank"),
        ({"ip": "192.0.2.77", "severity": "no_access"}, "Ip has already been taken"),
        ({"ip": "192.0.2.78"}, "Severity can't be blank"),
        ({"ip": "192.0.2.78", "severity": "x"}, "Severity is not included in the list"),
    ):
        assert (await made(client, IPS, 422, **values))["error"] == f"Validation failed: {error}"
    with pytest.raises(Forbidden):
        await joined("one", "one@mail.example", "192.0.2.77")
    assert (await joined("two", "two@mail.example", "2001:db8::9")).approved_at is None
    assert (await joined("three", "three@mail.example")).approved_at is not None
    changed = await json(await client.call("PUT", f"{IPS}/{block['id']}", json={"severity": "no_access"}))
    assert changed == block | {"severity": "no_access"}
    assert await ip_blocks.refuses("::ffff:192.0.2.77") and not await ip_blocks.refuses("192.0.2.76")
    assert await json(await client.call("DELETE", f"{IPS}/{block['id']}")) == {}
    assert not await ip_blocks.refuses("192.0.2.77")
    await IpBlock.all().update(expires_at=clock.now() - timedelta(hours=2))
    assert await ip_blocks.forget_expired() == 1


async def test_who_is_shut_out_by_address_is_answered_nothing(node: Node) -> None:
    await builders.post(await builders.local_account())
    public = "/api/v1/timelines/public"
    assert len(await json(await node.client().get(public))) == 1
    set_up(node, trusted_proxies=1)
    await ip_blocks.add("192.0.2.0/24", "no_access")
    shut, other = {"X-Forwarded-For": "192.0.2.5"}, {"X-Forwarded-For": "198.51.100.5"}
    for path in (public, "/api/v2/instance", "/.well-known/nodeinfo"):
        assert await json(await node.client().get(path, headers=shut), 403) == {"error": "This action is not allowed"}
        await json(await node.client().get(path, headers=other))
