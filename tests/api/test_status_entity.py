"""Every status answer is a `Status`, no more and no less."""

from __future__ import annotations

from typing import Any

import msgspec

from api.entities.status import Status
from node.services import shares
from tests import builders
from tests.api.client import Node, json


def check(shown: dict[str, Any], *, signed_in: bool) -> None:
    """That the answer decodes into `Status` and says nothing `Status` does not know, at any depth."""
    decoded = msgspec.convert(shown, Status)
    assert msgspec.to_builtins(decoded) == shown
    for deed in ("favourited", "reblogged", "bookmarked", "muted", "filtered"):
        assert (deed in shown) is signed_in
    for inner in (shown["reblog"], (shown["quote"] or {}).get("quoted_status")):
        if inner is not None:
            check(inner, signed_in=signed_in)


async def test_every_kind_of_status_is_one_for_everybody(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    picture = await builders.picture(alice, description="a heron", width=800, height=600, blurhash="LEHV6nWB2y")
    photo = await builders.post(
        alice, "#Heron @bob", media_ids=(picture.id,), place_name="Lough Neagh", spoiler_text="birds", language="en"
    )
    comment = await builders.post(bob, "@alice fine", parent_id=photo.id)
    quote = await builders.post(bob, "Look", quoted_post_id=photo.id)
    again = await builders.post(alice, "Look again", quoted_post_id=quote.id)
    share = await shares.share(bob, again.id)
    received = await builders.received(await builders.remote_account())
    types = {}
    for viewer in (await node.signed_in(alice), await node.signed_in(bob), node.client()):
        for post in (photo, comment, quote, again, share, received):
            shown = await json(await viewer.get(f"/api/v1/statuses/{post.id}"))
            check(shown, signed_in=viewer.token is not None)
            types[shown["pf_type"]] = (shown["local"], shown["content_text"], shown["reply_count"])
        context = await json(await viewer.get(f"/api/v1/statuses/{photo.id}/context"))
        assert [item["id"] for item in context["descendants"]] == [str(comment.id)]
    assert types["photo"] == (True, "#Heron @bob", 1)
    assert types["reply"] == (True, "@alice fine", 0)
    assert types["text"] == (False, "A kingfisher", 0)
    assert "share" in types


async def test_a_warning_makes_a_post_sensitive_and_alone_is_its_text(node: Node) -> None:
    client = await node.signed_in(await builders.local_account("alice"))
    shown = await json(await client.post("/api/v1/statuses", json={"status": "Look", "spoiler_text": "birds"}))
    assert (shown["sensitive"], shown["spoiler_text"], shown["content"]) == (True, "birds", "<p>Look</p>")
    shown = await json(await client.post("/api/v1/statuses", json={"spoiler_text": "birds", "status": " "}))
    assert (shown["sensitive"], shown["spoiler_text"], shown["content"]) == (True, "", "<p>birds</p>")
    missing = await json(await client.post("/api/v1/statuses", json={"status": "a", "in_reply_to_id": "1"}), 404)
    assert missing["error"] == "The post you are trying to reply to does not appear to exist."
