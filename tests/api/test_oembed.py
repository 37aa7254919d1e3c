"""oEmbed: how other sites show a post."""

from __future__ import annotations

import pytest

from node import urls
from node.models.media import MediaFile
from tests import builders
from tests.api.client import Node, json

PATH = "/api/oembed"
VARIANTS = {"feed": {"key": "aa/bb/heron.jpg", "type": "image/jpeg", "width": 640, "height": 480, "bytes": 1}}


async def test_a_public_post_is_shown_with_its_picture_and_without_scripts(node: Node) -> None:
    alice = await builders.local_account("alice", display_name='Alice <"a">')
    file = await builders.picture(alice, description='A "heron"')
    await MediaFile.filter(id=file.id).update(variants=VARIANTS)
    post = await builders.post(alice, "At dawn\n<script>", media_ids=(file.id,))
    shown = await json(await node.client().get(urls.oembed(post.url or "").removeprefix("https://here.example")))
    assert (shown["type"], shown["version"], shown["width"], shown["height"]) == ("rich", "1.0", 400, None)
    assert (shown["author_name"], shown["author_url"]) == ('Alice <"a">', "https://here.example/@alice")
    assert (shown["provider_name"], shown["provider_url"]) == ("here.example", "https://here.example/")
    assert (shown["thumbnail_width"], shown["thumbnail_height"]) == (640, 480)
    assert shown["thumbnail_url"] == "https://here.example/media/aa/bb/heron.jpg"
    assert 'alt="A &quot;heron&quot;"' in shown["html"]
    assert "At dawn<br>&lt;script&gt;" in shown["html"]
    assert "<script" not in shown["html"]
    query = {"url": post.uri, "maxwidth": "99999", "maxheight": "300"}
    sized = await json(await node.client().get(PATH, query_string=query))
    assert (sized["width"], sized["height"]) == (1080, 300)
    covered = await builders.post(alice, "Blood", spoiler_text="Not for lunch", sensitive=True)
    veiled = await json(await node.client().get(PATH, query_string={"url": covered.url}))
    assert "Blood" not in veiled["html"]
    assert "Not for lunch" in veiled["html"]
    assert "thumbnail_url" not in veiled


async def test_what_is_not_public_or_not_here_is_not_found(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account()
    hidden = await builders.post(alice, visibility="followers")
    far = await builders.received(bob)
    for url in (hidden.url, hidden.uri, far.uri, "https://here.example/@alice", "", "x", "https://here.example/@a/1"):
        await json(await node.client().get(PATH, query_string={"url": url}), 404)


@pytest.mark.parametrize(("query", "status"), [("format=xml", 400), ("maxwidth=x", 400)])
async def test_what_cannot_be_answered_says_so(node: Node, query: str, status: int) -> None:
    await json(await node.client().get(f"{PATH}?url=x&{query}"), status)
