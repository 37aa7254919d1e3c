"""Drafts over the API."""

from __future__ import annotations

from typing import Any

from node.models.drafts import SavedDraft
from node.models.posts import Post
from node.services import media
from tests import builders
from tests.api.client import Client, Node, json
from tests.conftest import HeldClock


async def kept(client: Client, **body: Any) -> Any:
    """The entity of a draft that was just saved."""
    return await json(await client.post("/api/v1/drafts", json=body))


async def test_a_draft_is_kept_changed_and_published(node: Node, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    one, two = await builders.picture(alice), await builders.picture(alice)
    first = await kept(client, status="A her", media_ids=[one.id], visibility="private")
    assert (first["params"]["text"], first["params"]["visibility"]) == ("A her", "private")
    assert first["params"]["media_ids"] == [str(one.id)]
    path = f"/api/v1/drafts/{first['id']}"
    held_clock.advance(60)
    body = {"status": "A heron", "media_ids": [two.id, one.id]}
    changed = await json(await client.call("PUT", path, json=body))
    assert [item["id"] for item in changed["media_attachments"]] == [str(two.id), str(one.id)]
    assert (changed["params"]["visibility"], changed["created_at"]) == (None, first["created_at"])
    assert changed["updated_at"] > first["updated_at"]
    assert await json(await client.get(path)) == changed
    held_clock.advance(48 * 3600)
    assert await media.collect_unposted() == 0
    key = {"Idempotency-Key": "once"}
    posted = await json(await client.post(f"{path}/publish", headers=key))
    assert posted["content"] == "<p>A heron</p>"
    assert [item["id"] for item in posted["media_attachments"]] == [str(two.id), str(one.id)]
    again = await json(await client.post(f"{path}/publish", headers=key))
    assert again["id"] == posted["id"]
    await json(await client.post(f"{path}/publish"), 404)
    assert await Post.all().count() == 1


async def test_what_is_not_complete_stays_a_draft(node: Node) -> None:
    client = await node.signed_in(await builders.local_account())
    empty = await kept(client)
    poll = await kept(client, status="?", poll={"options": ["a"]})
    assert poll["params"]["poll"]["expires_in"] is None
    for draft in (empty, poll):
        await json(await client.post(f"/api/v1/drafts/{draft['id']}/publish"), 422)
        await json(await client.get(f"/api/v1/drafts/{draft['id']}"))
    assert await Post.all().count() == 0


async def test_a_draft_that_says_when_is_scheduled(node: Node, held_clock: HeldClock) -> None:
    client = await node.signed_in(await builders.local_account())
    draft = await kept(client, status="Later", scheduled_at="2026-11-22T13:00:00Z")
    assert draft["params"]["scheduled_at"] == "2026-11-22T13:00:00.000Z"
    waiting = await json(await client.post(f"/api/v1/drafts/{draft['id']}/publish"), 202)
    assert waiting["scheduled_at"] == "2026-11-22T13:00:00.000Z"
    assert await json(await client.get("/api/v1/scheduled_statuses")) == [waiting]
    assert await json(await client.get("/api/v1/drafts")) == []


async def test_drafts_are_paged_and_their_author_s_alone(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    client, other = await node.signed_in(alice), await node.signed_in(bob)
    made = [await kept(client, status=text) for text in "abc"]
    page = await client.get("/api/v1/drafts?limit=2")
    assert [item["id"] for item in await json(page)] == [made[2]["id"], made[1]["id"]]
    assert f"max_id={made[1]['id']}" in page.headers["Link"]
    upwards = await json(await client.get(f"/api/v1/drafts?limit=1&min_id={made[0]['id']}"))
    assert [item["id"] for item in upwards] == [made[1]["id"]]
    path = f"/api/v1/drafts/{made[0]['id']}"
    assert await json(await other.get("/api/v1/drafts")) == []
    await json(await other.get(path), 404)
    await json(await other.call("PUT", path, json={"status": "x"}), 404)
    await json(await other.call("DELETE", path), 404)
    await json(await other.post(f"{path}/publish"), 404)
    await json(await node.client().get("/api/v1/drafts"), 401)
    await json(await (await node.signed_in(alice, "read")).post("/api/v1/drafts", json={}), 403)
    assert await json(await client.call("DELETE", path)) == {}
    await json(await client.get(path), 404)


async def test_what_a_draft_cannot_hold_is_refused(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    client = await node.signed_in(alice)
    theirs, mine = await builders.picture(bob), await builders.picture(alice)
    await json(await client.post("/api/v1/drafts", json={"media_ids": [theirs.id]}), 422)
    await json(await client.post("/api/v1/drafts", json={"status": "x" * 300_000}), 422)
    await kept(client, media_ids=[mine.id])
    await json(await client.post("/api/v1/drafts", json={"media_ids": [mine.id]}), 422)
    await SavedDraft.bulk_create([SavedDraft(account_id=alice.id) for _ in range(299)])
    answer = await json(await client.post("/api/v1/drafts", json={"status": "one more"}), 422)
    assert answer["error"] == "Validation failed: You have exceeded the limit of 300 drafts"
