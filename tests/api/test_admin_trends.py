"""What may trend, as moderators decide; the hashtags there are."""

from __future__ import annotations

from typing import Any

from node import db
from node.ids import new_id
from node.models.posts import Hashtag
from node.queries import hashtags
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements
from tests.api.test_admin_accounts import staff

TRENDS = "/api/v1/admin/trends"
TAGS = "/api/v1/admin/tags"


async def trending(table: str, column: str, number: int) -> None:
    """Have something trend."""
    await db.execute(f"INSERT INTO {table} (id, {column}, score) VALUES (?, ?, 5)", (new_id(), number))


async def names(client: Client, path: str) -> list[str]:
    """The hashtags of a list."""
    return [one["name"] for one in await json(await client.get(path))]


async def test_hashtags_are_listed_and_judged(node: Node) -> None:
    client, _ = await staff(node)
    await builders.post(await builders.local_account(), "#heron #Rail")
    heron, rail = await Hashtag.get(name="heron"), await Hashtag.get(name="rail")
    await db.execute(
        "INSERT INTO hashtag_trends (id, hashtag_id, score, peak, peaked_at) VALUES (?, ?, 5, 5, 0)",
        (new_id(), heron.id),
    )
    assert sorted(await names(client, TAGS)) == ["Rail", "heron"]
    newest = max(heron, rail, key=lambda one: one.id)
    assert await names(client, f"{TAGS}?limit=1") == [newest.display_name]
    assert len(await names(client, f"{TAGS}?max_id={newest.id}")) == 1
    shown = await json(await client.get(f"{TAGS}/{heron.id}"))
    assert len(shown.pop("history")) == 7
    assert shown == {
        "id": str(heron.id),
        "name": "heron",
        "url": shown["url"],
        "following": False,
        "featuring": False,
        "trendable": True,
        "usable": True,
        "requires_review": True,
        "listable": True,
    }
    assert await names(client, f"{TRENDS}/tags") == ["heron"]
    refused = await json(await client.post(f"{TRENDS}/tags/{heron.id}/reject"))
    assert (refused["trendable"], refused["requires_review"]) == (False, False)
    assert await names(client, f"{TRENDS}/tags") == ["heron"]
    assert await names(node.client(), "/api/v1/trends/tags") == []
    assert (await json(await client.post(f"{TRENDS}/tags/{heron.id}/approve")))["trendable"] is True
    assert await names(node.client(), "/api/v1/trends/tags") == ["heron"]
    changed = await json(
        await client.call("PUT", f"{TAGS}/{heron.id}", form={"listable": "false", "display_name": "HeRon"})
    )
    assert (changed["name"], changed["listable"], changed["trendable"]) == ("HeRon", False, True)
    wrong = await json(await client.call("PUT", f"{TAGS}/{heron.id}", json={"display_name": "egret"}), 422)
    assert wrong["error"] == "Validation failed: Display name does not match the previous name"
    counts = []
    for limit in (1, 2):
        hashtags.forget_all()
        with counted_statements() as seen:
            await json(await client.get(f"{TAGS}?limit={limit}"))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    log = await json(await client.get("/api/v1/admin/audit_log"))
    assert [(entry["action"], entry["target"]["label"]) for entry in log] == [
        ("update", "#heron"),
        ("approve", "#heron"),
        ("reject", "#heron"),
    ]


async def test_posts_are_judged_and_links_there_are_none(node: Node) -> None:
    client, _ = await staff(node)
    author = await builders.local_account(discoverable=True)
    post = await builders.post(author)
    await trending("post_trends", "post_id", post.id)

    async def listed(reader: Client, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await json(await reader.get(path))
        return found

    (shown,) = await listed(client, f"{TRENDS}/statuses")
    assert (shown["id"], shown["requires_review"]) == (str(post.id), True)
    refused = await json(await client.post(f"{TRENDS}/statuses/{post.id}/reject"))
    assert (refused["id"], refused["requires_review"]) == (str(post.id), False)
    assert len(await listed(client, f"{TRENDS}/statuses")) == 1
    assert await listed(node.client(), "/api/v1/trends/statuses") == []
    await json(await client.post(f"{TRENDS}/statuses/{post.id}/approve"))
    assert len(await listed(node.client(), "/api/v1/trends/statuses")) == 1
    assert await listed(client, f"{TRENDS}/links") == await listed(client, f"{TRENDS}/links/publishers") == []
    member = await node.signed_in(author, "admin:read", "admin:write")
    reader, _ = await staff(node, "admin", "admin:read:accounts", "admin:write:accounts")
    for path in (f"{TRENDS}/{kind}" for kind in ("tags", "statuses", "links", "links/publishers")):
        for deed in ("approve", "reject"):
            await json(await client.post(f"{path}/1/{deed}"), 404)
            for other in (member, reader):
                await json(await other.post(f"{path}/1/{deed}"), 403)
                await json(await other.get(path), 403)
    for method, path in (("GET", TAGS), ("GET", f"{TAGS}/1"), ("PUT", f"{TAGS}/1")):
        await json(await member.call(method, path), 403)
        await json(await client.call(method, path), 404 if path != TAGS else 200)
