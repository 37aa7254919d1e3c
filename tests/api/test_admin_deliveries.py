"""What admins see and decide of deliveries to other servers."""

from __future__ import annotations

from federation.outbound.send import send
from node.models.federation import Delivery, RemoteHost
from tests import builders
from tests.api.client import Node, json
from tests.api.test_admin_accounts import staff
from tests.api.test_admin_blocks import actions

PATH = "/api/v1/admin/delivery"


async def queued(*inboxes: str) -> None:
    """Three activities for each of these inboxes."""
    me = await builders.local_account()
    for number in range(3):
        document = {"id": f"{me.uri}#test/{number}", "type": "Like", "actor": me.uri, "object": "https://x.example/1"}
        await send(me.id, document, inboxes)


async def test_an_admin_sees_host_by_host_what_waits_and_has_it_retried_or_dropped(node: Node) -> None:
    client, _ = await staff(node, "admin")
    await queued("https://a.example/inbox", "https://b.example:8443/inbox", "https://c.example/inbox")
    await Delivery.filter(host="a.example").update(failed=True, attempts=16, error="took longer than 30 s")
    await RemoteHost.create(host="a.example", failures=12, failing_since=1_000, last_error="took longer than 30 s")
    found = await json(await client.get(f"{PATH}/hosts?limit=2"))
    assert [(host["host"], host["waiting"], host["failed"]) for host in found] == [
        ("a.example", 0, 3),
        ("b.example:8443", 3, 0),
    ]
    assert found[0]["first_failure_at"] == "1970-01-01T00:00:01.000Z"
    assert (found[0]["failures"], found[0]["last_error"], found[0]["next_try_at"]) == (
        12,
        "took longer than 30 s",
        None,
    )
    behind = await json(await client.get(f"{PATH}/hosts?after=b.example:8443"))
    assert [host["host"] for host in behind] == ["c.example"]
    rows = await json(await client.get(f"{PATH}/hosts/A.example/deliveries?limit=2"))
    assert [(row["state"], row["error"], row["inbox"]) for row in rows] == [
        ("failed", "took longer than 30 s", "https://a.example/inbox")
    ] * 2
    older = await json(await client.get(f"{PATH}/hosts/a.example/deliveries?max_id={rows[-1]['id']}"))
    assert len(older) == 1
    assert await json(await client.post(f"{PATH}/hosts/a.example/retry")) == {"count": 3}
    host = await json(await client.get(f"{PATH}/hosts/a.example"))
    assert (host["waiting"], host["failed"], host["failures"], host["first_failure_at"]) == (3, 0, 0, None)
    assert await json(await client.post(f"{PATH}/hosts/b.example:8443/drop")) == {"count": 3}
    await json(await client.get(f"{PATH}/hosts/b.example:8443"), 404)
    assert (await json(await client.get(PATH)))["waiting"] == 6
    for method, path in (("GET", ""), ("GET", "/deliveries"), ("POST", "/retry"), ("POST", "/drop")):
        await json(await client.call(method, f"{PATH}/hosts/nobody.example{path}"), 404)
    assert await actions(client) == ["retry Delivery a.example", "drop Delivery b.example:8443"]


async def test_an_admin_pauses_and_resumes_all_of_it(node: Node) -> None:
    client, _ = await staff(node, "admin")
    await json(await client.post(f"{PATH}/resume"), 404)
    paused = await json(await client.post(f"{PATH}/pause", json={"reason": "moving house"}))
    assert (paused["paused"], paused["reason"], bool(paused["paused_at"])) == (True, "moving house", True)
    assert (await json(await client.post(f"{PATH}/pause")))["reason"] == "moving house"
    assert (await json(await client.post(f"{PATH}/resume")))["paused"] is False
    assert (await actions(client))[0] == "pause Delivery moving house"
    assert (await actions(client))[-1].startswith("resume Delivery")


async def test_nobody_else_sees_or_decides_any_of_it(node: Node) -> None:
    await queued("https://a.example/inbox")
    moderator, _ = await staff(node)
    reading, _ = await staff(node, "admin", "read", "write", "admin:read:accounts")
    for client in (moderator, reading):
        for path in ("", "/hosts", "/hosts/a.example", "/hosts/a.example/deliveries"):
            await json(await client.get(f"{PATH}{path}"), 403)
        for path in ("/pause", "/resume", "/hosts/a.example/retry", "/hosts/a.example/drop"):
            await json(await client.post(f"{PATH}{path}"), 403)
    await json(await node.client().get(PATH), 401)
    assert await Delivery.all().count() == 3
