"""Custom emojis: this node's own and those of others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from activitypub.render.note import note_object
from federation.outbound import actors, documents
from node.errors import Invalid, NotFound
from node.models.accounts import Account
from node.models.emojis import CustomEmoji
from node.services import emojis
from node.services.emojis import ReceivedEmoji
from tests import builders
from tests.api.client import Node, json
from tests.media.zoo import encoded, png_header_only, quadrants, stored


def animation(path: Path) -> Path:
    """A GIF of two frames."""
    return stored(
        path, encoded(quadrants(40, 30), "GIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")])
    )


def still(path: Path) -> Path:
    """A PNG."""
    return stored(path, encoded(quadrants(40, 30), "PNG"))


async def test_own_emojis_are_offered_shown_where_they_are_used_and_federated(node: Node, tmp_path: Path) -> None:
    await emojis.add("heron", still(tmp_path / "a"), category="Birds")
    await emojis.add("dance", animation(tmp_path / "b"), visible_in_picker=False)
    await emojis.add("off", still(tmp_path / "c"))
    await emojis.change("off", disabled=True)
    dance, heron = await json(await node.client().get("/api/v1/custom_emojis"))
    assert (heron["shortcode"], heron["category"], heron["visible_in_picker"]) == ("heron", "Birds", True)
    assert heron["url"] == heron["static_url"]
    assert "category" not in dance
    assert (dance["visible_in_picker"], dance["url"][-4:], dance["static_url"][-4:]) == (False, ".gif", ".png")
    for url, kind in ((dance["url"], "image/gif"), (dance["static_url"], "image/png")):
        file = await node.client().get(url.removeprefix("https://here.example"))
        assert (file.status_code, file.content_type) == (200, kind)

    alice = await builders.local_account("alice", display_name=":heron: Alice", note="<p>:dance:</p>")
    post = await builders.post(alice, "At dawn :heron: :heron: :off: :nothing: not:heron:here", spoiler_text=":dance:")
    shown = await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
    del heron["category"]
    assert shown["emojis"] == [dance, heron]
    assert shown["account"]["emojis"] == [heron, dance]
    (look,) = await json(await node.client().get(f"/api/v1/statuses/{post.id}/history"))
    assert look["emojis"] == [dance, heron]
    client = await node.signed_in(alice)
    assert (await json(await client.get("/api/v1/accounts/verify_credentials")))["emojis"] == [heron, dance]

    document = await documents.local_post(post.id)
    assert document is not None
    assert [(e.name, e.media_type) for e in document.note.emojis] == [("dance", "image/gif"), ("heron", "image/png")]
    actor = await actors.local_actor(await Account.get(id=alice.id))
    assert [emoji.name for emoji in actor.emojis] == ["heron", "dance"]
    tag = note_object(document.note)["tag"][-1]
    assert tag == {
        "id": "https://here.example/ap/emojis/heron",
        "type": "Emoji",
        "name": ":heron:",
        "icon": {"type": "Image", "mediaType": "image/png", "url": heron["url"]},
        "updated": tag["updated"],
    }
    made = await CustomEmoji.get(shortcode="heron")
    assert datetime.fromisoformat(tag["updated"]) == made.created_at
    ask = {"Accept": "application/activity+json"}
    answer = await node.client().get("/ap/emojis/heron", headers=ask)
    assert answer.content_type == "application/activity+json"
    assert {key: value for key, value in (await answer.get_json()).items() if key != "@context"} == tag
    for nothing in ("off", "nothing", "heron:", "a" * 200, "..", "heron: :dance"):
        assert (await node.client().get(f"/ap/emojis/{nothing}", headers=ask)).status_code == 404


async def test_a_changed_emoji_is_shown_in_what_had_been_rendered_before(node: Node, tmp_path: Path) -> None:
    alice = await builders.local_account("alice", display_name="Alice :heron:")
    post = await builders.post(alice, ":heron:")
    other = await builders.post(alice, "no heron")

    async def shown() -> tuple[int, int]:
        status = await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
        return len(status["emojis"]), len(status["account"]["emojis"])

    assert await shown() == (0, 0)
    await emojis.add("heron", still(tmp_path / "a"))
    await builders.run_jobs()
    assert await shown() == (1, 1)
    assert (await builders.fresh(other)).version == other.version
    await emojis.remove("heron")
    await builders.run_jobs()
    assert await shown() == (0, 0)
    with pytest.raises(NotFound):
        await emojis.remove("heron")


async def test_a_remote_emoji_is_shown_only_for_authors_there(node: Node, tmp_path: Path) -> None:
    await emojis.add("heron", still(tmp_path / "a"))
    named = (ReceivedEmoji("heron", "https://far.example/heron.png"), ReceivedEmoji("eel", "https://far.example/e.gif"))
    bob = await builders.remote_account("bob", "far.example", display_name="Bob :eel:", emojis=named)
    post = await builders.received(bob, content_html="<p>:heron: :kiwi:</p>", emojis=named)
    shown = await json(await node.client().get(f"/api/v1/statuses/{post.id}"))
    (emoji,) = shown["emojis"]
    assert (emoji["shortcode"], emoji["url"]) == ("heron", emoji["static_url"])
    assert emoji["url"].startswith("https://here.example/media/remote/emoji/")
    assert [e["shortcode"] for e in shown["account"]["emojis"]] == ["eel"]
    assert [e["shortcode"] for e in await json(await node.client().get("/api/v1/custom_emojis"))] == ["heron"]
    moved = (ReceivedEmoji("eel", "https://far.example/eel.gif"),)
    await builders.remote_account("bob", "far.example", display_name="Bob :eel:", emojis=moved)
    account = await json(await node.client().get(f"/api/v1/accounts/{bob.id}"))
    (changed,) = account["emojis"]
    assert changed["shortcode"] == "eel"
    assert changed["url"] != shown["account"]["emojis"][0]["url"]
    elsewhere = await builders.received(await builders.remote_account("eve", "other.example"), content_html=":heron:")
    assert (await json(await node.client().get(f"/api/v1/statuses/{elsewhere.id}")))["emojis"] == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_is_no_emoji_is_refused(node: Node, tmp_path: Path) -> None:
    good = still(tmp_path / "good")
    for shortcode in ("", "a", "with space", "ü" * 3, "a" * 101, "../../etc/passwd", "..", "a/b", "a\0b"):
        with pytest.raises(Invalid) as refusal:
            await emojis.add(shortcode, good)
        assert refusal.value.field == "shortcode"
    for data in (b"", b"<svg/>", encoded(quadrants(), "JPEG"), bytes(300_000), png_header_only(50_000, 50_000)):
        with pytest.raises(Invalid) as refusal:
            await emojis.add("bad", stored(tmp_path / "bad", data))
        assert refusal.value.field == "image"
    assert await json(await node.client().get("/api/v1/custom_emojis")) == []
