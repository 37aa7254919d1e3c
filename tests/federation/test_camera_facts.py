"""What cameras wrote, as photographers of other servers show it (FEP-ee3a)."""

from __future__ import annotations

from typing import Any

import msgspec

from api.entities.media import render
from node.models.posts import Post
from node.queries import content
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_received_activities import followed


def fields(**facts: Any) -> list[dict[str, Any]]:
    return [{"@type": "PropertyValue", "name": name, "value": value} for name, value in facts.items()]


async def shown_of(post: Post) -> Any:
    (row,) = await content.media([post.id])
    return msgspec.to_builtins(render(row))["camera"]


async def test_the_facts_of_others_photographs_are_shown_and_their_places_are_not(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    await followed(node, ann, await builders.local_account())
    picture = {"type": "Document", "mediaType": "image/jpeg", "url": f"{peer.origin}/1.jpg"}
    told = fields(
        Make="Nikon",
        Model="F3 \n ",
        LensModel=["no text"],
        Film="Tri-X " * 40,
        ExposureTime="1/250",
        FNumber="f/1.8",
        PhotographicSensitivity=400,
        FocalLength="50 mm",
        DateTime="2024:05:06 07:08:09",
        OffsetTime="+02:00",
        GPSLatitude="52.1",
        GPSLongitude="13.2",
    )
    note = ann.note(attachment=[{**picture, "exifData": told}])
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    shown = await shown_of(post)
    assert shown.pop("film").startswith("Tri-X Tri-X")
    assert shown == {
        "make": "Nikon",
        "model": "F3",
        "exposure_time": 0.004,
        "f_number": 1.8,
        "iso": 400,
        "focal_length": 50.0,
        "taken_at": "2024-05-06T07:08:09+02:00",
    }
    kept = str(await post.media.all().values("camera"))
    assert "52.1" not in kept
    assert "13.2" not in kept

    nonsense = fields(
        ExposureTime="1/0",
        FNumber="-3",
        PhotographicSensitivity="1e99",
        FocalLength={"a": 1},
        DateTime="2024:13:06 07:08:09",
    )
    for exif in ([*nonsense, "text", {"name": "Make"}, {"name": 7, "value": "x"}], "text", 7, {"@list": 3}, None):
        changed = {**note, "updated": "2033-01-01T00:00:00Z", "attachment": [{**picture, "exifData": exif}]}
        await node.take(ann.activity("Update", changed), ann)
    assert await shown_of(post) is None
    single = {"type": "PropertyValue", "name": "DateTimeOriginal", "value": "2024-05-06T07:08:09.123Z"}
    again = {**note, "updated": "2034-01-01T00:00:00Z", "attachment": [{**picture, "exifData": single}]}
    await node.take(ann.activity("Update", again), ann)
    assert await shown_of(post) == {"taken_at": "2024-05-06T07:08:09+00:00"}
