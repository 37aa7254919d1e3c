"""Reports, as moderators work them off."""

from __future__ import annotations

from typing import Any

from api.entities import memory
from node.models.accounts import Account
from node.services import reports, rules
from node.services.reports import Complaint
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements
from tests.api.test_admin_accounts import staff

PATH = "/api/v1/admin/reports"


async def ids(client: Client, query: str = "") -> list[int]:
    """Which reports are listed."""
    return [int(one["id"]) for one in await json(await client.get(f"{PATH}?{query}"))]


async def test_a_report_is_shown_whole_whatever_the_audience_of_its_posts(node: Node) -> None:
    client, me = await staff(node)
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(alice, bob)
    rule = await rules.add("Be kind")
    post = await builders.post(bob, visibility="followers")
    complaint = Complaint(target_id=bob.id, post_ids=(post.id,), rule_ids=(rule.id,), comment="Unkind")
    filed = await reports.file(alice, complaint)
    shown = await json(await client.get(f"{PATH}/{filed.id}"))
    people = {name: shown.pop(name) for name in ("account", "target_account")}
    assert people["account"]["email"] == "alice@mail.example"
    assert people["target_account"]["account"]["acct"] == "bob"
    assert [one["id"] for one in shown.pop("statuses")] == [str(post.id)]
    assert [(one["id"], one["text"]) for one in shown.pop("rules")] == [(str(rule.id), "Be kind")]
    assert shown == {
        "id": str(filed.id),
        "action_taken": False,
        "action_taken_at": None,
        "category": "violation",
        "comment": "Unkind",
        "forwarded": False,
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
        "assigned_account": None,
        "action_taken_by_account": None,
    }
    mine = await json(await client.post(f"{PATH}/{filed.id}/assign_to_self"))
    assert mine["assigned_account"]["id"] == str(me.id)
    assert (await json(await client.post(f"{PATH}/{filed.id}/unassign")))["assigned_account"] is None
    closed = await json(await client.post(f"{PATH}/{filed.id}/resolve"))
    assert closed["action_taken"] is True and closed["action_taken_by_account"]["id"] == str(me.id)
    opened = await json(await client.post(f"{PATH}/{filed.id}/reopen"))
    assert (opened["action_taken"], opened["action_taken_at"], opened["action_taken_by_account"]) == (False, None, None)
    other = await json(await client.call("PUT", f"{PATH}/{filed.id}", json={"category": "spam", "rule_ids": []}))
    assert (other["category"], other["rules"]) == ("spam", [])
    refused = await json(await client.call("PUT", f"{PATH}/{filed.id}", json={"category": "odd"}), 422)
    assert refused["error"] == "Validation failed: Category is not included in the list"
    log = await json(await client.get("/api/v1/admin/audit_log"))
    assert [entry["action"] for entry in log] == ["update", "reopen", "resolve", "unassigned", "assigned_to_self"]
    assert {(entry["target"]["type"], entry["target"]["id"]) for entry in log} == {("Report", str(filed.id))}


async def test_reports_are_listed_and_only_for_staff(node: Node) -> None:
    client, me = await staff(node)
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]

    async def filed(who: Account, target: Account, **values: Any) -> int:
        return (await reports.file(who, Complaint(target_id=target.id, **values))).id

    one, two, three = await filed(alice, bob), await filed(carol, bob), await filed(alice, carol)
    await reports.resolve(one, me)
    assert await ids(client) == [three, two]
    assert await ids(client, "resolved=true") == [one]
    assert await ids(client, "resolved=true&unresolved=true") == [three, two, one]
    assert await ids(client, f"account_id={alice.id}") == [three]
    assert await ids(client, f"target_account_id={bob.id}") == [two]
    assert await ids(client, f"limit=1&max_id={three}") == [two]
    assert f"max_id={three}" in (await client.get(f"{PATH}?limit=1")).headers["Link"]
    await json(await client.get(f"{PATH}?account_id=x"), 400)
    for number in range(3):
        post = await builders.post(bob, f"Bird {number}")
        await filed(alice, bob, post_ids=(post.id,))
    counts = []
    for limit in (1, 5):
        memory.forget_all()
        with counted_statements() as seen:
            await json(await client.get(f"{PATH}?limit={limit}"))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    member, (unscoped, _) = await node.signed_in(alice, "admin:read", "admin:write"), await staff(node, "admin", "read")
    for method, path in (
        *(("GET", path) for path in (PATH, f"{PATH}/{one}")),
        ("PUT", f"{PATH}/{one}"),
        *(("POST", f"{PATH}/{one}/{deed}") for deed in ("assign_to_self", "unassign", "resolve", "reopen")),
    ):
        await json(await member.call(method, path), 403)
        await json(await unscoped.call(method, path), 403)
        await json(await client.call(method, path.replace(str(one), "1")), 404 if path != PATH else 200)
