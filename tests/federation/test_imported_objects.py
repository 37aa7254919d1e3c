"""What is no Note becomes a post all the same: a title that leads to it, its pictures whole, its alt texts."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.media import MediaFile
from node.models.posts import Post
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_received_activities import followed

WEB = "https://blog.example/grebes"
TITLE = {"type": "Image", "url": "https://blog.example/title.jpg", "mediaType": "image/jpeg", "summary": "A grebe"}


def picture(number: int, **values: Any) -> dict[str, Any]:
    """A picture the way WordPress and GoToSocial attach it."""
    return {"type": "Image", "url": f"https://blog.example/{number}.jpg", "mediaType": "image/jpeg", **values}


async def test_pictures_come_whole_whatever_form_they_have(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    await followed(node, ann, await builders.local_account())
    linked = {"type": "Link", "href": "https://blog.example/5.jpg", "mediaType": "image/jpeg"}
    smaller = {**linked, "href": "https://blog.example/5-small.jpg", "height": 100}
    attachments = [
        *(picture(number, name=f"Name {number}", summary=f"Bird {number}") for number in range(5)),
        {"type": "Document", "url": [smaller, {**linked, "height": 900}], "name": "Bird 5"},
    ]
    note = ann.note(attachment=attachments, content=None, contentMap={"de": "<p>Vögel</p>"})
    one = ann.note(attachment=picture(9, name="Alone"))
    for sent in (note, one):
        await node.take(ann.create(sent), ann)
    post = await Post.get(uri=note["id"])
    assert (post.content, post.language) == ("<p>Vögel</p>", "de")
    files = await MediaFile.filter(post_id=post.id).order_by("position")
    assert [file.remote_url for file in files] == [f"https://blog.example/{number}.jpg" for number in range(6)]
    assert [file.description for file in files] == [f"Bird {number}" for number in range(6)]
    assert [file.description for file in await MediaFile.filter(post__uri=one["id"])] == ["Alone"]


@pytest.mark.parametrize("kind", ["Article", "Page", "Event", "Video", "Audio", "Image"])
async def test_an_object_of_another_kind_shows_its_title_its_link_and_its_pictures(
    node: Node, peer: Peer, kind: str
) -> None:
    ann = peer.person("ann")
    await followed(node, ann, await builders.local_account())
    made = ann.note(
        "<p>" + "Long. " * 200 + "</p>",
        type=kind,
        name="Grebes & herons",
        summary="<p>All about them</p>",
        url=[{"type": "Link", "mediaType": "text/html", "href": WEB}, {"type": "Link", "href": "https://x.example/f"}],
        image=TITLE,
        attachment=[picture(1, name="A heron"), TITLE | {"url": "https://blog.example/2.jpg"}],
    )
    await node.take(ann.create(made), ann)
    post = await Post.get(uri=made["id"])
    assert f'<a href="{WEB}"' in post.content and "Grebes &amp; herons" in post.content
    assert "All about them" in post.content and "Long." not in post.content
    assert (post.url, post.spoiler_text) == (WEB, "")
    files = await MediaFile.filter(post_id=post.id).order_by("position")
    assert [file.remote_url for file in files] == [TITLE["url"], *(f"https://blog.example/{n}.jpg" for n in (1, 2))]
    assert [file.description for file in files] == ["A grebe", "A heron", "A grebe"]
