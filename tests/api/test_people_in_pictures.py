"""People tagged in pictures: consent, the queue of those who decide by hand, lists, edits and removal."""

from __future__ import annotations

from typing import Any

from node.models.accounts import User
from node.models.posts import Mention
from node.services import blocks, people_in_pictures
from tests import builders
from tests.api.client import Client, Node, json


def tags(media_id: int, *people: tuple[int, float, float]) -> list[dict[str, Any]]:
    return [{"id": str(media_id), "people": [{"account_id": str(who), "x": x, "y": y} for who, x, y in people]}]


async def post(client: Client, status: int, media: list[int], attributes: object) -> Any:
    body = {"status": "A picnic", "media_ids": [str(number) for number in media], "media_attributes": attributes}
    return await json(await client.post("/api/v1/statuses", json=body), status)


async def test_people_are_tagged_told_listed_and_leave_for_good(node: Node) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    far = await builders.remote_account("far")
    alices, bobs = await node.signed_in(alice), await node.signed_in(bob)
    one, two = await builders.picture(alice), await builders.picture(alice)
    made = await post(
        alices, 200, [one.id, two.id], tags(one.id, (bob.id, 0.25, 0.5), (far.id, 1, 0)) + tags(two.id, (bob.id, 0, 1))
    )
    first, second = made["media_attachments"]
    assert [(seen["account"]["acct"], seen["x"], seen["y"]) for seen in first["people"]] == [
        ("bob", 0.25, 0.5),
        ("far@remote.example", 1, 0),
    ]
    assert [seen["account"]["id"] for seen in second["people"]] == [str(bob.id)]
    assert made["mentions"] == []
    assert await builders.told(bob) == [("tagged", alice.id, int(made["id"]))]
    told = await json(await bobs.get("/api/v2/notifications?supported_fallback_types=&grouped_types[]=x"))
    assert told["notification_groups"][0]["type"] == "tagged"
    listed = f"/api/v1/accounts/{bob.id}/tagged"
    assert [item["id"] for item in await json(await node.client().get(listed))] == [made["id"]]

    await blocks.block(carol, alice)
    carols = await node.signed_in(carol)
    assert await json(await carols.get(listed)) == []
    await blocks.block(bob, carol)
    await json(await carols.get(listed), 404)

    path = f"/api/v1/statuses/{made['id']}"
    edited = await json(
        await alices.call("PUT", path, json={"status": "x", "media_attributes": tags(one.id, (bob.id, 0.3, 0.5))})
    )
    assert [[seen["x"] for seen in item["people"]] for item in edited["media_attachments"]] == [[0.3], [0]]
    left = await json(await bobs.post(f"{path}/untag"))
    assert [item["people"] for item in left["media_attachments"]] == [[], []]
    assert await json(await node.client().get(listed)) == []
    await json(await bobs.post(f"{path}/untag"), 404)
    await json(await alices.call("PUT", path, json={"media_attributes": tags(one.id, (bob.id, 0.3, 0.5))}), 422)
    await json(await alices.call("PUT", path, json={"media_attributes": tags(one.id + 1000, (far.id, 0.3, 0.5))}), 422)
    await json(await (await node.signed_in(bob, "read")).post(f"{path}/untag"), 403)


async def test_consent_decides_who_is_shown(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    alices, bobs = await node.signed_in(alice), await node.signed_in(bob)
    consent = "/api/v1/picture_tags/consent"
    assert await json(await bobs.get(consent)) == {"allow": "everybody"}
    await json(await bobs.call("PUT", consent, json={"allow": "friends"}), 422)

    async def wish(word: str) -> None:
        assert await json(await bobs.call("PUT", consent, json={"allow": word})) == {"allow": word}

    async def tag(status: int) -> Any:
        picture = await builders.picture(alice)
        return await post(alices, status, [picture.id], tags(picture.id, (bob.id, 0.5, 0.5)))

    await wish("nobody")
    refused = await tag(422)
    assert str(bob.id) in refused["error"]
    await wish("following")
    await tag(422)
    await builders.following(bob, alice)
    assert (await tag(200))["media_attachments"][0]["people"]

    await wish("by_hand")
    waiting = [await tag(200), await tag(200)]
    assert [made["media_attachments"][0]["people"] for made in waiting] == [[], []]
    asked = await json(await bobs.get("/api/v1/picture_tags/requests"))
    assert [(item["status"]["id"], item["x"]) for item in asked] == [(made["id"], 0.5) for made in waiting[::-1]]
    requests = "/api/v1/picture_tags/requests"
    await json(await alices.post(f"{requests}/{asked[0]['id']}/accept"), 404)
    await json(await bobs.post(f"{requests}/{asked[0]['id']}/accept"))
    await json(await bobs.post(f"{requests}/{asked[0]['id']}/accept"), 404)
    await json(await bobs.post(f"{requests}/{asked[1]['id']}/reject"))
    assert await json(await bobs.get(requests)) == []
    shown = [await json(await alices.get(f"/api/v1/statuses/{made['id']}")) for made in waiting]
    assert [len(item["media_attachments"][0]["people"]) for item in shown] == [0, 1]

    await wish("everybody")
    await blocks.block(bob, alice)
    await tag(422)
    assert await Mention.filter(account_id=bob.id).count() == 3

    picture = await builders.picture(alice)
    for wrong in (
        tags(picture.id, (alice.id, 1.5, 0)),
        tags(picture.id, *[(alice.id, 0, 0)] * 2),
        tags(picture.id, *[(number, 0, 0) for number in range(1, 22)]),
        tags(picture.id, (77, 0, 0)),
        tags(1, (alice.id, 0, 0)),
    ):
        await json(
            await alices.post("/api/v1/statuses", json={"media_ids": [str(picture.id)], "media_attributes": wrong}), 422
        )


async def test_drafts_keep_who_is_tagged(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client, picture = await node.signed_in(alice), await builders.picture(alice)
    body = {"media_ids": [str(picture.id)], "media_attributes": tags(picture.id, (bob.id, 0.1, 0.2))}
    saved = await json(await client.post("/api/v1/drafts", json=body))
    assert saved["params"]["media_attributes"] == body["media_attributes"]
    bobs = await User.get(account_id=bob.id)
    await people_in_pictures.change_wish(bobs.id, "nobody")
    await json(await client.post(f"/api/v1/drafts/{saved['id']}/publish"), 422)
    await people_in_pictures.change_wish(bobs.id, "everybody")
    made = await json(await client.post(f"/api/v1/drafts/{saved['id']}/publish"))
    assert made["media_attachments"][0]["people"][0]["y"] == 0.2
