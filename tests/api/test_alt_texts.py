"""Alt texts: reminders, posts that are refused without, and those that lack them."""

from __future__ import annotations

from typing import Any

from tests import builders
from tests.api.client import Node, json

PATH = "/api/v1/alt_text_reminders"


async def test_who_requires_alt_texts_posts_nothing_without(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    described = await builders.picture(alice, description="A heron")
    bare, other = await builders.picture(alice), await builders.picture(alice)
    sound = await builders.picture(alice, kind="audio")
    files = [described, bare, sound]
    query = "&".join(f"media_ids[]={file.id}" for file in (bare, described, sound, other))
    assert await json(await client.get(f"{PATH}?{query}")) == {
        "remind": "off",
        "missing": [str(bare.id), str(other.id)],
    }
    await json(await client.call("PUT", PATH, json={"remind": "always"}), 422)
    await json(await (await node.signed_in(alice, "read")).call("PUT", PATH, json={"remind": "warn"}), 403)

    async def publish(status: int, *ids: int, **more: Any) -> Any:
        wanted = {"status": "x", "media_ids": [str(number) for number in ids], **more}
        return await json(await client.post("/api/v1/statuses", json=wanted), status)

    async def wish(word: str) -> None:
        assert (await json(await client.call("PUT", PATH, json={"remind": word})))["remind"] == word

    await wish("warn")
    shown = await publish(200, *(file.id for file in files))
    await wish("require")
    assert (await json(await client.get("/api/v1.1/compose/settings")))["media_descriptions"] is True
    refused = await publish(422, other.id)
    assert str(other.id) in refused["error"]
    await publish(422, other.id, scheduled_at="2999-01-01T00:00:00Z")
    saved = await json(await client.post("/api/v1/drafts", json={"media_ids": [str(other.id)]}))
    await json(await client.post(f"/api/v1/drafts/{saved['id']}/publish"), 422)
    edit = f"/api/v1/statuses/{shown['id']}"
    await json(await client.call("PUT", edit, json={"status": "words alone"}))
    blank = [{"id": str(described.id), "description": ""}]
    await json(await client.call("PUT", edit, json={"status": "y", "media_attributes": blank}), 422)
    of_described = f"/api/v1/media/{described.id}"
    await json(await client.call("PUT", of_described, json={"description": " ", "focus": "0.5,0.5"}), 422)
    await json(await client.call("PUT", of_described, json={"focus": "0,0"}))
    await json(await client.call("PUT", f"/api/v1/media/{bare.id}", json={"description": "", "focus": "0,0"}))
    for words in ("Waves", ""):
        await json(await client.call("PUT", f"/api/v1/media/{sound.id}", json={"description": words}))
    assert (await json(await client.get(edit)))["media_attachments"][0]["description"] == "A heron"

    await json(await client.call("PUT", f"/api/v1/media/{other.id}", json={"description": "A grebe"}))
    made = await json(await client.post(f"/api/v1/drafts/{saved['id']}/publish"))
    assert made["media_attachments"][0]["description"] == "A grebe"

    bobs = await node.signed_in(await builders.local_account("bob"))
    assert [item["id"] for item in await json(await client.get(f"{PATH}/statuses"))] == [shown["id"]]
    assert await json(await bobs.get(f"{PATH}/statuses")) == []
    assert (await json(await bobs.get(f"{PATH}?{query}")))["missing"] == []
    attributes = [{"id": str(bare.id), "description": "A quay"}]
    await json(await client.call("PUT", edit, json={"status": "y", "media_attributes": attributes}))
    assert await json(await client.get(f"{PATH}/statuses")) == []
